import { ApiScope } from '@rostrum/contracts';
import { z } from 'zod';
import type { Database, Tx } from './database.ts';
import type { Schema } from './schema.ts';

export interface ApiTokenRow {
  readonly tokenId: string;
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  /** SHA-256 in hexadecimal. */
  readonly secretHash: string;
  readonly hint: string;
  readonly createdBy: string;
  readonly createdByName: string;
  readonly createdUnixMs: number;
  readonly usedUnixMs: number | null;
  readonly expiresUnixMs: number | null;
  readonly revokedUnixMs: number | null;
}

/** A scope that this version does not know grants nothing, and takes no list down. */
const KeptScopes = z
  .array(z.string())
  .transform((scopes) => scopes.flatMap((scope) => ApiScope.safeParse(scope).data ?? []));

/** Secrets of programs that use the API. */
export class ApiTokenRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Rejects with `conflict` where there is one of this id. */
  async add(row: ApiTokenRow, tx: Tx): Promise<void> {
    await tx
      .insertInto('api_tokens')
      .values({
        token_id: row.tokenId,
        // Text of people is kept inside JSON, which carries any string.
        name: JSON.stringify(row.name),
        scopes: JSON.stringify(row.scopes),
        secret_hash: row.secretHash,
        hint: row.hint,
        created_by: row.createdBy,
        created_by_name: JSON.stringify(row.createdByName),
        created_unix_ms: row.createdUnixMs,
        used_unix_ms: row.usedUnixMs,
        expires_unix_ms: row.expiresUnixMs,
        revoked_unix_ms: row.revokedUnixMs,
      })
      .execute();
  }

  /** Newest first; revoked ones too. */
  async list(limit: number): Promise<ApiTokenRow[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('api_tokens')
        .selectAll()
        .orderBy('created_unix_ms', 'desc')
        .orderBy('token_id')
        .limit(limit)
        .execute(),
    );
    return rows.map(tokenRow);
  }

  async byHash(secretHash: string): Promise<ApiTokenRow | null> {
    const row = await this.#database.query((db) =>
      db.selectFrom('api_tokens').selectAll().where('secret_hash', '=', secretHash).executeTakeFirst(),
    );
    return row ? tokenRow(row) : null;
  }

  async used(tokenId: string, unixMs: number): Promise<void> {
    await this.#database.transact(async (tx) => {
      await tx
        .updateTable('api_tokens')
        .set({ used_unix_ms: unixMs })
        .where('token_id', '=', tokenId)
        .execute();
    });
  }

  /** False: there is none of this id. One that was revoked before stays as it was. */
  revoke(tokenId: string, unixMs: number): Promise<boolean> {
    return this.#database.transact(async (tx) => {
      await tx
        .updateTable('api_tokens')
        .set({ revoked_unix_ms: unixMs })
        .where('token_id', '=', tokenId)
        .where('revoked_unix_ms', 'is', null)
        .execute();
      const row = await tx
        .selectFrom('api_tokens')
        .select('token_id')
        .where('token_id', '=', tokenId)
        .executeTakeFirst();
      return row !== undefined;
    });
  }
}

const numberOrNull = (n: number | null): number | null => (n === null ? null : Number(n));

const tokenRow = (r: Schema['api_tokens']): ApiTokenRow => ({
  tokenId: r.token_id,
  name: z.string().parse(JSON.parse(r.name)),
  scopes: KeptScopes.parse(JSON.parse(r.scopes)),
  secretHash: r.secret_hash,
  hint: r.hint,
  createdBy: r.created_by,
  createdByName: z.string().parse(JSON.parse(r.created_by_name)),
  createdUnixMs: Number(r.created_unix_ms),
  usedUnixMs: numberOrNull(r.used_unix_ms),
  expiresUnixMs: numberOrNull(r.expires_unix_ms),
  revokedUnixMs: numberOrNull(r.revoked_unix_ms),
});
