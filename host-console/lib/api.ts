import type { ErrorCode, Link, Result, WebinarSummary } from '@rostrum/contracts';

export interface NewWebinar {
  readonly title: string;
  readonly startsAtUnixMs: number | null;
  readonly profile: WebinarSummary['profile'];
}

/** The coordinator's HTTP API as the dashboard uses it. Answers failures, never throws. */
export interface Api {
  listWebinars(): Promise<Result<WebinarSummary[]>>;
  getWebinar(webinarId: string): Promise<Result<WebinarSummary>>;
  createWebinar(webinar: NewWebinar): Promise<Result<WebinarSummary>>;
  createLink(webinarId: string, role: Link['role'], name: string): Promise<Result<Link>>;
}

const REQUEST_DEADLINE_MS = 10_000;

const failure = (code: ErrorCode, message: string): Result<never> => ({
  ok: false,
  error: { code, message },
});

/** @param token the owner's, sent as `Bearer`. */
export function createApi(token: string): Api {
  async function request<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Result<T>> {
    try {
      const response = await fetch(`/api${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
        cache: 'no-store',
      });
      const answer: unknown = await response.json();
      if (response.ok) return { ok: true, value: answer as T };
      return failure(codeOf(answer) ?? 'internal', `${method} ${path}: ${response.status}`);
    } catch (error) {
      return failure(
        'unavailable',
        `${method} ${path}: ${error instanceof Error ? error.message : 'failed'}`,
      );
    }
  }

  return {
    async listWebinars() {
      const result = await request<{ webinars: WebinarSummary[] }>('GET', '/webinars');
      return result.ok ? { ok: true, value: result.value.webinars } : result;
    },
    getWebinar: (webinarId) => request('GET', `/webinars/${webinarId}`),
    createWebinar: (webinar) => request('POST', '/webinars', webinar),
    createLink: (webinarId, role, name) => request('POST', `/webinars/${webinarId}/links`, { role, name }),
  };
}

/** The code of `{error: Failure}`. */
function codeOf(answer: unknown): ErrorCode | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const body = 'error' in answer ? answer.error : null;
  if (typeof body !== 'object' || body === null || !('code' in body)) return null;
  return typeof body.code === 'string' ? (body.code as ErrorCode) : null;
}
