import type { IncomingMessage } from 'node:http';
import { type ApiScope, grants, RostrumError } from '@rostrum/contracts';
import type { Context, Hono } from 'hono';
import { isOwnRequest, sessionOf } from '../identity/accounts/session-cookie.ts';
import { type ApiTokens, isApiToken } from '../identity/api-tokens.ts';
import type { Limits } from '../identity/limits.ts';
import type { Bearer, SignedIn } from '../identity/rights.ts';
import type { Clock } from '../ports.ts';
import { KeyedBuckets, type Rate } from '../token-bucket.ts';
import { type Access, type Identity, NotIdentified } from '../webinars/access.ts';
import { rateLimitFields } from './rate-limit.ts';
import type { Route } from './route.ts';

export type Env = { Bindings: { incoming: IncomingMessage } };
export type Request = Context<Env>;

/** Operations that belong together, and what answers them. */
export interface Area {
  readonly routes: Readonly<Record<string, Route>>;
  register(app: Hono<Env>, desk: Desk): void;
}

/** Per address. Generous: a whole office may sit behind one. */
export interface ApiRates {
  readonly attendees: Rate;
  readonly other: Rate;
}
export const API_RATES: ApiRates = {
  attendees: { burst: 1000, perSecond: 50 },
  other: { burst: 200, perSecond: 20 },
};

export interface DeskOptions {
  readonly access: Access;
  readonly tokens: Pick<ApiTokens, 'identify'>;
  readonly clock: Clock;
  readonly rates: ApiRates;
  readonly limits: Limits;
  /** Of a request, as it is counted by. */
  readonly addressOf: (request: IncomingMessage) => string;
  readonly publicUrl: () => string;
}

/** What every request passes before an area answers it: how often it may come, and whose it is. */
export class Desk {
  readonly #o: DeskOptions;
  readonly #attendees: KeyedBuckets;
  readonly #others: KeyedBuckets;
  readonly #persons: KeyedBuckets;

  constructor(options: DeskOptions) {
    this.#o = options;
    this.#attendees = new KeyedBuckets(options.rates.attendees);
    this.#others = new KeyedBuckets(options.rates.other);
    this.#persons = new KeyedBuckets(options.limits.http.person);
  }

  /** A bucket of an area's own, by any key. */
  buckets(rate: Rate): { take(key: string, of: string): void } {
    const buckets = new KeyedBuckets(rate);
    return { take: (key, of) => this.#take(buckets, key, of) };
  }

  addressOf(c: Request): string {
    return this.#o.addressOf(c.env.incoming);
  }

  /** Throws `rate-limited`. */
  limit(c: Request): void {
    this.#take(this.#others, this.addressOf(c), 'from this address');
  }

  /** The same for what each of an audience asks for. */
  limitAudience(c: Request): void {
    this.#take(this.#attendees, this.addressOf(c), 'from this address');
  }

  /**
   * Throws `forbidden` for what a page of another site makes a browser ask: the rest comes from pages of the console, and from
   * programs. For what makes somebody of nobody; whoever is signed in is looked at so anyway.
   */
  refuseOtherSites(c: Request): void {
    if (isOwnRequest(c.env.incoming.headers, this.#o.publicUrl())) return;
    throw new RostrumError('forbidden', 'this is asked by pages of the console itself');
  }

  /**
   * Whose request it is: by a link's token, an API token, or the session of the console's own page. `scope`: what a token of the
   * API has to be good for; without one it is not for tokens. Throws `unauthenticated`, `forbidden`, `unavailable` or
   * `rate-limited`.
   */
  async identityOf(c: Request, scope?: ApiScope): Promise<Identity> {
    const header = c.req.header('authorization');
    const [scheme, token] = (header ?? '').split(' ');
    const session = header === undefined ? sessionOf(c.env.incoming.headers, this.#o.publicUrl()) : null;
    if (session === null && (scheme?.toLowerCase() !== 'bearer' || !token)) {
      throw new RostrumError('unauthenticated', 'an Authorization: Bearer header is missing');
    }
    if (token && isApiToken(token)) return this.#tokenIdentity(c, token, scope);
    const { access } = this.#o;
    const identity = await (session === null
      ? access.identify(token ?? '')
      : access.identifySession(session, webinarIn(c.req.path))
    ).catch((error: unknown) => {
      throw error instanceof NotIdentified ? error.toRostrumError() : error;
    });
    const { webinarId, personId } = identity.claims;
    this.#takeOf(c, `${webinarId} ${personId}`, 'of this person');
    return identity;
  }

  async bearerOf(c: Request, scope?: ApiScope): Promise<Bearer> {
    return (await this.identityOf(c, scope)).claims;
  }

  async #tokenIdentity(c: Request, secret: string, scope: ApiScope | undefined): Promise<Identity> {
    const { tokenId, scopes, claims, expiresUnixMs } = await this.#o.tokens.identify(secret);
    this.#takeOf(c, `token ${tokenId}`, 'of this token');
    if (scope === undefined) throw new RostrumError('forbidden', 'this is not for API tokens');
    if (!grants(scopes, scope)) throw new RostrumError('forbidden', `the API token is not good for ${scope}`);
    return { is: 'token', tokenId, scopes, claims, expiresUnixMs };
  }

  /** Of who asks, and says in the answer what is left. */
  #takeOf(c: Request, key: string, of: string): void {
    const { limits, clock } = this.#o;
    try {
      this.#take(this.#persons, key, of);
    } finally {
      const left = this.#persons.left(key, clock.nowMs());
      for (const [name, value] of Object.entries(rateLimitFields(limits.http.person, left)))
        c.header(name, value);
    }
  }

  /** Who is signed in. Throws `forbidden` for whoever comes by a link. */
  async accountOf(c: Request): Promise<SignedIn> {
    return this.accountIn(await this.bearerOf(c));
  }

  /** The same of a bearer that is known. */
  accountIn({ account }: Bearer): SignedIn {
    if (!account) throw new RostrumError('forbidden', 'this is for whoever is signed in');
    return account;
  }

  #take(buckets: KeyedBuckets, key: string, of: string): void {
    const retryAfterMs = buckets.take(key, this.#o.clock.nowMs());
    if (retryAfterMs > 0) {
      throw new RostrumError('rate-limited', `too many requests ${of}`, { retryAfterMs });
    }
  }
}

/** The webinar that a path is about. null: none. */
const webinarIn = (path: string): string | null =>
  /^\/api(?:\/v\d+)?\/webinars\/([A-Za-z0-9_-]{4,64})(?:\/|$)/.exec(path)?.[1] ?? null;
