import { WebhookEvent } from '@rostrum/contracts';
import { z } from 'zod';
import type { Database, Reader, Tx } from './database.ts';
import type { Schema } from './schema.ts';

const Secrets = z.array(z.object({ secret: z.string(), untilUnixMs: z.number().nullable() }));
/** Newest first; the others end at a time. */
export type WebhookSecrets = z.infer<typeof Secrets>;

export interface WebhookRow {
  readonly webhookId: string;
  readonly url: string;
  readonly description: string;
  readonly events: readonly WebhookEvent[];
  readonly secrets: WebhookSecrets;
  readonly state: 'enabled' | 'disabled' | 'failing' | 'gone';
  readonly failingSinceUnixMs: number | null;
  readonly createdUnixMs: number;
}

export interface DeliveryRow {
  readonly webhookId: string;
  readonly messageId: string;
  readonly type: string;
  /** As it is sent. */
  readonly body: string;
  readonly state: 'waiting' | 'delivered' | 'failed';
  readonly attempts: number;
  /** When it is tried, or, while it is sent, when it is taken from whoever does. */
  readonly nextUnixMs: number;
  readonly createdUnixMs: number;
  readonly outcome: string | null;
}

export interface NewMessage {
  readonly messageId: string;
  /** `webhook.test` goes to one that is named. */
  readonly type: WebhookEvent | 'webhook.test';
  readonly body: string;
  readonly atUnixMs: number;
  /** Not to be sent before; absent: at once. */
  readonly dueUnixMs?: number | undefined;
}

const KeptEvents = z
  .array(z.string())
  .transform((events) => events.flatMap((event) => WebhookEvent.safeParse(event).data ?? []));

