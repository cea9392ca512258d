import { badInput, RostrumError } from '@rostrum/contracts';
import type { z } from 'zod';
import { HttpFailure } from './failures.ts';

const MAX_BODY_BYTES = 64 * 1024;

/** A body of JSON by its schema. Throws `HttpFailure` 415, or a `RostrumError` `too-large` or `bad-input`. */
export async function jsonBody<S extends z.ZodType>(
  request: Request,
  schema: S,
  maxBytes = MAX_BODY_BYTES,
): Promise<z.output<S>> {
  return parsed(await jsonText(request, maxBytes), schema);
}

/** The text of a body of JSON. Throws as `jsonBody`. */
export async function jsonText(request: Request, maxBytes = MAX_BODY_BYTES): Promise<string> {
  const type = (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new HttpFailure(415, 'the body has to be application/json', {}, 'unsupported-media-type');
  return textBody(request, maxBytes);
}

/** The same whatever the request says of its type: a page that is left can only send plain text, without asking first. */
export async function anyBody<S extends z.ZodType>(
  request: Request,
  schema: S,
  maxBytes: number,
): Promise<z.output<S>> {
  const text = await textBody(request, maxBytes).catch((error: unknown) => {
    throw new RostrumError('bad-input', `at most ${maxBytes} bytes`, { cause: error });
  });
  return parsed(text, schema);
}

/** What stands in the address after `?`, by its schema. Throws `bad-input`. */
export function queryOf<S extends z.ZodType>(request: Request, schema: S): z.output<S> {
  const result = schema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!result.success) throw badInput(result.error);
  return result.data;
}

/** Throws `bad-input`. */
export function parsed<S extends z.ZodType>(text: string, schema: S): z.output<S> {
  const result = schema.safeParse(jsonOf(text));
  if (!result.success) throw badInput(result.error);
  return result.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RostrumError('bad-input', 'the body is not JSON', { cause: error });
  }
}

/** The body as text. Stops reading at the limit, whatever the client says of the length. */
export async function textBody(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = (): RostrumError => new RostrumError('too-large', `a body has at most ${maxBytes} bytes`);
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
