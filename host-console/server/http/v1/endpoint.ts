import type { Hono } from 'hono';
import type { z } from 'zod';
import type { Identity } from '../../webinars/access.ts';
import { jsonText, parsed, queryOf } from '../body.ts';
import type { Desk, Env, Request } from '../desk.ts';
import type { Route } from '../route.ts';
import type { Idempotency, Keep } from './idempotency.ts';

type Parsed<T> = T extends z.ZodType ? z.output<T> : null;

/** A request that has passed the desk. */
export interface Call<R extends Route> {
  readonly c: Request;
  readonly bearer: Identity['claims'];
  readonly body: Parsed<R['body']>;
  readonly query: Parsed<R['query']>;
  /** Of the path. */
  param(name: string): string;
  /** For what is new: brings its answer into its transaction. null: the client has no key for it. */
  readonly keep: Keep | null;
}

export type Endpoint = <R extends Route>(
  route: R,
  answer: (call: Call<R>) => Promise<z.input<R['answer']>>,
  /** Where what was made is from now on. */
  location?: (made: z.input<R['answer']>) => string,
) => void;

/** How every operation of `/api/v1` is answered: counted, identified by its scope, parsed, done once, and told as JSON. */
export const endpoints =
  (app: Hono<Env>, desk: Desk, idempotency: Idempotency): Endpoint =>
  (route, answer, location) => {
    app.on(route.method.toUpperCase(), route.path, async (c) => {
      desk.limit(c);
      const identity = await desk.identityOf(c, route.scope);
      const query = (route.query ? queryOf(c.req.raw, route.query) : null) as Parsed<(typeof route)['query']>;
      const text = route.body ? await jsonText(c.req.raw, route.maxBytes) : '';
      const body = (route.body ? parsed(text, route.body) : null) as Parsed<(typeof route)['body']>;
      const param = (name: string): string => c.req.param(name) ?? '';
      const call = { c, bearer: identity.claims, query, body, param };
      const tell = (made: z.input<(typeof route)['answer']>) => {
        if (location) c.header('location', location(made));
        return c.json(made as object, route.status);
      };
      const key = route.method === 'post' ? c.req.header('idempotency-key') : undefined;
      if (key === undefined) return tell(await answer({ ...call, keep: null }));
      const asked = {
        ...{ caller: callerOf(identity), key, status: route.status },
        request: [c.req.method, c.req.path, text],
      };
      const given = await idempotency.answer(asked, (keep) => answer({ ...call, keep }));
      if (given.replayed) c.header('idempotency-replayed', 'true');
      return tell(given.answer as z.input<(typeof route)['answer']>);
    });
  };

/** Whose keys they are. */
const callerOf = (identity: Identity): string =>
  identity.is === 'token'
    ? `token ${identity.tokenId}`
    : `person ${identity.claims.webinarId} ${identity.claims.personId}`;
