import {
  AttendeeToken,
  CreateLink,
  CreateWebinar,
  Failure,
  JoinAsAttendee,
  Link,
  LinkSummary,
  MediaRight,
  PublicWebinar,
  QualityRow,
  ViewerMeasurements,
  WebinarList,
  WebinarSummary,
} from '@rostrum/contracts';
import { z } from 'zod';

export interface Route {
  readonly method: 'get' | 'post' | 'delete';
  readonly path: string;
  readonly summary: string;
  /** false: anyone may; 'optional': anyone may, and a bearer is somebody. */
  readonly bearer: boolean | 'optional';
  readonly body: z.ZodType | null;
  readonly status: 200 | 201;
  readonly answer: z.ZodType;
  /** The answer's form, where it is not JSON: `ndjson` has one `answer` a line. */
  readonly form?: 'ndjson';
}

export const NDJSON = 'application/x-ndjson';

/** The HTTP API as data: the server registers these, and OpenAPI describes them. */
export const ROUTES = {
  createWebinar: {
    method: 'post',
    path: '/api/webinars',
    summary: 'Plan a webinar (owner).',
    bearer: true,
    body: CreateWebinar,
    status: 201,
    answer: WebinarSummary,
  },
  listWebinars: {
    method: 'get',
    path: '/api/webinars',
    summary:
      'The webinars the bearer runs, newest first: every one for the owner, their own for host and moderator.',
    bearer: true,
    body: null,
    status: 200,
    answer: WebinarList,
  },
  getWebinar: {
    method: 'get',
    path: '/api/webinars/:id',
    summary: 'One webinar (owner, or its host or moderator).',
    bearer: true,
    body: null,
    status: 200,
    answer: WebinarSummary,
  },
  cancelWebinar: {
    method: 'delete',
    path: '/api/webinars/:id',
    summary:
      'Gives up a webinar without a recording, planned or ended (owner, or its host): it is listed no more. A conflict for others.',
    bearer: true,
    body: null,
    status: 200,
    answer: WebinarSummary,
  },
  deleteRecording: {
    method: 'delete',
    path: '/api/webinars/:id/recording',
    summary:
      'Deletes an ended webinar’s recording for good, copies and caches too (owner, or its host). `remains` of the webinar says what is not gone yet.',
    bearer: true,
    body: null,
    status: 200,
    answer: WebinarSummary,
  },
  quality: {
    method: 'get',
    path: '/api/webinars/:id/quality',
    summary:
      'The quality log: how the networks of those on the stage fared, oldest first (owner, or its host or moderator). In memory only, and for an hour after the last row.',
    bearer: true,
    body: null,
    status: 200,
    answer: QualityRow,
    form: 'ndjson',
  },
  createLink: {
    method: 'post',
    path: '/api/webinars/:id/links',
    summary: 'A signed link for one person (owner, or the webinar’s host).',
    bearer: true,
    body: CreateLink,
    status: 201,
    answer: Link,
  },
  listLinks: {
    method: 'get',
    path: '/api/webinars/:id/links',
    summary:
      'Links that were made for somebody, newest first, and who is connected by them (owner, or its host).',
    bearer: true,
    body: null,
    status: 200,
    answer: z.object({ links: z.array(LinkSummary) }),
  },
  revokeLink: {
    method: 'delete',
    path: '/api/webinars/:id/links/:linkId',
    summary: 'Takes a link back, and closes the connections made by it (owner, or its host).',
    bearer: true,
    body: null,
    status: 200,
    answer: z.object({}),
  },
  revokeLinks: {
    method: 'delete',
    path: '/api/webinars/:id/links',
    summary: 'Takes all links of a webinar back, attendees’ too (owner).',
    bearer: true,
    body: null,
    status: 200,
    answer: z.object({}),
  },
  removePerson: {
    method: 'delete',
    path: '/api/webinars/:id/people/:personId',
    summary:
      'Removes a person for good, with what they asked and is still open (owner, or its host). Nobody removes themselves or the owner.',
    bearer: true,
    body: null,
    status: 200,
    answer: z.object({}),
  },
  revokeOwnerLinks: {
    method: 'delete',
    path: '/api/owner/links',
    summary: 'Takes back every link of the owner, and answers a new one (owner).',
    bearer: true,
    body: null,
    status: 200,
    answer: z.object({ url: z.string() }),
  },
  joinAsAttendee: {
    method: 'post',
    path: '/api/webinars/:id/attendees',
    summary:
      'An attendee’s token for an open webinar; with an attendee’s own as bearer, a new name for them.',
    bearer: 'optional',
    body: JoinAsAttendee,
    status: 201,
    answer: AttendeeToken,
  },
  mediaRight: {
    method: 'post',
    path: '/api/webinars/:id/right',
    summary:
      'The right to watch a private webinar, as cookies for its media (anybody of the webinar, and the owner). To be asked for again while one watches.',
    bearer: true,
    body: null,
    status: 200,
    answer: z.object({ right: MediaRight }),
  },
  publicWebinar: {
    method: 'get',
    path: '/api/webinars/:id/public',
    summary: 'Title, phase and start of an open webinar, and its playlist while it is live.',
    bearer: false,
    body: null,
    status: 200,
    answer: PublicWebinar,
  },
  viewerMeasurements: {
    method: 'post',
    path: '/api/measurements',
    summary:
      'What a viewer’s player measured in a minute, as JSON of at most 1 KB under any content type. Added up, never kept.',
    bearer: false,
    body: ViewerMeasurements,
    status: 200,
    answer: z.object({}),
  },
} as const satisfies Record<string, Route>;

function parametersOf(path: string): { parameters?: Record<string, unknown>[] } {
  const names = [...path.matchAll(/:(\w+)/g)].flatMap(([, name]) => name ?? []);
  const parameters = names.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  return parameters.length === 0 ? {} : { parameters };
}

/** The OpenAPI 3.1 document, made from the schemas that validate. */
export function openApi(publicUrl: string): Record<string, unknown> {
  const json = (schema: z.ZodType, io: 'input' | 'output', type = 'application/json') => {
    const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
    return { [type]: { schema: rest } };
  };
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [operationId, route] of Object.entries(ROUTES) as [string, Route][]) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] ??= {};
    paths[path][route.method] = {
      operationId,
      summary: route.summary,
      ...parametersOf(route.path),
      ...(route.bearer ? { security: [...(route.bearer === 'optional' ? [{}] : []), { bearer: [] }] } : {}),
      ...(route.body ? { requestBody: { required: true, content: json(route.body, 'input') } } : {}),
      responses: {
        [route.status]: { description: 'Done.', content: json(route.answer, 'output', route.form && NDJSON) },
        default: {
          description: 'What went wrong.',
          content: json(z.object({ error: Failure }), 'output'),
        },
      },
    };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Rostrum', version: '1', description: 'Webinars, their links and their attendees.' },
    servers: [{ url: publicUrl }],
    paths,
    components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
  };
}
