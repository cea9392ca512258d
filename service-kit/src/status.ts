import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';

/** As much of prom-client's `Registry` as is used here. */
export interface MetricsSource {
  readonly contentType: string;
  metrics(): Promise<string>;
}

/** Answers a request (HTTP/1.1 or HTTP/2) and says whether it was one of its own. */
export type StatusRoutes = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => boolean;

/** Whether a service can take work, and what it says of it. */
export type Readiness = { readonly ready: boolean } & Readonly<Record<string, unknown>>;

/** `/metrics`, `/healthz` (the process answers) and `/readyz` (it can take work; 503 until then, and while that cannot be told). */
export function createStatusRoutes(
  registry: MetricsSource,
  ready: () => Readiness | Promise<Readiness>,
): StatusRoutes {
  return (request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0];
    if (path !== '/metrics' && path !== '/healthz' && path !== '/readyz') return false;
    const answer = (code: number, type: string, body: string): void => {
      // HTTP/2's compatibility API takes the same calls, under signatures of its own.
      const plain = response as ServerResponse;
      plain.writeHead(code, { 'content-type': type, 'cache-control': 'no-store' });
      plain.end(request.method === 'HEAD' ? undefined : body);
    };
    const json = (code: number, body: unknown): void =>
      answer(code, 'application/json', JSON.stringify(body));
    if (request.method !== 'GET' && request.method !== 'HEAD') json(405, { error: 'method not allowed' });
    else if (path === '/healthz') json(200, { healthy: true });
    else if (path === '/readyz') {
      Promise.resolve()
        .then(ready)
        .then(
          (state) => json(state.ready ? 200 : 503, state),
          () => json(503, { ready: false }),
        );
    } else {
      registry.metrics().then(
        (text) => answer(200, registry.contentType, text),
        () => json(500, { error: 'internal' }),
      );
    }
    return true;
  };
}
