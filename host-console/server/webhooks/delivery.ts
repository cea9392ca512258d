import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { AddressRefused, checkUrl } from './addresses.ts';

/** The whole of an attempt, from the name to the end of the answer. */
export const DEADLINE_MS = 15_000;
/** More of an answer nobody reads. */
const ANSWER_MAX_BYTES = 16 * 1024;

export type Outcome =
  /** 2xx. */
  | { readonly kind: 'delivered'; readonly status: number }
  /** `retryAfterMs`: as the answer asks for. */
  | { readonly kind: 'refused'; readonly status: number; readonly retryAfterMs: number | null }
  | { readonly kind: 'unreached'; readonly reason: string };

export interface Delivering {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface DeliveryOptions {
  readonly lookup: LookupFunction;
  readonly allowLoopback: boolean;
  readonly deadlineMs?: number;
}

/** Sends one message; redirects are not followed. Never rejects. */
export function deliver({ url, headers, body }: Delivering, options: DeliveryOptions): Promise<Outcome> {
  const { lookup, allowLoopback, deadlineMs = DEADLINE_MS } = options;
  return new Promise((resolve) => {
    const unreached = (reason: string): void => resolve({ kind: 'unreached', reason });
    let to: URL;
    try {
      to = new URL(url);
      checkUrl(to, allowLoopback);
    } catch (error) {
      unreached(reasonOf(error));
      return;
    }
    const request = (to.protocol === 'https:' ? httpsRequest : httpRequest)(to, {
      method: 'POST',
      // One connection a message: none is kept to an address that was looked at long ago.
      agent: false,
      lookup,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    });
    const deadline = setTimeout(() => request.destroy(new Error('timeout')), deadlineMs);
    request.once('close', () => clearTimeout(deadline));
    request.once('error', (error) => unreached(reasonOf(error)));
    request.once('response', (answer) => {
      drain(answer).then(
        () => resolve(outcomeOf(answer)),
        (error: unknown) => unreached(reasonOf(error)),
      );
    });
    request.end(body);
  });
}

/** Reads an answer to its end, or as much of it as is enough. */
async function drain(answer: IncomingMessage): Promise<void> {
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += (chunk as Buffer).byteLength;
    if (bytes > ANSWER_MAX_BYTES) break;
  }
}

function outcomeOf({ statusCode: status = 0, headers }: IncomingMessage): Outcome {
  if (status >= 200 && status < 300) return { kind: 'delivered', status };
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  return {
    kind: 'refused',
    status,
    retryAfterMs: Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null,
  };
}

/** A word for the owner: a code of the network's, or what is wrong with the address. */
function reasonOf(error: unknown): string {
  if (error instanceof AddressRefused) return error.code;
  const { code, message } = error as Partial<NodeJS.ErrnoException>;
  return (code ?? message ?? 'error').slice(0, 200);
}
