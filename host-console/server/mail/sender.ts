/** Sends what is due of the outbox. */
import { backoffMs } from '@rostrum/service-kit/backoff';
import type { Logger } from 'pino';
import type { Clock } from '../ports.ts';
import type { LeasedMail, MailRepository } from '../store/index.ts';
import { type Compose, NoAddress } from './compose.ts';
import { DELIVERY_DEADLINE_MS, type Delivery, type MailOutcome } from './delivery.ts';
import { expiresUnixMs } from './expiry.ts';
import type { MailMetrics } from './metrics.ts';

export interface MailSenderOptions {
  readonly mails: Pick<MailRepository, 'lease' | 'settle' | 'due' | 'forget'>;
  readonly compose: Compose;
  readonly delivery: Delivery;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: MailMetrics;
  readonly random?: () => number;
}

const LOOK_EVERY_MS = 2000;
const AT_ONCE = 5;
/** A lease outlives every delivery: what is found with an ended one belonged to a process that is gone. */
export const LEASE_MS = DELIVERY_DEADLINE_MS + 60_000;
/** Between attempts at one mail; from RFC 5321 section 4.5.4.1 are that they grow, and how long they go on. */
const RETRY = { firstMs: 4 * 60_000, maxMs: 2 * 3_600_000 };
const RETRY_LEAST_MS = 20_000;
const GIVE_UP_MS = 4 * 86_400_000;
/** While the server is away nothing is sent; it is asked ever less often. */
const PAUSE = { firstMs: 2000, maxMs: 60_000 };
/** What was said is forgotten so long after it was; that it was, never. */
export const KEEP_WORDS_MS = 30 * 86_400_000;
const FORGET_EVERY_MS = 3_600_000;
const STOP_WITHIN_MS = 3000;

/**
 * Never twice: a mail is leased, durably, before its server hears of it, and one whose lease ended without a word is `doubtful`,
 * not sent again by itself. So a process that dies loses at most those that it was sending (five), and says which.
 */
export class MailSender {
  readonly #o: MailSenderOptions;
  readonly #underWay = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #stopped = false;
  #failures = 0;
  #pausedUntilMs = 0;
  #forgetAtMs = 0;

  constructor(options: MailSenderOptions) {
    this.#o = options;
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  /** Waits for what is under way, a moment: what takes longer is in doubt once its lease ends. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearInterval(this.#timer);
    await this.#looking;
    let enough: NodeJS.Timeout | undefined;
    const waited = new Promise((resolve) => {
      enough = setTimeout(resolve, STOP_WITHIN_MS);
    });
    await Promise.race([Promise.all(this.#underWay), waited]);
    clearTimeout(enough);
    this.#o.delivery.close();
  }

  /** Begins to send what is due; never rejects. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** Until nothing is due or under way: for tests. */
  async idle(): Promise<void> {
    for (;;) {
      await this.look();
      if (this.#underWay.size === 0) return;
      await Promise.all(this.#underWay);
    }
  }

  async #look(): Promise<void> {
    const { mails, clock, logger, metrics } = this.#o;
    try {
      const nowUnixMs = clock.nowUnixMs();
      metrics.due.set(await mails.due(nowUnixMs));
      if (clock.nowMs() >= this.#forgetAtMs) {
        this.#forgetAtMs = clock.nowMs() + FORGET_EVERY_MS;
        await mails.forget(nowUnixMs - KEEP_WORDS_MS);
      }
      const limit = AT_ONCE - this.#underWay.size;
      if (this.#stopped || limit <= 0 || clock.nowMs() < this.#pausedUntilMs) return;
      const { leased, doubtful } = await mails.lease({ nowUnixMs, untilUnixMs: nowUnixMs + LEASE_MS, limit });
      if (doubtful > 0) {
        metrics.settled.inc({ outcome: 'doubtful' }, doubtful);
        logger.warn({ mails: doubtful }, 'a sender of mails died: whether they were sent is not known');
      }
      for (const mail of leased) this.#begin(mail);
    } catch (error) {
      logger.warn({ err: error }, 'the outbox could not be looked at');
    }
  }

  #begin(mail: LeasedMail): void {
    const sending = this.#send(mail)
      .catch((error: unknown) =>
        this.#o.logger.error({ err: error, key: mail.key }, 'a mail was not settled'),
      )
      .finally(() => {
        this.#underWay.delete(sending);
        if (!this.#stopped) void this.look();
      });
    this.#underWay.add(sending);
  }

  async #send(mail: LeasedMail): Promise<void> {
    const { clock, logger, metrics } = this.#o;
    const expired = clock.nowUnixMs() >= expiresUnixMs(mail);
    const outcome = expired ? 'expired' : await this.#deliver(mail);
    const kind = outcome === 'expired' ? outcome : outcome.kind;
    metrics.settled.inc({ outcome: kind });
    logger.info({ key: mail.key, outcome: kind, attempt: mail.attempts }, 'mail');
    this.#minds(outcome);
    await this.#settle(mail, outcome);
  }

  async #deliver(mail: LeasedMail): Promise<MailOutcome> {
    try {
      return await this.#o.delivery.deliver(await this.#o.compose(mail, this.#o.clock.nowUnixMs()));
    } catch (error) {
      // What cannot be composed now never can.
      if (!(error instanceof NoAddress))
        this.#o.logger.error({ err: error, key: mail.key }, 'no message can be made of it');
      return {
        kind: 'bounced',
        answer: error instanceof Error ? error.message : 'no message can be made of it',
      };
    }
  }

  /** Whether the server is away. */
  #minds(outcome: MailOutcome | 'expired'): void {
    if (outcome === 'expired') return;
    if (outcome.kind !== 'deferred' || outcome.because !== 'server') {
      this.#failures = 0;
      return;
    }
    if (this.#failures === 0) this.#o.logger.warn({ reason: outcome.reason }, 'mails cannot be sent');
    this.#failures += 1;
    const waitMs = backoffMs(PAUSE, this.#failures, this.#o.random);
    this.#pausedUntilMs = this.#o.clock.nowMs() + waitMs;
  }

  async #settle(mail: LeasedMail, outcome: MailOutcome | 'expired'): Promise<void> {
    const { mails, clock, random } = this.#o;
    const nowUnixMs = clock.nowUnixMs();
    const of = { key: mail.key, epoch: mail.epoch };
    const settle = (): Promise<void> => {
      if (outcome === 'expired') return mails.settle(of, { state: 'expired', nowUnixMs, outcome: null });
      if (outcome.kind !== 'deferred') return mails.settle(of, { state: outcome.kind, nowUnixMs, outcome });
      if (nowUnixMs - mail.dueUnixMs >= GIVE_UP_MS) {
        return mails.settle(of, {
          state: 'bounced',
          nowUnixMs,
          outcome: { kind: 'bounced', answer: outcome.reason },
        });
      }
      const nextUnixMs = nowUnixMs + RETRY_LEAST_MS + Math.round(backoffMs(RETRY, mail.attempts, random));
      return mails.settle(of, { state: 'queued', nextUnixMs, outcome });
    };
    // A database that is away for a moment leaves no doubt; for longer than the lease it does.
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await settle();
      } catch (error) {
        if (this.#stopped || clock.nowUnixMs() > nowUnixMs + LEASE_MS - DELIVERY_DEADLINE_MS) throw error;
        await new Promise((resolve) =>
          setTimeout(resolve, backoffMs({ firstMs: 500, maxMs: 5000 }, attempt)),
        );
      }
    }
  }
}
