import { randomBytes } from 'node:crypto';
import {
  type ChangeWebhook,
  type CreatedWebhook,
  type CreateWebhook,
  type LinkClaims,
  type PageQuery,
  RostrumError,
  type Webhook,
  type WebhookDelivery,
  type WebhookDeliveryPage,
} from '@rostrum/contracts';
import { z } from 'zod';
import { type Cursors, cut } from '../http/v1/cursors.ts';
import type { Keep } from '../http/v1/idempotency.ts';
import type { Clock, Ids } from '../ports.ts';
import type { DeliveryRow, Store, WebhookRow } from '../store/index.ts';
import { checkUrl } from './addresses.ts';
import { bodyOf } from './messages.ts';
import { DAY_MS } from './schedule.ts';

const MAX_WEBHOOKS = 50;
/** Both secrets hold for so long, in which whoever is told takes the new one. */
const ROTATION_MS = DAY_MS;
/** Of which the new one is kept for good. */
const MAX_SECRETS = 3;
const Position = z.tuple([z.number(), z.string()]);

export interface WebhookServiceOptions {
  readonly store: Pick<Store, 'webhooks' | 'database'>;
  readonly cursors: Cursors;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly allowLoopback: boolean;
  /** There is something to be sent. */
  readonly wake: () => void;
}

/** Addresses that are told what happens: the owner's, or of a token that is good for them. */
export class WebhookService {
  readonly #o: WebhookServiceOptions;

  constructor(options: WebhookServiceOptions) {
    this.#o = options;
  }

  async create(
    bearer: LinkClaims,
    input: z.output<typeof CreateWebhook>,
    keep: Keep | null,
  ): Promise<CreatedWebhook> {
    owned(bearer);
    this.#check(input.url);
    const { store, ids, clock } = this.#o;
    if ((await store.webhooks.list(MAX_WEBHOOKS)).length >= MAX_WEBHOOKS) {
      throw new RostrumError('limit-reached', `at most ${MAX_WEBHOOKS} webhooks`);
    }
    const secret = newSecret();
    const row: WebhookRow = {
      ...{ webhookId: ids.next(), url: input.url, description: input.description, events: input.events },
      ...{ secrets: [{ secret, untilUnixMs: null }], state: 'enabled', failingSinceUnixMs: null },
      createdUnixMs: clock.nowUnixMs(),
    };
    const made = { ...this.#told(row), secret };
    await store.database.transact(async (tx) => {
      await store.webhooks.add(row, tx);
      await keep?.(() => made)(tx);
    });
    return made;
  }

  async list(bearer: LinkClaims): Promise<{ webhooks: Webhook[] }> {
    owned(bearer);
    const rows = await this.#o.store.webhooks.list(MAX_WEBHOOKS);
    return { webhooks: rows.map((row) => this.#told(row)) };
  }

  async get(bearer: LinkClaims, webhookId: string): Promise<Webhook> {
    return this.#told(await this.#find(bearer, webhookId));
  }

  /** Turned on again, it is as if it had never failed. */
  async change(
    bearer: LinkClaims,
    webhookId: string,
    { url, description, events, enabled }: z.output<typeof ChangeWebhook>,
  ): Promise<Webhook> {
    owned(bearer);
    if (url !== undefined) this.#check(url);
    const changed = await this.#o.store.webhooks.change(webhookId, (row) => ({
      ...row,
      url: url ?? row.url,
      description: description ?? row.description,
      events: events ?? row.events,
      ...(enabled === undefined ? {} : { state: enabled ? 'enabled' : 'disabled' }),
      ...(enabled ? { failingSinceUnixMs: null } : {}),
    }));
    if (!changed) throw unknown();
    this.#o.wake();
    return this.#told(changed);
  }

