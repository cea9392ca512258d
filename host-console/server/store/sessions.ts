import type { AccountRole, SessionSummary, SignInMethod } from '@rostrum/contracts';
import { type Account, accountOf, type WebinarRole } from './accounts.ts';
import type { Database, Tx } from './database.ts';

export interface NewSession {
  readonly sessionId: string;
  readonly accountId: string;
  readonly tokenHash: string;
  readonly createdUnixMs: number;
  readonly expiresUnixMs: number;
  readonly userAgent: string;
  readonly method: SignInMethod;
}

/** A session, whose it is, and who that is in the webinar that was asked about. */
export interface KnownSession {
  readonly sessionId: string;
  readonly account: Account;
  readonly seenUnixMs: number;
  readonly expiresUnixMs: number;
  readonly webinarRole: WebinarRole | null;
}

export interface StandingSession {
  readonly role: AccountRole;
  /** What they were assigned to. */
  readonly webinars: ReadonlyMap<string, WebinarRole>;
}

/** Browsers in which somebody is signed in. */
export class SessionRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(tx: Tx, session: NewSession): Promise<void> {
    await tx
      .insertInto('sessions')
      .values({
        session_id: session.sessionId,
        account_id: session.accountId,
        token_hash: session.tokenHash,
        created_unix_ms: session.createdUnixMs,
        seen_unix_ms: session.createdUnixMs,
        expires_unix_ms: session.expiresUnixMs,
        user_agent: session.userAgent,
        method: session.method,
      })
      .execute();
    await tx
      .deleteFrom('sessions')
      .where('account_id', '=', session.accountId)
      .where('expires_unix_ms', '<=', session.createdUnixMs)
      .execute();
  }

  /** By what the browser's cookie hashes to. Expired ones are none. */
  async find(tokenHash: string, webinarId: string | null, nowUnixMs: number): Promise<KnownSession | null> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('sessions')
        .innerJoin('accounts', 'accounts.account_id', 'sessions.account_id')
        .leftJoin('webinar_members', (join) =>
          join
            .onRef('webinar_members.account_id', '=', 'sessions.account_id')
            .on('webinar_members.webinar_id', '=', webinarId ?? ''),
        )
        .selectAll('accounts')
        .select(['session_id', 'seen_unix_ms', 'expires_unix_ms', 'webinar_members.role as webinar_role'])
        .where('token_hash', '=', tokenHash)
        .where('expires_unix_ms', '>', nowUnixMs)
        .executeTakeFirst(),
    );
    if (!row) return null;
    return {
      sessionId: row.session_id,
      account: accountOf(row),
      seenUnixMs: Number(row.seen_unix_ms),
      expiresUnixMs: Number(row.expires_unix_ms),
      webinarRole: row.webinar_role,
    };
  }

  async touch(tx: Tx, sessionId: string, seenUnixMs: number): Promise<void> {
    await tx
      .updateTable('sessions')
      .set({ seen_unix_ms: seenUnixMs })
      .where('session_id', '=', sessionId)
      .execute();
  }

  /** Those that have not expired, the one that was used last first. */
  async of(accountId: string, nowUnixMs: number): Promise<Omit<SessionSummary, 'current'>[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('sessions')
        .selectAll()
        .where('account_id', '=', accountId)
        .where('expires_unix_ms', '>', nowUnixMs)
        .orderBy('seen_unix_ms', 'desc')
        .orderBy('session_id')
        .execute(),
    );
    return rows.map((row) => ({
      sessionId: row.session_id,
      createdUnixMs: Number(row.created_unix_ms),
      seenUnixMs: Number(row.seen_unix_ms),
      expiresUnixMs: Number(row.expires_unix_ms),
      userAgent: row.user_agent,
      method: row.method,
    }));
  }

  /** Which of these sessions there still are, and who they are where. */
  async standing(
    sessionIds: readonly string[],
    nowUnixMs: number,
  ): Promise<ReadonlyMap<string, StandingSession>> {
    if (sessionIds.length === 0) return new Map();
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('sessions')
        .innerJoin('accounts', 'accounts.account_id', 'sessions.account_id')
        .leftJoin('webinar_members', 'webinar_members.account_id', 'sessions.account_id')
        .select(['session_id', 'accounts.role as role', 'webinar_id', 'webinar_members.role as webinar_role'])
        .where('session_id', 'in', sessionIds)
        .where('expires_unix_ms', '>', nowUnixMs)
        .execute(),
    );
    const standing = new Map<string, { role: AccountRole; webinars: Map<string, WebinarRole> }>();
    for (const { session_id, role, webinar_id, webinar_role } of rows) {
      const session = standing.get(session_id) ?? { role, webinars: new Map() };
      if (webinar_id !== null && webinar_role !== null) session.webinars.set(webinar_id, webinar_role);
      standing.set(session_id, session);
    }
    return standing;
  }

  /** Ends one of the account's. Answers whether there was such a one. */
  async end(tx: Tx, accountId: string, sessionId: string): Promise<boolean> {
    const { numDeletedRows } = await tx
      .deleteFrom('sessions')
      .where('account_id', '=', accountId)
      .where('session_id', '=', sessionId)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** Ends all of the account's but one. */
  async endAll(tx: Tx, accountId: string, but: string | null): Promise<void> {
    const all = tx.deleteFrom('sessions').where('account_id', '=', accountId);
    await (but === null ? all : all.where('session_id', '<>', but)).execute();
  }
}
