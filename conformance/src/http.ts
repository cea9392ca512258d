/** Requests as a player makes them, with what a rule needs to know of the answer. */

export interface Answer {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
  /** From sending to the head of the answer, ms: how long it was held. */
  readonly headMs: number;
  /** From sending to the last byte, ms. */
  readonly totalMs: number;
}

export class Unreachable extends Error {
  readonly code = 'unreachable';
}

export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends it, and with it the request. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** A page of somebody else's, so that the answer has to allow it. */
export const ORIGIN = 'https://player.example';

/** @throws Unreachable when no answer comes, not for any status */
export async function ask(url: string, options: AskOptions = {}): Promise<Answer> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? 30_000);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const sentMs = performance.now();
  try {
    const response = await fetch(url, {
      method: options.method ?? 'GET',
      headers: { origin: ORIGIN, ...options.headers },
      signal,
      redirect: 'follow',
    });
    const headMs = performance.now() - sentMs;
    const body = new Uint8Array(await response.arrayBuffer());
    return {
      url,
      status: response.status,
      headers: response.headers,
      body,
      headMs,
      totalMs: performance.now() - sentMs,
    };
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Unreachable(`${url}: ${error instanceof Error ? (error.cause ?? error.message) : error}`, {
      cause: error,
    });
  }
}

export const textOf = (answer: Answer): string => new TextDecoder().decode(answer.body);

/** The URL with directives and other query parameters added. */
export function withQuery(url: string, query: Readonly<Record<string, string | number>>): string {
  const to = new URL(url);
  for (const [name, value] of Object.entries(query)) to.searchParams.set(name, String(value));
  return to.href;
}

/** `max-age` (or `s-maxage`, which shared caches prefer) in seconds; null where there is none. */
export function lifetimeS(answer: Answer): number | null {
  const control = answer.headers.get('cache-control') ?? '';
  if (/\bno-(store|cache)\b/.test(control)) return 0;
  const shared = /s-maxage=(\d+)/.exec(control)?.[1];
  const own = /(?:^|[\s,])max-age=(\d+)/.exec(control)?.[1];
  const found = shared ?? own;
  return found === undefined ? null : Number(found);
}