  async remove(bearer: LinkClaims, webhookId: string): Promise<Record<string, never>> {
    owned(bearer);
    if (!(await this.#o.store.webhooks.remove(webhookId))) throw unknown();
    return {};
  }

  /** A new secret; those before it hold for a day more. */
  async rotate(bearer: LinkClaims, webhookId: string): Promise<{ secret: string }> {
    owned(bearer);
    const secret = newSecret();
    const nowUnixMs = this.#o.clock.nowUnixMs();
    const changed = await this.#o.store.webhooks.change(webhookId, (row) => ({
      ...row,
      secrets: [
        { secret, untilUnixMs: null },
        ...row.secrets
          .filter(({ untilUnixMs }) => untilUnixMs === null || untilUnixMs > nowUnixMs)
          .map((old) => ({ ...old, untilUnixMs: old.untilUnixMs ?? nowUnixMs + ROTATION_MS })),
      ].slice(0, MAX_SECRETS),
    }));
    if (!changed) throw unknown();
    return { secret };
  }

  /** Sends a message that tells of nothing. */
  async test(bearer: LinkClaims, webhookId: string): Promise<{ messageId: string }> {
    const { store, clock, ids } = this.#o;
    const row = await this.#find(bearer, webhookId);
    if (row.state !== 'enabled') throw new RostrumError('conflict', 'the webhook is turned off');
    const atUnixMs = clock.nowUnixMs();
    const messageId = `msg_test_${ids.next()}`;
    const body = bodyOf('webhook.test', atUnixMs, { webhookId });
    await store.database.transact((tx) =>
      store.webhooks.tell(tx, { messageId, type: 'webhook.test', body, atUnixMs }, webhookId),
    );
    this.#o.wake();
    return { messageId };
  }

  async deliveries(bearer: LinkClaims, webhookId: string, query: PageQuery): Promise<WebhookDeliveryPage> {
    await this.#find(bearer, webhookId);
    const { store, cursors } = this.#o;
    const list = `deliveries ${webhookId}`;
    const after = query.cursor ? cursors.read(list, query.cursor, Position) : null;
    const rows = await store.webhooks.deliveries(webhookId, query.limit + 1, after);
    const [page, next] = cut(rows, query.limit, (last) =>
      cursors.of(list, [last.createdUnixMs, last.messageId]),
    );
    return { deliveries: page.map(deliveryTold), next };
  }

  async replay(
    bearer: LinkClaims,
    webhookId: string,
    which: { readonly messageId: string } | { readonly sinceUnixMs: number },
  ): Promise<{ replayed: number }> {
    await this.#find(bearer, webhookId);
    const { store, clock } = this.#o;
    const replayed = await store.webhooks.replay(webhookId, which, clock.nowUnixMs());
    if ('messageId' in which && replayed === 0) throw new RostrumError('not-found', 'no such message');
    this.#o.wake();
    return { replayed };
  }

  #check(url: string): void {
    try {
      checkUrl(new URL(url), this.#o.allowLoopback);
    } catch (error) {
      const why = error instanceof Error ? error.message : 'no address';
      throw new RostrumError('bad-input', `url: ${why}`, { field: 'url', cause: error });
    }
  }

  async #find(bearer: LinkClaims, webhookId: string): Promise<WebhookRow> {
    owned(bearer);
    const row = await this.#o.store.webhooks.find(webhookId);
    if (!row) throw unknown();
    return row;
  }

  #told(row: WebhookRow): Webhook {
    const { webhookId, url, description, events, state, failingSinceUnixMs, createdUnixMs } = row;
    const nowUnixMs = this.#o.clock.nowUnixMs();
    return {
      ...{ webhookId, url, description, events: [...events], failingSinceUnixMs, createdUnixMs },
      enabled: state === 'enabled',
      disabledFor: state === 'failing' || state === 'gone' ? state : null,
      secrets: row.secrets.filter((s) => s.untilUnixMs === null || s.untilUnixMs > nowUnixMs).length,
    };
  }
}

function owned(bearer: LinkClaims): void {
  if (bearer.role !== 'owner') throw new RostrumError('forbidden', 'webhooks are the owner’s');
}
const unknown = (): RostrumError => new RostrumError('not-found', 'no such webhook');
/** As Standard Webhooks has it: 24 to 64 random bytes. */
const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`;

const deliveryTold = (row: DeliveryRow): WebhookDelivery => {
  const { messageId, type, state, attempts, createdUnixMs, nextUnixMs, outcome } = row;
  return {
    ...{ messageId, type, state, attempts, createdUnixMs, outcome },
    nextUnixMs: state === 'waiting' ? nextUnixMs : null,
  };
};
