import type { InvitationSummary } from '@rostrum/contracts';
import type { Selectable } from 'kysely';
import { emailKey } from './accounts.ts';
import type { Database, Tx } from './database.ts';
import type { Schema } from './schema.ts';

/** What was mailed to somebody to act on once: invitations to have an account, and to choose another password. Of secrets hashes are kept. */
export class InvitationRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** In place of any other to this address. Answers the id of the one that it takes the place of. */
  async add(tx: Tx, invitation: InvitationSummary, tokenHash: string): Promise<string | null> {
    const before = await tx
      .deleteFrom('invitations')
      .where('email_key', '=', emailKey(invitation.email))
      .returning('invitation_id')
      .executeTakeFirst();
    await tx
      .insertInto('invitations')
      .values({
        invitation_id: invitation.invitationId,
        token_hash: tokenHash,
        email: invitation.email,
        email_key: emailKey(invitation.email),
        role: invitation.role,
        inviter: invitation.inviter,
        created_unix_ms: invitation.createdUnixMs,
        expires_unix_ms: invitation.expiresUnixMs,
      })
      .execute();
    return before?.invitation_id ?? null;
  }

  /** Those that have not expired, newest first. */
  async list(nowUnixMs: number): Promise<InvitationSummary[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('invitations')
        .selectAll()
        .where('expires_unix_ms', '>', nowUnixMs)
        .orderBy('created_unix_ms', 'desc')
        .orderBy('invitation_id')
        .execute(),
    );
    return rows.map(invitationOf);
  }

  /** Expired ones are none. */
  async find(tokenHash: string, nowUnixMs: number): Promise<InvitationSummary | null> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('invitations')
        .selectAll()
        .where('token_hash', '=', tokenHash)
        .where('expires_unix_ms', '>', nowUnixMs)
        .executeTakeFirst(),
    );
    return row ? invitationOf(row) : null;
  }

  /** The invitation to this address, which is used up. Of two who do so at once one is answered it. */
  async takeFor(tx: Tx, email: string, nowUnixMs: number): Promise<InvitationSummary | null> {
    const row = await tx
      .deleteFrom('invitations')
      .where('email_key', '=', emailKey(email))
      .returningAll()
      .executeTakeFirst();
    return row && Number(row.expires_unix_ms) > nowUnixMs ? invitationOf(row) : null;
  }

  /** Takes one back, or uses it up. null: it was already. */
  async take(tx: Tx, invitationId: string): Promise<InvitationSummary | null> {
    const row = await tx
      .deleteFrom('invitations')
      .where('invitation_id', '=', invitationId)
      .returningAll()
      .executeTakeFirst();
    return row ? invitationOf(row) : null;
  }

  /** null: for nobody, which takes as long. Those that have expired go. */
  async addReset(
    tx: Tx,
    reset: { readonly accountId: string; readonly tokenHash: string; readonly expiresUnixMs: number } | null,
    nowUnixMs: number,
  ): Promise<void> {
    await tx.deleteFrom('password_resets').where('expires_unix_ms', '<=', nowUnixMs).execute();
    if (reset === null) return;
    await tx
      .insertInto('password_resets')
      .values({
        account_id: reset.accountId,
        token_hash: reset.tokenHash,
        expires_unix_ms: reset.expiresUnixMs,
      })
      .execute();
  }

  /** Whose password may be set by it: it is used up with all others of theirs. null: nobody's. */
  async takeReset(tx: Tx, tokenHash: string, nowUnixMs: number): Promise<string | null> {
    const row = await tx
      .deleteFrom('password_resets')
      .where('token_hash', '=', tokenHash)
      .where('expires_unix_ms', '>', nowUnixMs)
      .returning('account_id')
      .executeTakeFirst();
    if (!row) return null;
    await this.dropResets(tx, row.account_id);
    return row.account_id;
  }

  async dropResets(tx: Tx, accountId: string): Promise<void> {
    await tx.deleteFrom('password_resets').where('account_id', '=', accountId).execute();
  }
}

const invitationOf = (row: Selectable<Schema['invitations']>): InvitationSummary => ({
  invitationId: row.invitation_id,
  email: row.email,
  role: row.role,
  inviter: row.inviter,
  createdUnixMs: Number(row.created_unix_ms),
  expiresUnixMs: Number(row.expires_unix_ms),
});
