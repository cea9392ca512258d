import { createHash } from 'node:crypto';
import type { MailOutcome } from '../mail/delivery.ts';
import type { Mail, Outbox } from '../mail/mail.ts';
import type { Database, Tx } from './database.ts';
import type { Schema } from './schema.ts';

export type MailState = Schema['mails']['state'];

/** What is written of a mail as it was given. */
type MailBody = Pick<Mail, 'to' | 'locale' | 'content'>;

/** A mail in the outbox. */
export interface KeptMail extends Pick<Mail, 'key' | 'webinarId' | 'dueUnixMs'> {
  readonly kind: string;
  readonly state: MailState;
  /** When it is tried next, while it is queued. */
  readonly nextUnixMs: number;
  readonly attempts: number;
  readonly settledUnixMs: number | null;
  /** What the last attempt came to. */
  readonly outcome: MailOutcome | null;
  /** null: it was long ago, and is forgotten. */
  readonly said: MailBody | null;
}

/** One that is to be sent, by whom it was given to alone. */
export interface LeasedMail extends Mail {
  /** Of the lease: a later one has another. */
  readonly epoch: number;
  /** This one counted. */
  readonly attempts: number;
}

export interface Lease {
  readonly nowUnixMs: number;
  readonly untilUnixMs: number;
  readonly limit: number;
}

/** What a lease came to. */
export type Settlement =
  | { readonly state: 'queued'; readonly nextUnixMs: number; readonly outcome: MailOutcome }
  | {
      readonly state: 'sent' | 'filed' | 'bounced' | 'doubtful' | 'expired';
      readonly nowUnixMs: number;
      readonly outcome: MailOutcome | null;
    };

/** Of which more is to be seen: what the last one of the page before was. */
export interface MailPlace {
  readonly dueUnixMs: number;
  readonly key: string;
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

