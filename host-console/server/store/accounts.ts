import type { AccountRole, OwnAccount } from '@rostrum/contracts';
import type { Selectable } from 'kysely';
import type { Database, Tx } from './database.ts';
import type { Schema } from './schema.ts';

export interface Account extends Omit<OwnAccount, 'hasPassword'> {
  readonly createdUnixMs: number;
}

export interface AccountWithHash extends Account {
  /** null: none. */
  readonly passwordHash: string | null;
}

/** What two addresses have in common that are one. Lower case in every script; a local part that minds its case is not known to be used. */
export const emailKey = (email: string): string => email.trim().normalize('NFC').toLowerCase();

/** People who sign in, and which webinars they run. */
export class AccountRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async hasOwner(): Promise<boolean> {
    const row = await this.#database.query((db) =>
      db.selectFrom('accounts').select('account_id').where('role', '=', 'owner').limit(1).executeTakeFirst(),
    );
    return row !== undefined;
  }

  /** How many own the installation, as the transaction sees it. */
  async owners(tx: Tx): Promise<number> {
    const rows = await tx.selectFrom('accounts').select('account_id').where('role', '=', 'owner').execute();
    return rows.length;
  }

  byEmail(email: string): Promise<AccountWithHash | null> {
    return this.#find('email_key', emailKey(email));
  }

  byId(accountId: string): Promise<AccountWithHash | null> {
    return this.#find('account_id', accountId);
  }

  /** As the transaction sees them. */
  async inTx(tx: Tx, accountId: string): Promise<AccountWithHash | null> {
    const row = await tx
      .selectFrom('accounts')
      .selectAll()
      .where('account_id', '=', accountId)
      .executeTakeFirst();
    return row ? { ...accountOf(row), passwordHash: row.password_hash } : null;
  }

  /** By name. */
  async list(): Promise<Account[]> {
    const rows = await this.#database.query((db) =>
      db.selectFrom('accounts').selectAll().orderBy('name').orderBy('account_id').execute(),
    );
    return rows.map((row) => accountOf(row));
  }

  /** Rejects the transaction with `conflict` where there is one with this address. */
  async add(tx: Tx, { passwordHash, ...account }: AccountWithHash): Promise<void> {
    await tx
      .insertInto('accounts')
      .values({
        account_id: account.accountId,
        email: account.email,
        email_key: emailKey(account.email),
        name: account.name,
        role: account.role,
        locale: account.locale,
        password_hash: passwordHash,
        created_unix_ms: account.createdUnixMs,
      })
      .execute();
  }

  /** Answers whether there is one. */
  async change(
    tx: Tx,
    accountId: string,
    change: Partial<Pick<AccountWithHash, 'name' | 'locale' | 'role' | 'passwordHash'>>,
  ): Promise<boolean> {
    const { passwordHash, ...others } = change;
    const set = { ...others, ...(passwordHash === undefined ? {} : { password_hash: passwordHash }) };
    if (Object.keys(set).length === 0) return true;
    const { numUpdatedRows } = await tx
      .updateTable('accounts')
      .set(set)
      .where('account_id', '=', accountId)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  }

  /** With its sessions, passkeys and everything else that is its own. Answers whether there was one. */
  async remove(tx: Tx, accountId: string): Promise<boolean> {
    const { numDeletedRows } = await tx
      .deleteFrom('accounts')
      .where('account_id', '=', accountId)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** Whom the webinar has by their accounts. */
  async membersOf(webinarId: string): Promise<{ account: Account; role: WebinarRole }[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('webinar_members')
        .innerJoin('accounts', 'accounts.account_id', 'webinar_members.account_id')
        .selectAll('accounts')
        .select('webinar_members.role as webinar_role')
        .where('webinar_members.webinar_id', '=', webinarId)
        .orderBy('accounts.name')
        .execute(),
    );
    return rows.map((row) => ({ account: accountOf(row), role: row.webinar_role }));
  }

  /** Sets who somebody is in a webinar. null: nobody. Rejects with `conflict` where there is no such account or webinar. */
  async assign(tx: Tx, webinarId: string, accountId: string, role: WebinarRole | null): Promise<void> {
    await tx
      .deleteFrom('webinar_members')
      .where('webinar_id', '=', webinarId)
      .where('account_id', '=', accountId)
      .execute();
    if (role === null) return;
    await tx
      .insertInto('webinar_members')
      .values({ webinar_id: webinarId, account_id: accountId, role })
      .execute();
  }

  /** Who they are at an OpenID provider. null: it is not known. */
  async byProvider(issuer: string, subject: string): Promise<Account | null> {
    const row = await this.#database.query((db) =>
      db
        .selectFrom('provider_identities')
        .innerJoin('accounts', 'accounts.account_id', 'provider_identities.account_id')
        .selectAll('accounts')
        .where('issuer', '=', issuer)
        .where('subject', '=', subject)
        .executeTakeFirst(),
    );
    return row ? accountOf(row) : null;
  }

  async linkProvider(tx: Tx, accountId: string, issuer: string, subject: string): Promise<void> {
    await tx.insertInto('provider_identities').values({ account_id: accountId, issuer, subject }).execute();
  }

  async #find(column: 'email_key' | 'account_id', value: string): Promise<AccountWithHash | null> {
    const row = await this.#database.query((db) =>
      db.selectFrom('accounts').selectAll().where(column, '=', value).executeTakeFirst(),
    );
    return row ? { ...accountOf(row), passwordHash: row.password_hash } : null;
  }
}

export type WebinarRole = Exclude<AccountRole, 'owner'>;

export const accountOf = (row: Selectable<Schema['accounts']>): Account => ({
  accountId: row.account_id,
  email: row.email,
  name: row.name,
  role: row.role,
  locale: row.locale,
  createdUnixMs: Number(row.created_unix_ms),
});
