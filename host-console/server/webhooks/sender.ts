import type { Logger } from 'pino';
import { Webhook } from 'standardwebhooks';
import type { Clock } from '../ports.ts';
import type { DeliveryRow, WebhookRepository, WebhookRow } from '../store/index.ts';
import { Trouble } from '../trouble.ts';
import { DEADLINE_MS, type Delivering, type Outcome } from './delivery.ts';
import { DAY_MS, nextOf, webhookAfter, wordOf } from './schedule.ts';

const LOOK_EVERY_MS = 2000;
/** Addresses that are sent to at once; to each, one message after the other. */
const LANES = 16;
/** A lease outlives every attempt: what is found with an ended one belonged to a process that is gone. */
export const LEASE_MS = DEADLINE_MS + 45_000;
const KEEP_MS = 30 * DAY_MS;
const FORGET_EVERY_MS = 3_600_000;

export interface WebhookSenderOptions {
  readonly webhooks: Pick<WebhookRepository, 'due' | 'lease' | 'settle' | 'find' | 'change' | 'forget'>;
  readonly deliver: (message: Delivering) => Promise<Outcome>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random?: () => number;
}

/**
 * Sends what is due, at least once: a message is leased, durably, before it is sent, and one whose lease ended without a word
 * is sent again. Each address has a lane of its own, so that one that does not answer keeps nobody else waiting.
 */
export class WebhookSender {
  readonly #o: WebhookSenderOptions;
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #trouble: Trouble;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #stopped = false;
  #forgetAtMs = 0;

  constructor(options: WebhookSenderOptions) {
    this.#o = options;
    this.#trouble = new Trouble('sending webhooks', options.logger, () => options.clock.nowMs());
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  /** What is under way is waited for; what is not settled then is sent again once its lease ends. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearInterval(this.#timer);
    await this.#looking;
    await Promise.all(this.#lanes.values());
  }

  /** Begins to send what is due; never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look()
      .then(
        () => this.#trouble.worked(),
        (error: unknown) => this.#trouble.failed(error),
      )
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  /** Until nothing is due or under way: for tests. */
  async settled(): Promise<void> {
    do {
      await this.look();
      await Promise.all(this.#lanes.values());
    } while ((await this.#o.webhooks.due(this.#o.clock.nowUnixMs(), 1)).length > 0);
  }

  async #look(): Promise<void> {
    const { webhooks, clock } = this.#o;
    if (this.#stopped) return;
    for (const webhookId of await webhooks.due(clock.nowUnixMs(), 2 * LANES)) {
      if (this.#lanes.size >= LANES || this.#lanes.has(webhookId)) continue;
      const lane = this.#lane(webhookId)
        .catch((error: unknown) => this.#trouble.failed(error))
        .finally(() => this.#lanes.delete(webhookId));
      this.#lanes.set(webhookId, lane);
    }
    if (clock.nowMs() < this.#forgetAtMs) return;
    this.#forgetAtMs = clock.nowMs() + FORGET_EVERY_MS;
    await webhooks.forget(clock.nowUnixMs() - KEEP_MS);
  }

  /** Sends what one is to be told, for as long as anything is due and arrives. */
  async #lane(webhookId: string): Promise<void> {
    const { webhooks, clock } = this.#o;
    for (;;) {
      if (this.#stopped) return;
      const webhook = await webhooks.find(webhookId);
      if (webhook?.state !== 'enabled') return;
      const nowUnixMs = clock.nowUnixMs();
      const leased = await webhooks.lease(webhookId, nowUnixMs, nowUnixMs + LEASE_MS);
      if (!leased || !(await this.#attempt(webhook, leased))) return;
    }
  }

  /** Whether it arrived. */
  async #attempt(webhook: WebhookRow, leased: DeliveryRow): Promise<boolean> {
    const { webhooks, clock, deliver, random = Math.random, logger } = this.#o;
    const { url, webhookId } = webhook;
    const { messageId, body, attempts, type } = leased;
    const sentUnixMs = clock.nowUnixMs();
    const outcome = await deliver({ url, body, headers: headersOf(webhook, messageId, body, sentUnixMs) });
    const nowUnixMs = clock.nowUnixMs();
    const next = nextOf(outcome, attempts, nowUnixMs, random);
    const nextUnixMs = next.state === 'waiting' ? next.nextUnixMs : nowUnixMs;
    await webhooks.settle(leased, { state: next.state, nextUnixMs, outcome: wordOf(outcome) });
    const after = await webhooks.change(webhookId, (row) => webhookAfter(row, outcome, nowUnixMs));
    if (after && after.state !== webhook.state && after.state !== 'disabled') {
      logger.warn(
        { webhookId, why: after.state },
        'a webhook is turned off: the owner has to turn it on again',
      );
    } else if (next.state === 'failed') {
      logger.warn({ webhookId, messageId, type }, 'a webhook message was given up; it can be replayed');
    }
    return outcome.kind === 'delivered';
  }
}

/** Signed with every secret that holds (Standard Webhooks, "Multiple signatures"), for whoever has only one of them. */
function headersOf({ secrets }: WebhookRow, messageId: string, body: string, nowUnixMs: number) {
  const at = new Date(nowUnixMs);
  const good = secrets.filter(({ untilUnixMs }) => untilUnixMs === null || untilUnixMs > nowUnixMs);
  return {
    'user-agent': 'Rostrum-Webhooks/1',
    'webhook-id': messageId,
    'webhook-timestamp': String(Math.floor(nowUnixMs / 1000)),
    'webhook-signature': good.map(({ secret }) => new Webhook(secret).sign(messageId, at, body)).join(' '),
  };
}