  /** null: there is none. */
  async find(key: string): Promise<KeptMail | null> {
    const row = await this.#database.query((db) =>
      db.selectFrom('mails').selectAll().where('mail_key', '=', Buffer.from(key)).executeTakeFirst(),
    );
    return row ? keptMail(row) : null;
  }

  /** Latest due first, those of some states alone where they are given. */
  async list(limit: number, after: MailPlace | null, states: readonly MailState[]): Promise<KeptMail[]> {
    const rows = await this.#database.query((db) => {
      let query = db.selectFrom('mails').selectAll();
      if (states.length > 0) query = query.where('state', 'in', states);
      if (after) {
        query = query.where((where) =>
          where.or([
            where('due_unix_ms', '<', after.dueUnixMs),
            where.and([
              where('due_unix_ms', '=', after.dueUnixMs),
              where('mail_key', '<', Buffer.from(after.key)),
            ]),
          ]),
        );
      }
      return query.orderBy('due_unix_ms', 'desc').orderBy('mail_key', 'desc').limit(limit).execute();
    });
    return rows.map(keptMail);
  }

  /** How many are due and not sent yet. */
  async due(nowUnixMs: number): Promise<number> {
    const { count } = await this.#database.query((db) =>
      db
        .selectFrom('mails')
        .select((select) => select.fn.countAll().as('count'))
        .where('state', '=', 'queued')
        .where('next_unix_ms', '<=', nowUnixMs)
        .executeTakeFirstOrThrow(),
    );
    return Number(count);
  }

  /**
   * Those due longest, for the caller alone until then. One whose lease has ended without a settlement may have been sent: it
   * becomes `doubtful`; how many did is told too.
   */
  async lease({ nowUnixMs, untilUnixMs, limit }: Lease): Promise<{ leased: LeasedMail[]; doubtful: number }> {
    // Nothing is written, and no transaction begun, while nothing is to be done.
    const any = await this.#database.query((db) =>
      db
        .selectFrom('mails')
        .select('mail_key')
        .where('state', 'in', ['queued', 'sending'])
        .where('next_unix_ms', '<=', nowUnixMs)
        .limit(1)
        .executeTakeFirst(),
    );
    if (!any) return { leased: [], doubtful: 0 };
    return this.#database.transact(async (tx) => {
      const ended = await tx
        .updateTable('mails')
        .set({
          state: 'doubtful',
          settled_unix_ms: nowUnixMs,
          outcome: JSON.stringify({ kind: 'doubtful', reason: 'the sender ended' } satisfies MailOutcome),
        })
        .where('state', '=', 'sending')
        .where('next_unix_ms', '<=', nowUnixMs)
        .executeTakeFirst();
      const due = tx
        .selectFrom('mails')
        .selectAll()
        .where('state', '=', 'queued')
        .where('next_unix_ms', '<=', nowUnixMs)
        .orderBy('next_unix_ms')
        .limit(limit);
      // Of several processes nobody waits for another; in SQLite there is one.
      const rows = await (this.#database.engine === 'postgres'
        ? due.forUpdate().skipLocked()
        : due
      ).execute();
      const leased: LeasedMail[] = [];
      for (const row of rows) {
        const lease = { epoch: row.epoch + 1, attempts: row.attempts + 1 };
        await tx
          .updateTable('mails')
          .set({ state: 'sending', next_unix_ms: untilUnixMs, ...lease })
          .where('mail_key', '=', row.mail_key)
          .execute();
        const { key, webinarId, dueUnixMs, said } = keptMail(row);
        if (said) leased.push({ key, webinarId, dueUnixMs, ...said, ...lease });
      }
      return { leased, doubtful: Number(ended.numUpdatedRows) };
    });
  }

  /** Says what a lease came to. Nothing happens where it is another's by now. */
  async settle(of: { readonly key: string; readonly epoch: number }, settlement: Settlement): Promise<void> {
    const { state, outcome } = settlement;
    await this.#database.transact(async (tx) => {
      await tx
        .updateTable('mails')
        .set({
          state,
          outcome: outcome && JSON.stringify(outcome),
          ...(settlement.state === 'queued'
            ? { next_unix_ms: settlement.nextUnixMs }
            : { settled_unix_ms: settlement.nowUnixMs }),
        })
        .where('mail_key', '=', Buffer.from(of.key))
        .where('epoch', '=', of.epoch)
        // Whoever comes back late knows more than who found the lease ended; but what was in doubt is not tried again.
        .where('state', 'in', state === 'queued' ? ['sending'] : ['sending', 'doubtful'])
        .execute();
    });
  }

  /** Somebody wants it sent again, now; false: it is none that may be. */
  async again(key: string, nowUnixMs: number): Promise<boolean> {
    const { numUpdatedRows } = await this.#database.transact((tx) =>
      tx
        .updateTable('mails')
        .set({
          state: 'queued',
          next_unix_ms: nowUnixMs,
          due_unix_ms: nowUnixMs,
          attempts: 0,
          settled_unix_ms: null,
          outcome: null,
        })
        .where('mail_key', '=', Buffer.from(key))
        .where('state', 'in', MAY_BE_SENT_AGAIN)
        .where('body', 'is not', null)
        .executeTakeFirst(),
    );
    return numUpdatedRows > 0n;
  }

  /** What was said, and to whom, in those that were settled before then. */
  async forget(settledBeforeUnixMs: number): Promise<void> {
    await this.#database.transact(async (tx) => {
      await tx
        .updateTable('mails')
        .set({ body: null, outcome: null })
        .where('settled_unix_ms', '<', settledBeforeUnixMs)
        .where('body', 'is not', null)
        .execute();
    });
  }

  /** All that was ever to be said to this address: its owner wants nothing of them kept. */
  async forgetAddress(tx: Tx, address: string): Promise<void> {
    const of = addressHash(address);
    await tx.deleteFrom('mails').where('address_hash', '=', of).where('state', '=', 'queued').execute();
    await tx
      .updateTable('mails')
      .set({ body: null, outcome: null, address_hash: '' })
      .where('address_hash', '=', of)
      .execute();
  }
}

/** Not what was sent: twice is never. In a folder it lies for somebody to send on, or until there is a server. */
export const MAY_BE_SENT_AGAIN = [
  'bounced',
  'doubtful',
  'filed',
  'expired',
] as const satisfies readonly MailState[];

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

const keptMail = (row: Schema['mails']): KeptMail => ({
  key: Buffer.from(row.mail_key).toString(),
  webinarId: row.webinar_id,
  kind: row.kind,
  dueUnixMs: Number(row.due_unix_ms),
  nextUnixMs: Number(row.next_unix_ms),
  state: row.state,
  attempts: row.attempts,
  settledUnixMs: row.settled_unix_ms === null ? null : Number(row.settled_unix_ms),
  outcome: row.outcome === null ? null : (JSON.parse(row.outcome) as MailOutcome),
  said: row.body === null ? null : (JSON.parse(row.body) as MailBody),
});

/** Of no mailbox that is in use do two differ by case alone (RFC 5321 section 2.4 lets them). */
export const addressHash = (address: string): string =>
  createHash('sha256').update(address.trim().toLowerCase()).digest('hex');

/** The first bytes behind all that begin with these: no byte of UTF-8 is 0xFF. */
function afterAll(prefix: string): Buffer {
  const bytes = Buffer.from(prefix);
  const last = bytes.length - 1;
  bytes[last] = (bytes[last] ?? 0) + 1;
  return bytes;
}
