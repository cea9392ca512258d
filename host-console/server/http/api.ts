import { RostrumError } from '@rostrum/contracts';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics.ts';
import { API_HEADERS } from '../security-headers.ts';
import { type Area, Desk, type DeskOptions, type Env, type Request } from './desk.ts';
import { HttpFailure } from './failures.ts';
import { openApi } from './open-api.ts';
import { isV1, PROBLEM_JSON, problemOf } from './v1/problems.ts';

export interface ApiOptions extends DeskOptions {
  readonly areas: readonly Area[];
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * `/api` and `/healthz`. Every answer that is not a success is `{error: Failure}`, or a `Problem` under `/api/v1`; one that may be
 * asked again carries `Retry-After`.
 */
export function createApi(options: ApiOptions): Hono<Env> {
  const { areas, clock, metrics, logger } = options;
  const app = new Hono<Env>();

  /** `/api/v1` answers in the form that programs of others know (RFC 9457), the pages' API in its own. */
  function failed(c: Request, error: unknown): Response {
    const { status, headers, body, problem } = problemOf(error);
    if (status >= 500) logger.error({ err: error, path: c.req.path }, 'request failed');
    if (!isV1(c.req.path)) return c.json(body, status, { ...headers });
    return c.json(problem, status, { ...headers, 'content-type': PROBLEM_JSON });
  }

  app.onError((error, c) => {
    if (error instanceof HTTPException) {
      return failed(c, new HttpFailure(error.status as 400, error.message || 'bad request'));
    }
    return failed(c, error);
  });
  app.notFound((c) => failed(c, new RostrumError('not-found', 'no such resource')));

  app.use(async (c, next) => {
    const startMs = clock.nowMs();
    await next();
    for (const [name, value] of Object.entries(API_HEADERS)) c.res.headers.set(name, value);
    metrics.requestSeconds.observe(
      { method: knownMethod(c.req.method), status: String(c.res.status) },
      (clock.nowMs() - startMs) / 1000,
    );
  });
  // The headers of CORS stand already (cors.ts).
  app.options('/api/*', (c) => c.body(null, 204));

  const desk = new Desk(options);
  for (const area of areas) area.register(app, desk);
  const routes = Object.assign({}, ...areas.map((area) => area.routes)) as Area['routes'];
  app.get('/api/openapi.json', (c) => c.json(openApi(routes, options.publicUrl())));
  app.get('/healthz', (c) => c.json({ ok: true }));

  refuseOtherMethods(app, routes);
  return app;
}

/** Known paths answer 405 with `Allow`, not 404, to another method. */
function refuseOtherMethods(app: Hono<Env>, routes: Area['routes']): void {
  const allowed = new Map<string, string[]>();
  for (const { path, method } of Object.values(routes)) {
    allowed.set(path, [...(allowed.get(path) ?? []), method.toUpperCase()]);
  }
  for (const path of ['/api/openapi.json', '/healthz']) allowed.set(path, ['GET']);
  for (const [path, methods] of allowed) {
    app.all(path, () => {
      const allow = methods.join(', ');
      throw new HttpFailure(405, `allowed: ${allow}`, { allow }, 'method-not-allowed');
    });
  }
}

const METHODS = new Set(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);
const knownMethod = (method: string): string => (METHODS.has(method) ? method : 'other');
