import type { RegistrationStateName } from '@rostrum/contracts';
import { Drain } from '@rostrum/service-kit/drain';
import type { Logger } from 'pino';
import type { Outbox } from '../mail/mail.ts';
import type { Clock } from '../ports.ts';
import type { RegistrationRow, RegistrationTask, Store, Tx } from '../store/index.ts';
import type { TellOfRegistrations } from '../webhooks/registrations.ts';
import type { Codes } from './codes.ts';
import { HEARS, type NewsKind, newsMail, stateMails } from './mails.ts';
import type { Planned } from './planned.ts';
import { placesFor } from './rules.ts';
import { CHANGE_SETTLES_MS, differs, type TaskKind, type Told, toldOf } from './tasks.ts';

export interface WorkerOptions {
  readonly store: Pick<Store, 'database' | 'registrations'>;
  readonly planned: (tx: Tx, webinarId: string) => Promise<Planned | null>;
  readonly outbox: Outbox;
  readonly codes: Codes;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Has others told of who has a place now. */
  readonly tell: TellOfRegistrations;
  /** Takes back the links of people who are out. Idempotent. */
  readonly unlink: (webinarId: string, people: readonly RegistrationRow[]) => Promise<void>;
}

/** People in one transaction: some milliseconds of it, so that no append waits long. */
const AT_ONCE = 200;
/** Tasks looked at in one round. */
const TASKS_AT_ONCE = 20;

/**
 * Carries out what is due for all of a webinar's registrations, some at a time. Where it is stopped in the middle it goes on from
 * there; where two processes do the same, one waits for the other, and no mail has two rows.
 */
export class RegistrationWorker {
  readonly #o: WorkerOptions;
  readonly #drain: Drain;
  #closed = false;

  constructor(options: WorkerOptions) {
    this.#o = options;
    this.#drain = new Drain(() => this.#round());
  }

