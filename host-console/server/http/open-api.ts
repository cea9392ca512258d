import { Failure, Problem } from '@rostrum/contracts';
import { z } from 'zod';
import { CSV_TYPE } from '../csv.ts';
import { NDJSON, type Route } from './route.ts';
import { isV1, PROBLEM_JSON } from './v1/problems.ts';

const TYPES = { ndjson: NDJSON, csv: CSV_TYPE } as const;

function parametersOf({ path, query }: Route): { parameters?: Record<string, unknown>[] } {
  const names = [...path.matchAll(/:(\w+)/g)].flatMap(([, name]) => name ?? []);
  const { properties = {} } = query ? z.toJSONSchema(query, { io: 'input' }) : {};
  const parameters = [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema })),
  ];
  return parameters.length === 0 ? {} : { parameters };
}

/**
 * Any one of them is enough. For schemes that are no OAuth, 3.1 lets the list name what they have to be good for. The session is that
 * of the console's own pages.
 */
function securityOf({ bearer, scope }: Route): Record<string, string[]>[] {
  if (bearer === 'account') return [{ session: [] }];
  return [
    ...(bearer === 'optional' ? [{}] : []),
    { bearer: [] },
    ...(bearer === true ? [{ session: [] }] : []),
    ...(scope === undefined ? [] : [{ apiToken: [scope] }]),
  ];
}

/** The OpenAPI 3.1 document of all operations, made from the schemas that validate. */
export function openApi(routes: Readonly<Record<string, Route>>, publicUrl: string): Record<string, unknown> {
  const json = (schema: z.ZodType, io: 'input' | 'output', type = 'application/json') => {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
    return { [type]: { schema: rest } };
  };
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operationId, route] of Object.entries(routes)) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method] = {
      operationId,
      summary: route.summary,
      ...parametersOf(route),
      ...(route.bearer ? { security: securityOf(route) } : {}),
      ...(route.body ? { requestBody: { required: true, content: json(route.body, 'input') } } : {}),
      responses: {
        [route.status]: {
          description: 'Done.',
          content: json(route.answer, 'output', route.form && TYPES[route.form]),
        },
        default: {
          description: 'What went wrong.',
          content: isV1(path)
            ? json(Problem, 'output', PROBLEM_JSON)
            : json(z.object({ error: Failure }), 'output'),
        },
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Rostrum', version: '1', description: 'Webinars, their links and their attendees.' },
    servers: [{ url: publicUrl }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'The token of a link.' },
        apiToken: { type: 'http', scheme: 'bearer', description: 'A secret that begins with rst_.' },
        // Behind TLS; without it the name has no prefix.
        session: { type: 'apiKey', in: 'cookie', name: '__Host-rostrum-session' },
      },
    },
  };
}
