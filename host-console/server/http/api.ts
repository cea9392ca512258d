import type { IncomingMessage } from 'node:http';
import {
  badInput,
  type LinkClaims,
  MAX_MEASUREMENTS_BYTES,
  RostrumError,
  ViewerMeasurements,
} from '@rostrum/contracts';
import { type Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Limits } from '../identity/limits.ts';
import type { Metrics } from '../metrics.ts';
import type { Clock } from '../ports.ts';
import { API_HEADERS } from '../security-headers.ts';
import { KeyedBuckets, type Rate } from '../token-bucket.ts';
import { type Access, type Identity, NotIdentified } from '../webinars/access.ts';
import { answerOf, HttpFailure } from './failures.ts';
import { NDJSON, openApi, ROUTES, type Route } from './routes.ts';
import type { WebinarService } from './webinar-service.ts';

const MAX_BODY_BYTES = 64 * 1024;

/** Per address. Generous: a whole office may sit behind one. */
export interface ApiRates {
  readonly attendees: Rate;
  readonly other: Rate;
}
export const API_RATES: ApiRates = {
  attendees: { burst: 1000, perSecond: 50 },
  other: { burst: 200, perSecond: 20 },
};

export interface ApiOptions {
  readonly service: WebinarService;
  readonly access: Access;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly rates: ApiRates;
  readonly limits: Limits;
  /** Of a request, as it is counted by. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly publicUrl: () => string;
}

type Env = { Bindings: { incoming: IncomingMessage } };

/**
 * `/api` and `/healthz`. Every answer that is not a success is `{error: Failure}`; one that may be
 * asked again carries `Retry-After`.
 */
export function createApi(options: ApiOptions): Hono<Env> {
  const { service, clock, metrics, logger } = options;
  const app = new Hono<Env>();
  const attendees = new KeyedBuckets(options.rates.attendees);
  const others = new KeyedBuckets(options.rates.other);
  // As many viewers as may come from an address may also tell how they fare.
  const measuring = new KeyedBuckets(options.rates.attendees);
  const persons = new KeyedBuckets(options.limits.http.person);
  const rooms = new KeyedBuckets(options.limits.http.room);
  const made = {
    ofAddress: new KeyedBuckets(options.limits.identity.open.made),
    inRoom: new KeyedBuckets(options.limits.madeInRoom),
  };

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

  const addressOf = (c: Context<Env>): string => options.addressOf(c.env.incoming);
  const take = (buckets: KeyedBuckets, key: string, of: string): void => {
    const retryAfterMs = buckets.take(key, clock.nowMs());
    if (retryAfterMs > 0) {
      throw new RostrumError('rate-limited', `too many requests ${of}`, { retryAfterMs });
    }
  };
  const limit = (c: Context<Env>, buckets: KeyedBuckets): void =>
    take(buckets, addressOf(c), 'from this address');
  /** Somebody new costs their address something, and the webinar they come to. */
  const payForIdentity = (c: Context<Env>, webinarId: string): void => {
    take(made.ofAddress, `${webinarId} ${addressOf(c)}`, 'for new attendees from this address');
    take(made.inRoom, webinarId, 'for new attendees of this webinar');
  };
  const identityOf = async (c: Context<Env>): Promise<Identity> => {
    const [scheme, token] = (c.req.header('authorization') ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || !token) {
      throw new RostrumError('unauthenticated', 'an Authorization: Bearer header is missing');
    }
    const identity = await options.access.identify(token).catch((error: unknown) => {
      throw error instanceof NotIdentified ? error.toRostrumError() : error;
    });
    const { webinarId, personId } = identity.claims;
    take(persons, `${webinarId} ${personId}`, 'of this person');
    return identity;
  };
  const bearerOf = async (c: Context<Env>): Promise<LinkClaims> => (await identityOf(c)).claims;

  app.post(ROUTES.createWebinar.path, async (c) => {
    limit(c, others);
    const bearer = await bearerOf(c);
    return c.json(await service.create(bearer, await bodyOf(c, ROUTES.createWebinar.body)), 201);
  });
  app.get(ROUTES.listWebinars.path, async (c) => {
    limit(c, others);
    return c.json(await service.list(await bearerOf(c)));
  });
  app.get(ROUTES.getWebinar.path, async (c) => {
    limit(c, others);
    return c.json(await service.get(await bearerOf(c), c.req.param('id')));
  });
  app.get(ROUTES.quality.path, async (c) => {
    limit(c, others);
    const rows = await service.quality(await bearerOf(c), c.req.param('id'));
    return c.body(rows.map((row) => `${JSON.stringify(row)}\n`).join(''), 200, { 'content-type': NDJSON });
  });
  app.delete(ROUTES.cancelWebinar.path, async (c) => {
    limit(c, others);
    return c.json(await service.cancel(await bearerOf(c), c.req.param('id')));
  });
  app.delete(ROUTES.deleteRecording.path, async (c) => {
    limit(c, others);
    return c.json(await service.deleteRecording(await bearerOf(c), c.req.param('id')));
  });
  app.post(ROUTES.createLink.path, async (c) => {
    limit(c, others);
    const bearer = await bearerOf(c);
    const body = await bodyOf(c, ROUTES.createLink.body);
    return c.json(await service.createLink(bearer, c.req.param('id'), body), 201);
  });
  app.get(ROUTES.listLinks.path, async (c) => {
    limit(c, others);
    return c.json(await service.links(await bearerOf(c), c.req.param('id')));
  });
  app.delete(ROUTES.revokeLink.path, async (c) => {
    limit(c, others);
    return c.json(await service.revokeLink(await bearerOf(c), c.req.param('id'), c.req.param('linkId')));
  });
  app.delete(ROUTES.revokeLinks.path, async (c) => {
    limit(c, others);
    return c.json(await service.revokeLinks(await bearerOf(c), c.req.param('id')));
  });
  app.delete(ROUTES.removePerson.path, async (c) => {
    limit(c, others);
    const { id, personId } = c.req.param();
    return c.json(await service.removePerson(await bearerOf(c), id, personId));
  });
  app.delete(ROUTES.revokeOwnerLinks.path, async (c) => {
    limit(c, others);
    return c.json(await service.revokeOwnerLinks(await bearerOf(c)));
  });
  app.post(ROUTES.joinAsAttendee.path, async (c) => {
    limit(c, attendees);
    const present = c.req.header('authorization') === undefined ? null : await identityOf(c);
    const body = await bodyOf(c, ROUTES.joinAsAttendee.body);
    if (!present) payForIdentity(c, c.req.param('id'));
    return c.json(await service.joinAsAttendee(c.req.param('id'), body, present), 201);
  });
  app.post(ROUTES.mediaRight.path, async (c) => {
    limit(c, attendees);
    const { right, cookies } = await service.mediaRight(await bearerOf(c), c.req.param('id'));
    for (const cookie of cookies) c.header('set-cookie', cookie, { append: true });
    return c.json({ right });
  });
  app.get(ROUTES.publicWebinar.path, async (c) => {
    limit(c, attendees);
    take(rooms, c.req.param('id'), 'for this webinar');
    return c.json(await service.publicView(c.req.param('id')));
  });
  app.post(ROUTES.viewerMeasurements.path, async (c) => {
    limit(c, measuring);
    metrics.viewers.add(await measurementsOf(c.req.raw));
    return c.json({});
  });
  app.get('/api/openapi.json', (c) => c.json(openApi(options.publicUrl())));

  app.get('/healthz', (c) => c.json({ ok: true }));

  refuseOtherMethods(app);
  return app;
}

/** Known paths answer 405 with `Allow`, not 404, to another method. */
function refuseOtherMethods(app: Hono<Env>): void {
  const allowed = new Map<string, string[]>();
  for (const { path, method } of Object.values(ROUTES) as Route[]) {
    allowed.set(path, [...(allowed.get(path) ?? []), method.toUpperCase()]);
  }
  for (const path of ['/api/openapi.json', '/healthz']) allowed.set(path, ['GET']);
  for (const [path, methods] of allowed) {
    app.all(path, () => {
      throw new HttpFailure(405, `allowed: ${methods.join(', ')}`, { allow: methods.join(', ') });
    });
  }
}

async function bodyOf<S extends z.ZodType>(c: Context<Env>, schema: S): Promise<z.output<S>> {
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new HttpFailure(415, 'the body has to be application/json');
  const json = jsonOf(await textOf(c.req.raw, MAX_BODY_BYTES));
  const parsed = schema.safeParse(json);
  if (!parsed.success) throw badInput(parsed.error);
  return parsed.data;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RostrumError('bad-input', 'the body is not JSON', { cause: error });
  }
}

/** A page that is left can only send plain text, without asking first; whatever is no measurement is bad input. */
async function measurementsOf(request: Request): Promise<ViewerMeasurements> {
  const text = await textOf(request, MAX_MEASUREMENTS_BYTES).catch((error: unknown) => {
    throw new RostrumError('bad-input', `at most ${MAX_MEASUREMENTS_BYTES} bytes`, { cause: error });
  });
  const parsed = ViewerMeasurements.safeParse(jsonOf(text));
  if (!parsed.success) throw badInput(parsed.error);
  return parsed.data;
}

/** The body as text. Stops reading at the limit, whatever the client says of the length. */
async function textOf(request: Request, maxBytes: number): Promise<string> {
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

const METHODS = new Set(['GET', 'POST', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE']);
const knownMethod = (method: string): string => (METHODS.has(method) ? method : 'other');
