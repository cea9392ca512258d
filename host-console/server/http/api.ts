import { RostrumError } from '@rostrum/contracts';
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import type { Metrics } from '../metrics.ts';
import { API_HEADERS } from '../security-headers.ts';
import { type Area, Desk, type DeskOptions, type Env } from './desk.ts';
import { answerOf, HttpFailure } from './failures.ts';
import { openApi } from './open-api.ts';

export interface ApiOptions extends DeskOptions {
  readonly areas: readonly Area[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly publicUrl: () => string;
}

/**
 * `/api` and `/healthz`. Every answer that is not a success is `{error: Failure}`; one that may be
 * asked again carries `Retry-After`.
 */
export function createApi(options: ApiOptions): Hono<Env> {
  const { areas, clock, metrics, logger } = options;
  const app = new Hono<Env>();

  app.onError((error, c) => {
    if (error instanceof HTTPException) {
      const wrapped = answerOf(new HttpFailure(error.status as 400, error.message || 'bad request'));
      return c.json(wrapped.body, wrapped.status);
    }
    const { status, headers, body } = answerOf(error);
    if (status >= 500) logger.error({ err: error, path: c.req.path }, 'request failed');
    return c.json(body, status, { ...headers });
  });
  app.notFound((c) => {
    const { status, body } = answerOf(new RostrumError('not-found', 'no such resource'));
    return c.json(body, status);
  });

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
      throw new HttpFailure(405, `allowed: ${methods.join(', ')}`, { allow: methods.join(', ') });
    });
  }
}

const METHODS = new Set(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);
const knownMethod = (method: string): string => (METHODS.has(method) ? method : 'other');
