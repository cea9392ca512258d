/** CloudFront's REST and XML by the SDK's own schemas, from the server's side. What it takes and says is judged by botocore's (`judge.ts`). */

import * as sdk from '@aws-sdk/client-cloudfront';
import { XmlCodec } from '@aws-sdk/core/protocols';
import { NormalizedSchema } from '@smithy/core/schema';
import type { StaticOperationSchema } from '@smithy/types';

const NAMESPACE = 'http://cloudfront.amazonaws.com/doc/2020-05-31/';
const codec = new XmlCodec({
  xmlNamespace: NAMESPACE,
  serviceNamespace: 'com.amazonaws.cloudfront',
  timestampFormat: { useTrait: true, default: 5 },
  httpBindings: true,
});

export type Fields = Record<string, unknown>;

interface Operation {
  readonly name: string;
  readonly method: string;
  readonly path: RegExp;
  readonly labels: readonly string[];
  /** Query words that tell operations of one path apart. */
  readonly query: string;
  readonly status: number;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
}

const isOperation = (value: unknown): value is StaticOperationSchema =>
  Array.isArray(value) && value[0] === 9;

const OPERATIONS: readonly Operation[] = Object.values(sdk).flatMap((value: unknown) => {
  if (!isOperation(value)) return [];
  const [, , name, traits, input, output] = value;
  const http = typeof traits === 'object' ? traits.http : undefined;
  if (!http) return [];
  const [method, uri, status] = http;
  const [path = '', query = ''] = uri.split('?');
  const labels = [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, label]) => label ?? '');
  return [
    {
      name,
      method,
      path: new RegExp(`^${path.replace(/\{\w+\+?\}/g, '([^/]+)')}$`),
      labels,
      query,
      status,
      input: NormalizedSchema.of(input),
      output: NormalizedSchema.of(output),
    },
  ];
});

export interface Call {
  readonly operation: Operation;
  readonly input: Fields;
}

/** @returns undefined when CloudFront has no such operation */
export function readCall(
  method: string,
  url: URL,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
): Call | undefined {
  const operation = OPERATIONS.find(
    (each) => each.method === method && each.path.test(url.pathname) && hasQuery(url, each.query),
  );
  if (!operation) return undefined;
  const values = operation.path.exec(url.pathname)?.slice(1) ?? [];
  const labels = Object.fromEntries(
    operation.labels.map((label, index) => [label, decodeURIComponent(values[index] ?? '')]),
  );
  const input: Fields = {};
  let whole = body !== '';
  for (const [name, member] of operation.input.structIterator()) {
    const { httpLabel, httpQuery, httpHeader, httpPayload } = member.getMergedTraits();
    if (httpLabel) input[name] = labels[name];
    else if (httpQuery) input[name] = url.searchParams.get(httpQuery) ?? undefined;
    else if (httpHeader) input[name] = headers[httpHeader.toLowerCase()];
    else if (httpPayload) {
      input[name] = codec.createDeserializer().read(member, body as never);
      whole = false;
    }
  }
  const rest = whole ? (codec.createDeserializer().read(operation.input, body as never) as Fields) : {};
  return { operation, input: { ...input, ...rest } };
}

const hasQuery = (url: URL, query: string): boolean =>
  query === ''
    ? !url.searchParams.has('WithTags') && !url.searchParams.has('Operation')
    : url.search.slice(1).split('&').includes(query);

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export function writeAnswer({ output, status }: Operation, values: Fields): Answer {
  const headers: Record<string, string> = {};
  let body = '';
  let whole = output.isStructSchema();
  if (output.isStructSchema()) {
    for (const [name, member] of output.structIterator()) {
      const { httpHeader, httpPayload } = member.getMergedTraits();
      if (httpPayload) whole = false;
      if (values[name] === undefined) continue;
      if (httpHeader) headers[httpHeader] = String(values[name]);
      else if (httpPayload) body = written(member, values[name]);
    }
    if (whole && Object.keys(values).length > 0) body = written(output, values);
  }
  return { status, headers: { 'content-type': 'text/xml', ...headers }, body };
}

function written(schema: NormalizedSchema, value: unknown): string {
  const serializer = codec.createSerializer();
  serializer.write(schema, value);
  return `<?xml version="1.0"?>\n${String(serializer.flush())}`;
}

export function errorAnswer(status: number, code: string, message: string): Answer {
  const type = status < 500 ? 'Sender' : 'Receiver';
  const text = message.replace(/[<>&]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return {
    status,
    headers: { 'content-type': 'text/xml' },
    body: `<?xml version="1.0"?>\n<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${type}</Type><Code>${code}</Code><Message>${text}</Message></Error><RequestId>stub</RequestId></ErrorResponse>`,
  };
}
