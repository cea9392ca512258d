import { createHash } from 'node:crypto';
import type { Mail, Outbox } from '../mail/mail.ts';
import type { Database, Tx } from './database.ts';
import type { Schema } from './schema.ts';

export type MailState = Schema['mails']['state'];

/** What is written of a mail as it was given. */
type MailBody = Pick<Mail, 'to' | 'locale' | 'content'>;

/** A mail in the outbox. */
export interface KeptMail
  extends Pick<Mail, 'key' | 'webinarId' | 'dueUnixMs' | 'to' | 'locale' | 'content'> {
  readonly state: MailState;
}

/** So many rows go in one statement: SQLite takes 32,766 parameters. */
const ROWS_PER_STATEMENT = 500;

/** The outbox: what is to be mailed, and what became of it. */
export class MailRepository implements Outbox {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add(tx: Tx, mail: Mail): Promise<void> {
    return this.addAll(tx, [mail]);
  }

  async addAll(tx: Tx, mails: readonly Mail[]): Promise<void> {
    for (let from = 0; from < mails.length; from += ROWS_PER_STATEMENT) {
      await tx
        .insertInto('mails')
        .values(mails.slice(from, from + ROWS_PER_STATEMENT).map(rowOf))
        .onConflict((conflict) => conflict.column('mail_key').doNothing())
        .execute();
    }
  }

  async withdraw(tx: Tx, keyPrefix: string): Promise<void> {
    if (keyPrefix === '') throw new TypeError('a prefix of every key');
    await tx
      .deleteFrom('mails')
      .where('mail_key', '>=', Buffer.from(keyPrefix))
      .where('mail_key', '<', afterAll(keyPrefix))
      .where('state', '=', 'queued')
      .execute();
  }

  /** null: there is none, or what it said is forgotten. */
  async find(key: string): Promise<KeptMail | null> {
    const row = await this.#database.query((db) =>
      db.selectFrom('mails').selectAll().where('mail_key', '=', Buffer.from(key)).executeTakeFirst(),
    );
    return row ? keptMail(row) : null;
  }
}

function rowOf(mail: Mail): Schema['mails'] {
  const { to, locale, content } = mail;
  return {
    mail_key: Buffer.from(mail.key),
    webinar_id: mail.webinarId,
    kind: content.kind,
    address_hash: addressHash(to.address),
    due_unix_ms: mail.dueUnixMs,
    next_unix_ms: mail.dueUnixMs,
    state: 'queued',
    epoch: 0,
    attempts: 0,
    settled_unix_ms: null,
    body: JSON.stringify({ to, locale, content } satisfies MailBody),
    outcome: null,
  };
}

function keptMail(row: Schema['mails']): KeptMail | null {
  if (row.body === null) return null;
  return {
    key: Buffer.from(row.mail_key).toString(),
    webinarId: row.webinar_id,
    dueUnixMs: Number(row.due_unix_ms),
    state: row.state,
    ...(JSON.parse(row.body) as MailBody),
  };
}

/** Of no mailbox that is in use do two differ by case alone (RFC 5321 section 2.4 lets them). */
const addressHash = (address: string): string =>
  createHash('sha256').update(address.trim().toLowerCase()).digest('hex');

/** The first bytes behind all that begin with these: no byte of UTF-8 is 0xFF. */
function afterAll(prefix: string): Buffer {
  const bytes = Buffer.from(prefix);
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) + 1;
  return bytes;
}
