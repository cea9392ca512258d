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

/**
 * A connection that was idle may be closed just as it is used, and the request made again: players do so too (RFC 9112,
 * section 9.5). One that has been held and then gets no answer is another matter.
 * @throws Unreachable when no answer comes, not for any status
 */
export async function ask(url: string, options: AskOptions = {}): Promise<Answer> {
  const sentMs = performance.now();
  try {
    return await askOnce(url, options);
  } catch (error) {
    if (!(error instanceof Unreachable) || performance.now() - sentMs > IDLE_CLOSE_MS) throw error;
    return askOnce(url, options);
  }
}

/** Sooner than this a closed connection was closed before the request came. */
const IDLE_CLOSE_MS = 200;

/** How much later than a request that nothing holds an answer may come that is not held either. */
const AT_ONCE_MS = 1000;

/**
 * Asks, and at the same time for `plain`, which is never held: so a busy machine, or a far one, is not taken for an
 * origin that waits.
 */
export async function askAtOnce(
  url: string,
  plain: string,
  options: AskOptions = {},
): Promise<Answer & { readonly atOnce: boolean }> {
  const { signal } = options;
  const beside = ask(plain, signal ? { signal } : {});
  // Whichever fails first is told; the other must not be left unobserved.
  beside.catch(() => undefined);
  const answer = await ask(url, options);
  return { ...answer, atOnce: answer.headMs < (await beside).headMs + AT_ONCE_MS };
}

async function askOnce(url: string, options: AskOptions): Promise<Answer> {
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
