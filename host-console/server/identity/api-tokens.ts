import { createHash, randomBytes } from 'node:crypto';
import {
  API_TOKEN_PREFIX,
  type ApiScope,
  type ApiToken,
  type CreateApiToken,
  type CreatedApiToken,
  type LinkClaims,
  RostrumError,
} from '@rostrum/contracts';
import { clipText } from '@rostrum/contracts/text';
import type { Logger } from 'pino';
import type { z } from 'zod';
import type { Keep } from '../http/v1/idempotency.ts';
import type { Clock, Ids } from '../ports.ts';
import type { ApiTokenRepository, ApiTokenRow, Store } from '../store/index.ts';

const DAY_MS = 86_400_000;
/** When one was last used is written down no more often: a request is no reason for a commit. */
const USED_EVERY_MS = 3_600_000;
const MAX_LISTED = 1000;
/** Of who did something in a webinar's log. */
const CALLER_NAME_MAX = 60;
/** Of the random part, so that one knows it again; 192 bits and more stay secret. */
const HINT_CHARS = 6;

export interface ApiTokensOptions {
  readonly store: Pick<Store, 'apiTokens' | 'database'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
}

/** A program that was identified by its secret: its rights are an owner's, as far as its scopes go. */
export interface TokenBearer {
  readonly tokenId: string;
  readonly scopes: readonly ApiScope[];
  readonly claims: LinkClaims;
  readonly expiresUnixMs: number;
}

export const isApiToken = (bearer: string): boolean => bearer.startsWith(API_TOKEN_PREFIX);

/**
 * Secrets by which programs use the API: 256 random bits each, of which a SHA-256 is kept. A secret with so much chance in it
 * needs no slow hash, and a lookup by the hash tells no clock how much of a guess was right.
 */
export class ApiTokens {
  readonly #o: ApiTokensOptions;
  readonly #tokens: ApiTokenRepository;

  constructor(options: ApiTokensOptions) {
    this.#o = options;
    this.#tokens = options.store.apiTokens;
  }

  /** Throws `forbidden` for all but people who are the owner: no token makes another. */
  async make(
    bearer: LinkClaims,
    input: z.output<typeof CreateApiToken>,
    keep: Keep | null = null,
  ): Promise<CreatedApiToken> {
    owned(bearer);
    const { clock, ids, store } = this.#o;
    const secret = `${API_TOKEN_PREFIX}${randomBytes(32).toString('base64url')}`;
    const createdUnixMs = clock.nowUnixMs();
    const row: ApiTokenRow = {
      tokenId: ids.next(),
      name: input.name,
      scopes: input.scopes,
      secretHash: hashOf(secret),
      hint: secret.slice(0, API_TOKEN_PREFIX.length + HINT_CHARS),
      createdBy: bearer.personId,
      createdByName: bearer.name,
      createdUnixMs,
      usedUnixMs: null,
      expiresUnixMs: input.validDays === null ? null : createdUnixMs + input.validDays * DAY_MS,
      revokedUnixMs: null,
    };
    const made = { ...this.#told(row), secret };
    await store.database.transact(async (tx) => {
      await this.#tokens.add(row, tx);
      await keep?.(() => made)(tx);
    });
    return made;
  }

  /** Newest first. Throws `forbidden`. */
  async list(bearer: LinkClaims): Promise<{ tokens: ApiToken[] }> {
    owned(bearer);
    const rows = await this.#tokens.list(MAX_LISTED);
    return { tokens: rows.map((row) => this.#told(row)) };
  }

  /** Throws `forbidden` and `not-found`. */
  async revoke(bearer: LinkClaims, tokenId: string): Promise<Record<string, never>> {
    owned(bearer);
    const known = await this.#tokens.revoke(tokenId, this.#o.clock.nowUnixMs());
    if (!known) throw new RostrumError('not-found', 'no such token');
    return {};
  }

  /** Whose secret it is. Throws `unauthenticated` and `unavailable`. */
  async identify(secret: string): Promise<TokenBearer> {
    const row = await this.#tokens.byHash(hashOf(secret));
    const nowUnixMs = this.#o.clock.nowUnixMs();
    const state = row ? stateOf(row, nowUnixMs) : 'unknown';
    if (!row || state !== 'good') throw new RostrumError('unauthenticated', `the API token is ${state}`);
    if (row.usedUnixMs === null || nowUnixMs - row.usedUnixMs >= USED_EVERY_MS) {
      this.#tokens.used(row.tokenId, nowUnixMs).catch((error: unknown) => {
        this.#o.logger.warn(
          { err: error, tokenId: row.tokenId },
          'that a token was used is not written down',
        );
      });
    }
    return {
      tokenId: row.tokenId,
      scopes: row.scopes,
      claims: {
        linkId: row.tokenId,
        generation: 0,
        webinarId: '*',
        personId: `token-${row.tokenId}`.slice(0, 64),
        role: 'owner',
        name: clipText(row.name, CALLER_NAME_MAX),
      },
      expiresUnixMs: row.expiresUnixMs ?? Number.POSITIVE_INFINITY,
    };
  }

  #told(row: ApiTokenRow): ApiToken {
    const { tokenId, name, scopes, hint, createdByName, createdUnixMs, usedUnixMs, expiresUnixMs } = row;
    return {
      ...{ tokenId, name, scopes: [...scopes], hint, createdByName, createdUnixMs, expiresUnixMs },
      lastUsedUnixMs: usedUnixMs,
      state: stateOf(row, this.#o.clock.nowUnixMs()),
    };
  }
}

function owned(bearer: LinkClaims): void {
  if (bearer.role !== 'owner') throw new RostrumError('forbidden', 'API tokens are the owner’s');
}

const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

function stateOf(row: ApiTokenRow, nowUnixMs: number): ApiToken['state'] {
  if (row.revokedUnixMs !== null) return 'revoked';
  return row.expiresUnixMs !== null && row.expiresUnixMs <= nowUnixMs ? 'expired' : 'good';
}
