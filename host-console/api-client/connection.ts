/** How a program speaks to a Rostrum installation: with its token, again where that can help, and never twice by mistake. */

export interface ClientOptions {
  /** Of the console, e.g. `https://webinars.example.org`. */
  readonly baseUrl: string;
  /** An API token, `rst_…`. null: pages of the console, whose session the browser sends. */
  readonly token: string | null;
  /** Default: the one of the platform. */
  readonly fetch?: typeof globalThis.fetch;
  /** Default: a timer. */
  readonly sleep?: (ms: number) => Promise<void>;
  readonly random?: () => number;
  readonly retry?: Retry;
}

export interface Retry {
  /** Attempts after the first. */
  readonly times: number;
  /** Where the answer does not say how long: anything up to a ceiling that doubles from here. */
  readonly firstMs: number;
  /** Nobody waits longer, whatever the answer asks for: it is a failure then. */
  readonly mostMs: number;
}
export const RETRY: Retry = { times: 4, firstMs: 500, mostMs: 60_000 };

/** Of one request. */
export interface Asking {
  /** ETag of what was read: changed since, it is refused with `changed-meanwhile`. */
  readonly ifMatch?: string;
  /** Default: a new one for each call, which its retries share. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
}

/** What came back, and by which it can be changed. */
export interface Answered<T> {
  readonly value: T;
  readonly etag: string | null;
  /** It was done before, under this idempotency key. */
  readonly replayed: boolean;
}

/** An answer that is a problem (RFC 9457). */
export class ApiProblem extends Error {
  readonly status: number;
  /** Stable; see `docs/api.md`. */
  readonly code: string;
  /** Of the body, where it is wrong. */
  readonly field: string | null;
  constructor(status: number, problem: { code?: unknown; detail?: unknown; field?: unknown }) {
    super(typeof problem.detail === 'string' ? problem.detail : `HTTP ${status}`);
    this.name = 'ApiProblem';
    this.status = status;
    this.code = typeof problem.code === 'string' ? problem.code : 'unknown';
    this.field = typeof problem.field === 'string' ? problem.field : null;
  }
}

const LATER: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const IN_USE = 'idempotency-key-in-use';
/** It goes on by itself: asking again does not make it faster. */
const PENDING = 'pending';

type Outcome =
  | { readonly kind: 'answer'; readonly response: Response; readonly body: unknown }
  | { readonly kind: 'later'; readonly error: unknown; readonly afterMs: number | null };

export class Connection {
  readonly #o: ClientOptions;
  readonly #retry: Retry;

  constructor(options: ClientOptions) {
    this.#o = options;
    this.#retry = options.retry ?? RETRY;
  }

  /** Throws `ApiProblem`, or what the network threw last. */
  async send<T>(operation: Operation, asking: Asking = {}): Promise<Answered<T>> {
    const { random = Math.random, sleep = wait } = this.#o;
    const { times, firstMs, mostMs } = this.#retry;
    const request = this.#requestOf(operation, asking);
    for (let attempt = 0; ; attempt += 1) {
      const outcome = await this.#attempt(request);
      if (outcome.kind === 'answer') {
        const { response, body } = outcome;
        if (!response.ok) throw new ApiProblem(response.status, objectOf(body));
        return {
          value: body as T,
          etag: response.headers.get('etag'),
          replayed: response.headers.get('idempotency-replayed') === 'true',
        };
      }
      // A change that is only good for what was read may have been made, and then it is not what was read any more.
      const unsure = asking.ifMatch !== undefined && outcome.afterMs === null;
      const afterMs = outcome.afterMs ?? random() * Math.min(mostMs, firstMs * 2 ** attempt);
      if (attempt >= times || afterMs > mostMs || unsure || asking.signal?.aborted) throw outcome.error;
      await sleep(afterMs);
    }
  }

  #requestOf({ method, path, query, body }: Operation, asking: Asking): { url: URL; init: RequestInit } {
    const url = new URL(`${this.#o.baseUrl.replace(/\/+$/, '')}${path}`);
    for (const [name, value] of Object.entries(query ?? {})) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const headers: Record<string, string> = {};
    if (this.#o.token !== null) headers.authorization = `Bearer ${this.#o.token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (asking.ifMatch !== undefined) headers['if-match'] = asking.ifMatch;
    if (method === 'POST') headers['idempotency-key'] = asking.idempotencyKey ?? crypto.randomUUID();
    const init: RequestInit = { method, headers, redirect: 'error' };
    if (body !== undefined) init.body = JSON.stringify(body);
    if (asking.signal) init.signal = asking.signal;
    return { url, init };
  }

  async #attempt({ url, init }: { url: URL; init: RequestInit }): Promise<Outcome> {
    const { fetch = globalThis.fetch } = this.#o;
    let response: Response;
    let body: unknown;
    try {
      response = await fetch(url, init);
      body = await response.json();
    } catch (error) {
      return { kind: 'later', error, afterMs: null };
    }
    const { code } = objectOf(body);
    const later = (LATER.has(response.status) && code !== PENDING) || code === IN_USE;
    if (!later) return { kind: 'answer', response, body };
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
    const error = new ApiProblem(response.status, objectOf(body));
    return { kind: 'later', error, afterMs: seconds >= 0 ? seconds * 1000 : null };
  }
}

const objectOf = (body: unknown): Record<string, unknown> =>
  typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Everything of a list, page by page. */
export async function* everything<P extends { readonly next: string | null }, T>(
  page: (cursor: string | undefined) => Promise<Answered<P>>,
  items: (page: P) => readonly T[],
): AsyncGenerator<T> {
  let cursor: string | undefined;
  do {
    const { value } = await page(cursor);
    yield* items(value);
    cursor = value.next ?? undefined;
  } while (cursor !== undefined);
}