/** Addresses that are told what happens, and what each is told. */
export class WebhookRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async add(row: WebhookRow, tx: Tx): Promise<void> {
    await tx
      .insertInto('webhooks')
      .values({ webhook_id: row.webhookId, created_unix_ms: row.createdUnixMs, ...columnsOf(row) })
      .execute();
  }

  /** Newest first. */
  async list(limit: number): Promise<WebhookRow[]> {
    const rows = await this.#database.query((db) =>
      db.selectFrom('webhooks').selectAll().orderBy('created_unix_ms', 'desc').limit(limit).execute(),
    );
    return rows.map(webhookRow);
  }

  find(webhookId: string): Promise<WebhookRow | null> {
    return this.#database.query((db) => found(db, webhookId));
  }

  /** As `change` makes it of what is there. null: there is none. */
  change(webhookId: string, change: (row: WebhookRow) => WebhookRow): Promise<WebhookRow | null> {
    return this.#database.transact(async (tx) => {
      const before = await found(tx, webhookId);
      if (!before) return null;
      const after = change(before);
      if (after === before) return before;
      await tx.updateTable('webhooks').set(columnsOf(after)).where('webhook_id', '=', webhookId).execute();
      return after;
    });
  }

  /** With what it was told. False: there was none. */
  remove(webhookId: string): Promise<boolean> {
    return this.#database.transact(async (tx) => {
      await tx.deleteFrom('webhook_deliveries').where('webhook_id', '=', webhookId).execute();
      const gone = await tx.deleteFrom('webhooks').where('webhook_id', '=', webhookId).executeTakeFirst();
      return gone.numDeletedRows > 0n;
    });
  }

  /**
   * A message for everybody who wants its kind, or for the one that is named. It only adds rows of its own, so that it may go
   * with the append of what it tells of.
   */
  async tell(tx: Tx, message: NewMessage, only?: string): Promise<void> {
    const rows = await tx.selectFrom('webhooks').selectAll().where('state', '=', 'enabled').execute();
    const told = rows
      .map(webhookRow)
      .filter(({ webhookId, events }) =>
        only ? webhookId === only : events.some((event) => event === message.type),
      );
    if (told.length === 0) return;
    await tx
      .insertInto('webhook_deliveries')
      .values(
        told.map(({ webhookId }) => ({
          ...{ webhook_id: webhookId, message_id: message.messageId, type: message.type },
          ...{ body: message.body, state: 'waiting' as const, attempts: 0, outcome: null },
          ...{ next_unix_ms: message.dueUnixMs ?? message.atUnixMs, created_unix_ms: message.atUnixMs },
        })),
      )
      // A message has one id for ever: told again, it is the same.
      .onConflict((conflict) => conflict.columns(['webhook_id', 'message_id']).doNothing())
      .execute();
  }

  /** Those that wait for something that is due, of webhooks that are enabled. */
  async due(nowUnixMs: number, limit: number): Promise<string[]> {
    const rows = await this.#database.query((db) =>
      db
        .selectFrom('webhook_deliveries')
        .innerJoin('webhooks', 'webhooks.webhook_id', 'webhook_deliveries.webhook_id')
        .select('webhook_deliveries.webhook_id')
        .where('webhook_deliveries.state', '=', 'waiting')
        .where('webhook_deliveries.next_unix_ms', '<=', nowUnixMs)
        .where('webhooks.state', '=', 'enabled')
        .groupBy('webhook_deliveries.webhook_id')
        .limit(limit)
        .execute(),
    );
    return rows.map((r) => r.webhook_id);
  }

  /** Takes what of one is due first, until then: whoever holds it when that is over is taken for dead. null: nothing is due. */
  lease(webhookId: string, nowUnixMs: number, untilUnixMs: number): Promise<DeliveryRow | null> {
    return this.#database.transact(async (tx) => {
      const row = await tx
        .selectFrom('webhook_deliveries')
        .selectAll()
        .where('webhook_id', '=', webhookId)
        .where('state', '=', 'waiting')
        .where('next_unix_ms', '<=', nowUnixMs)
        .orderBy('next_unix_ms')
        .orderBy('message_id')
        .limit(1)
        .executeTakeFirst();
      if (!row) return null;
      const taken = await tx
        .updateTable('webhook_deliveries')
        .set({ attempts: row.attempts + 1, next_unix_ms: untilUnixMs })
        .where('webhook_id', '=', webhookId)
        .where('message_id', '=', row.message_id)
        .where('attempts', '=', row.attempts)
        .where('state', '=', 'waiting')
        .executeTakeFirst();
      // Another process was faster.
      if (taken.numUpdatedRows !== 1n) return null;
      return { ...deliveryRow(row), attempts: row.attempts + 1 };
    });
  }

  /** What came of an attempt, by who still holds it. */
  async settle(
    { webhookId, messageId, attempts }: Pick<DeliveryRow, 'webhookId' | 'messageId' | 'attempts'>,
    now: Pick<DeliveryRow, 'state' | 'nextUnixMs' | 'outcome'>,
  ): Promise<void> {
    await this.#database.transact(async (tx) => {
      await tx
        .updateTable('webhook_deliveries')
        .set({ state: now.state, next_unix_ms: now.nextUnixMs, outcome: now.outcome })
        .where('webhook_id', '=', webhookId)
        .where('message_id', '=', messageId)
        .where('attempts', '=', attempts)
        .where('state', '=', 'waiting')
        .execute();
    });
  }

  /** Newest first, after a place in the list. */
  async deliveries(
    webhookId: string,
    limit: number,
    after: readonly [createdUnixMs: number, messageId: string] | null,
  ): Promise<DeliveryRow[]> {
    const rows = await this.#database.query((db) => {
      let page = db.selectFrom('webhook_deliveries').selectAll().where('webhook_id', '=', webhookId);
      if (after) {
        const [createdUnixMs, messageId] = after;
        page = page.where((eb) =>
          eb.or([
            eb('created_unix_ms', '<', createdUnixMs),
            eb.and([eb('created_unix_ms', '=', createdUnixMs), eb('message_id', '>', messageId)]),
          ]),
        );
      }
      return page.orderBy('created_unix_ms', 'desc').orderBy('message_id').limit(limit).execute();
    });
    return rows.map(deliveryRow);
  }

  /** Has them sent again: the one, or all since a time. How many there are. */
  replay(
    webhookId: string,
    which: { readonly messageId: string } | { readonly sinceUnixMs: number },
    nowUnixMs: number,
  ): Promise<number> {
    return this.#database.transact(async (tx) => {
      const again = tx
        .updateTable('webhook_deliveries')
        .set({ state: 'waiting', attempts: 0, next_unix_ms: nowUnixMs })
        .where('webhook_id', '=', webhookId);
      const chosen =
        'messageId' in which
          ? again.where('message_id', '=', which.messageId)
          : again.where('created_unix_ms', '>=', which.sinceUnixMs);
      return Number((await chosen.executeTakeFirst()).numUpdatedRows);
    });
  }

  /** Forgets what is settled and older than that. */
  async forget(beforeUnixMs: number): Promise<void> {
    await this.#database.transact(async (tx) => {
      await tx
        .deleteFrom('webhook_deliveries')
        .where('state', '!=', 'waiting')
        .where('created_unix_ms', '<', beforeUnixMs)
        .execute();
    });
  }
}

async function found(db: Reader, webhookId: string): Promise<WebhookRow | null> {
  const row = await db
    .selectFrom('webhooks')
    .selectAll()
    .where('webhook_id', '=', webhookId)
    .executeTakeFirst();
  return row ? webhookRow(row) : null;
}

const columnsOf = (row: WebhookRow) => ({
  url: row.url,
  // Text of people is kept inside JSON, which carries any string.
  description: JSON.stringify(row.description),
  events: JSON.stringify(row.events),
  secrets: JSON.stringify(row.secrets),
  state: row.state,
  failing_since_unix_ms: row.failingSinceUnixMs,
});

const webhookRow = (r: Schema['webhooks']): WebhookRow => ({
  webhookId: r.webhook_id,
  url: r.url,
  description: z.string().parse(JSON.parse(r.description)),
  events: KeptEvents.parse(JSON.parse(r.events)),
  secrets: Secrets.parse(JSON.parse(r.secrets)),
  state: r.state,
  failingSinceUnixMs: r.failing_since_unix_ms === null ? null : Number(r.failing_since_unix_ms),
  createdUnixMs: Number(r.created_unix_ms),
});

const deliveryRow = (r: Schema['webhook_deliveries']): DeliveryRow => ({
  webhookId: r.webhook_id,
  messageId: r.message_id,
  type: r.type,
  body: r.body,
  state: r.state,
  attempts: r.attempts,
  nextUnixMs: Number(r.next_unix_ms),
  createdUnixMs: Number(r.created_unix_ms),
  outcome: r.outcome,
});