  /** Looks soon, once what is being written is there. */
  wake(): void {
    if (!this.#closed) this.#drain.wake();
  }

  settled(): Promise<void> {
    return this.#drain.settled();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#drain.settled();
  }

  async #round(): Promise<void> {
    try {
      while (!this.#closed) {
        const due = await this.#o.store.registrations.dueTasks(this.#o.clock.nowUnixMs(), TASKS_AT_ONCE);
        for (const one of due) await this.#step(one);
        if (due.length === 0) return;
      }
    } catch (error) {
      this.#o.logger.warn(
        { err: error },
        'what is due for registrations could not be done; it is tried again',
      );
    }
  }

  async #step({ webinarId, kind }: RegistrationTask): Promise<void> {
    const { store, planned } = this.#o;
    const out = await store.database.transact(async (tx) => {
      const desk = await store.registrations.hold(tx, webinarId);
      // As it is now: another process may have gone on with it, and an event may have put another in its place.
      const task = await store.registrations.task(tx, webinarId, kind);
      const now = await planned(tx, webinarId);
      if (!task || task.dueUnixMs > this.#o.clock.nowUnixMs()) return null;
      const done = now ? await this.#some(tx, task, now, desk.sequence) : END;
      if (done.afterNumber === null) {
        await store.registrations.dropTasks(tx, webinarId, [kind]);
        if (now && kind === 'webinar-changed') {
          const told = toldOf(now);
          await store.registrations.setDesk(tx, {
            ...desk,
            told: JSON.stringify({ now: told, mailed: told }),
          });
        }
      } else await store.registrations.putTask(tx, { ...task, afterNumber: done.afterNumber });
      return done.unlink;
    });
    if (out && out.length > 0) await this.#o.unlink(webinarId, out);
  }

  /** `afterNumber` null: that was all. */
  async #some(tx: Tx, task: RegistrationTask, planned: Planned, sequence: number): Promise<Done> {
    switch (task.kind as TaskKind) {
      case 'promote':
        return (await promote({ ...this.#o, tx, planned, sequence }, AT_ONCE)) < AT_ONCE ? END : AGAIN;
      case 'unlink': {
        const people = await this.#next(tx, task, ['refused', 'cancelled']);
        return { ...after(people), unlink: people.filter((one) => one.joinedUnixMs !== null) };
      }
      case 'webinar-changed':
        if (await this.#isOldNews(tx, planned)) return END;
        return this.#tell(tx, task, 'webinar-changed', planned, sequence);
      default:
        return this.#tell(tx, task, task.kind as NewsKind, planned, sequence);
    }
  }

  async #tell(
    tx: Tx,
    task: RegistrationTask,
    kind: NewsKind,
    planned: Planned,
    sequence: number,
  ): Promise<Done> {
    const { outbox, codes, clock } = this.#o;
    const people = await this.#next(tx, task, HEARS[kind]);
    const nowUnixMs = clock.nowUnixMs();
    // Who came since then was told as it is.
    const since = kind === 'webinar-changed' ? task.dueUnixMs - CHANGE_SETTLES_MS : Infinity;
    const mails = people
      .filter((one) => one.createdUnixMs <= since)
      .flatMap((registration) =>
        newsMail(codes, { registration, planned, sequence, nowUnixMs }, kind, task.version),
      );
    await outbox.addAll(tx, mails);
    return after(people);
  }

  /** What was changed was changed back before anybody was told, or nobody sees the webinar yet. */
  async #isOldNews(tx: Tx, planned: Planned): Promise<boolean> {
    const { told } = await this.#o.store.registrations.hold(tx, planned.webinarId);
    if (told === null || planned.phase !== 'scheduled' || planned.cancelled) return true;
    return !differs((JSON.parse(told) as { mailed: Told }).mailed, toldOf(planned));
  }

  #next(
    tx: Tx,
    { webinarId, afterNumber }: RegistrationTask,
    states: readonly RegistrationStateName[],
  ): Promise<RegistrationRow[]> {
    return this.#o.store.registrations.inOrder(tx, webinarId, states, afterNumber, AT_ONCE);
  }
}

interface Done {
  readonly afterNumber: number | null;
  readonly unlink: readonly RegistrationRow[];
}
const END: Done = { afterNumber: null, unlink: [] };
const AGAIN: Done = { afterNumber: 0, unlink: [] };
const after = (people: readonly RegistrationRow[]): Done =>
  people.length < AT_ONCE ? END : { afterNumber: people.at(-1)?.number ?? null, unlink: [] };

/** Gives who waits longest the places that there are, at most `limit`, and tells them. Answers how many. Of a desk that is held. */
export async function promote(
  {
    tx,
    planned,
    sequence,
    store,
    outbox,
    codes,
    clock,
    tell,
  }: Pick<WorkerOptions, 'store' | 'outbox' | 'codes' | 'clock' | 'tell'> & {
    readonly tx: Tx;
    readonly planned: Planned;
    readonly sequence: number;
  },
  limit: number,
): Promise<number> {
  if (planned.cancelled || planned.phase === 'ended') return 0;
  const { webinarId, plan } = planned;
  const { approved, waiting } = await store.registrations.counts(tx, webinarId);
  const places = Math.min(limit, placesFor(plan.capacity, approved, waiting));
  if (places === 0) return 0;
  const first = await store.registrations.inOrder(tx, webinarId, ['waiting'], 0, places);
  const nowUnixMs = clock.nowUnixMs();
  const ids = first.map((one) => one.registrationId);
  await store.registrations.setState(tx, ids, 'approved', nowUnixMs);
  const placed = first.map((one) => ({ ...one, state: 'approved' as const, changedUnixMs: nowUnixMs }));
  await tell(tx, 'changed', placed);
  const mails = placed.flatMap((registration) =>
    stateMails(codes, { registration, planned, sequence, nowUnixMs }),
  );
  await outbox.addAll(tx, mails);
  return first.length;
}
