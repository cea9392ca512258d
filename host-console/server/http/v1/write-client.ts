/** Writes `api-client/client.ts`: a method and its types for each operation of `/api/v1`, from the schemas that validate. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Route } from '../route.ts';
import { V1_COMMANDS, V1_ROUTES } from './routes.ts';
import { WEBHOOK_ROUTES } from './webhook-routes.ts';

export const CLIENT_FILE = fileURLToPath(new URL('../../../api-client/client.ts', import.meta.url));
/** What tokens of the API are good for. */
const ROUTES: Readonly<Record<string, Route>> = { ...V1_ROUTES, ...V1_COMMANDS, ...WEBHOOK_ROUTES };

/** As much of JSON Schema 2020-12 as zod writes. */
interface Schema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
}

/** The TypeScript type of a schema, as text. */
export function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return [...new Set(choices.map(typeOf))].join(' | ');
  if (schema.allOf) return schema.allOf.map((one) => `(${typeOf(one)})`).join(' & ');
  const { type } = schema;
  if (Array.isArray(type)) return type.map((one: string) => typeOf({ ...schema, type: one })).join(' | ');
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array':
      return `readonly (${typeOf(schema.items ?? {})})[]`;
    case 'object':
      return objectType(schema);
    default:
      return 'unknown';
  }
}

function objectType({ properties = {}, required = [], additionalProperties }: Schema): string {
  const fields = Object.entries(properties).map(
    ([name, of]) => `readonly ${JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(of)};`,
  );
  if (fields.length > 0) return `{ ${fields.join(' ')} }`;
  const values = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : null;
  return values === null ? 'Record<string, never>' : `Readonly<Record<string, ${values}>>`;
}

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Schema =>
  z.toJSONSchema(schema, { io }) as Schema;
/** An operation's name without what sets it apart from the pages' own. */
const nameOf = (operationId: string): string => {
  const bare = operationId.replace(/^v1/, '');
  return `${bare.charAt(0).toLowerCase()}${bare.slice(1)}`;
};
const capital = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`;

function operation(operationId: string, route: Route): { types: string; method: string } {
  const name = nameOf(operationId);
  const type = capital(name);
  const params = [...route.path.matchAll(/:(\w+)/g)].flatMap(([, param]) => param ?? []);
  const types = [`export type ${type}Answer = ${typeOf(schemaOf(route.answer, 'output'))};`];
  const args = params.map((param) => `${param === 'id' ? 'webinarId' : param}: string`);
  const parts = [`method: '${route.method.toUpperCase()}'`];
  const path = route.path.replaceAll(/:(\w+)/g, (_all, param: string) => {
    return `\${encodeURIComponent(${param === 'id' ? 'webinarId' : param})}`;
  });
  parts.push(`path: \`${path}\``);
  if (route.body) {
    types.push(`export type ${type}Body = ${typeOf(schemaOf(route.body, 'input'))};`);
    args.push(`body: ${type}Body`);
    parts.push('body');
  }
  if (route.query) {
    types.push(`export type ${type}Query = ${typeOf(schemaOf(route.query, 'input'))};`);
    args.push(`query: ${type}Query = {}`);
    parts.push('query');
  }
  args.push('asking?: Asking');
  const method = `
  /** ${route.summary} Scope: \`${route.scope}\`. */
  ${name}(${args.join(', ')}): Promise<Answered<${type}Answer>> {
    return this.#connection.send({ ${parts.join(', ')} }, asking);
  }`;
  return { types: types.join('\n'), method };
}

/** The whole file, as it is formatted. */
export function clientText(): string {
  const operations = Object.entries(ROUTES).map(([operationId, route]) => operation(operationId, route));
  const text = `/** Generated from the routes of \`/api/v1\` by \`server/http/v1/write-client.ts\`: changes here are lost. */
import { type Answered, type Asking, type ClientOptions, Connection } from './connection.ts';

export * from './connection.ts';

${operations.map(({ types }) => types).join('\n\n')}

/** Every operation of \`/api/v1\` that is for tokens. */
export class RostrumClient {
  readonly #connection: Connection;

  constructor(options: ClientOptions) {
    this.#connection = new Connection(options);
  }
${operations.map(({ method }) => method).join('\n')}
}
`;
  const biome = fileURLToPath(new URL('../../../../node_modules/@biomejs/biome/bin/biome', import.meta.url));
  const cwd = fileURLToPath(new URL('../../../../', import.meta.url));
  const args = [biome, 'format', '--stdin-file-path=host-console/api-client/client.ts'];
  return execFileSync(process.execPath, args, { cwd, input: text, encoding: 'utf8' });
}

if (import.meta.filename === process.argv[1]) writeFileSync(CLIENT_FILE, clientText());
