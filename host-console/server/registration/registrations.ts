import {
  accessOf,
  type Registrant,
  type RegistrationAnswers,
  type RegistrationStateName,
  RostrumError,
} from '@rostrum/contracts';
import type { Outbox } from '../mail/mail.ts';
import type { Clock, Ids } from '../ports.ts';
import type { NewRegistration, RegistrationDesk, RegistrationRow, Store, Tx } from '../store/index.ts';
import type { TellOfRegistrations } from '../webhooks/registrations.ts';
import { type AnswerProblem, readAnswers } from './answers.ts';
import type { Codes } from './codes.ts';
import { mailsOf, stateMails } from './mails.ts';
import { isOpenToCrew, type Planned, pageState } from './planned.ts';
import { type Answer, answered, arrival, hasRoom } from './rules.ts';
import { reminders, task, toldOf } from './tasks.ts';
import { promote } from './worker.ts';

const HOUR_MS = 3_600_000;

export interface RegistrationsOptions {
  readonly store: Pick<Store, 'database' | 'registrations'>;
  readonly planned: (tx: Tx, webinarId: string) => Promise<Planned | null>;
  readonly outbox: Outbox;
  readonly codes: Codes;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Takes back the links of people who are out. Idempotent. */
  readonly unlink: (webinarId: string, people: readonly RegistrationRow[]) => Promise<void>;
  /** Has others told of it, with the change itself. */
  readonly tell: TellOfRegistrations;
  /** Called when something was put down for the worker. */
  readonly wake: () => void;
  /** Of what somebody's arrival or a change of their state came to. */
  readonly counted: (what: 'registered' | 'known' | RegistrationStateName) => void;
}

export type Registered =
  /** As it stands with whoever is new: the same whether or not they are, so that nobody learns who else registered. */
  | { readonly kind: 'taken'; readonly as: RegistrationStateName }
  | { readonly kind: 'answers'; readonly problems: ReadonlyMap<string, AnswerProblem> };

/** Somebody whom the crew adds. */
export interface ByHand {
  readonly name: string;
  readonly address: string;
  readonly locale: 'en' | 'de';
  readonly answers: RegistrationAnswers;
}

/** People who register: each change in one transaction with what they are mailed of it. */
export class Registrations {
  readonly #o: RegistrationsOptions;

  constructor(options: RegistrationsOptions) {
    this.#o = options;
  }

  /**
   * Takes somebody in, as the plan says. Who is there already is told the same, and mailed how it stands with them, once an hour.
   * Throws `not-found`, `conflict` where nobody registers (any more), and `limit-reached`.
   */
  async register(webinarId: string, registrant: Registrant): Promise<Registered> {
    const result = await this.#at(webinarId, async (at): Promise<Registered> => {
      const { planned, tx } = at;
      const state = pageState(planned, accessOf(webinarId) === 'private');
      if (state === 'none') throw notFound();
      if (state !== 'taking') throw new RostrumError('conflict', 'nobody registers for this webinar now');
      const { questions, given } = {
        questions: planned.plan.registrationQuestions,
        given: registrant.answers,
      };
      const read = readAnswers(questions, given);
      if (!read.ok) return { kind: 'answers', problems: read.problems };
      const { approved } = await this.#o.store.registrations.counts(tx, webinarId);
      const as = arrival(planned.plan.join, hasRoom(planned.plan.capacity, approved));
      const known = await this.#o.store.registrations.ofAddress(tx, webinarId, registrant.address);
      if (known && known.state !== 'cancelled') {
        const hour = Math.floor(at.nowUnixMs / HOUR_MS);
        // Who was refused was told so.
        if (known.state !== 'refused') await this.#mail(at, [known], hour);
        this.#o.counted('known');
      } else {
        const added = await this.#arrive(at, { ...registrant, answers: read.answers }, as, known);
        await this.#mail(at, [added]);
        this.#o.counted('registered');
      }
      return { kind: 'taken', as };
    });
    return result;
  }

  /**
   * What the crew answers those of these who are in the webinar. `approve` gives a place to as many as there are, and has the others
   * wait for one. Answers how it stands with each now.
   */
  answer(
    webinarId: string,
    ids: readonly string[],
    answer: Exclude<Answer, 'cancel'>,
  ): Promise<RegistrationRow[]> {
    return this.#at(webinarId, async (at) => {
      const people = await this.#o.store.registrations.withIds(at.tx, webinarId, ids);
      if (answer === 'approve' && !isOpenToCrew(at.planned)) throw closed();
      return this.#answer(at, people, answer);
    });
  }

  /** By their own link. Throws `not-found`. */
  async cancel(webinarId: string, registrationId: string): Promise<RegistrationRow> {
    return this.#at(webinarId, async (at) => {
      const people = await this.#o.store.registrations.withIds(at.tx, webinarId, [registrationId]);
      const [now] = await this.#answer(at, people, 'cancel');
      if (!now) throw notFound();
      return now;
    });
  }

  /** They want no mails of this webinar any more, or want them again. */
  async setSubscribed(webinarId: string, registrationId: string, wants: boolean): Promise<void> {
    const { store, outbox, clock } = this.#o;
    await store.database.transact(async (tx) => {
      await store.registrations.hold(tx, webinarId);
      await store.registrations.setUnsubscribed(tx, registrationId, wants ? null : clock.nowUnixMs());
      if (!wants) await outbox.withdraw(tx, mailsOf(registrationId));
    });
  }

  /**
   * People whom the crew brings, who need no approval. Who is there and waits for it has it by that. `mails`: whether they are told.
   * Answers which of the addresses were there, in the order given; at most some hundred at once.
   */
  add(webinarId: string, people: readonly ByHand[], mails: boolean): Promise<('added' | 'known')[]> {
    return this.#at(webinarId, async (at) => {
      if (!isOpenToCrew(at.planned)) throw closed();
      const { store } = this.#o;
      const { capacity } = at.planned.plan;
      let { approved } = await store.registrations.counts(at.tx, webinarId);
      const outcomes: ('added' | 'known')[] = [];
      const changed: RegistrationRow[] = [];
      for (const person of people) {
        const as = hasRoom(capacity, approved) ? 'approved' : 'waiting';
        const known = await store.registrations.ofAddress(at.tx, webinarId, person.address);
        if (known && known.state !== 'cancelled') {
          outcomes.push('known');
          if (known.state !== 'pending' && known.state !== 'refused') continue;
          await this.#set(at, [known], as);
          const now = { ...known, state: as, changedUnixMs: at.nowUnixMs } as const;
          await this.#o.tell(at.tx, 'changed', [now]);
          changed.push(now);
        } else {
          changed.push(await this.#arrive(at, person, as, known));
          outcomes.push('added');
        }
        if (as === 'approved') approved += 1;
      }
      if (mails) await this.#mail(at, changed);
      for (const { state } of changed) this.#o.counted(state);
      return outcomes;
    });
  }

  /** What adding these would come to. Changes nothing. */
  async lookFor(webinarId: string, people: readonly ByHand[]): Promise<('added' | 'known')[]> {
    return this.#o.store.database.query(async (db) => {
      const outcomes: ('added' | 'known')[] = [];
      for (const { address } of people) {
        const known = await this.#o.store.registrations.ofAddress(db, webinarId, address);
        outcomes.push(known && known.state !== 'cancelled' ? 'known' : 'added');
      }
      return outcomes;
    });
  }

  /** All that is known of them goes, and what they were to be mailed. */
  async forget(webinarId: string, ids: readonly string[]): Promise<number> {
    const gone = await this.#at(webinarId, async (at) => {
      const people = await this.#o.store.registrations.withIds(at.tx, webinarId, ids);
      await this.#answer(at, people, 'cancel');
      for (const { registrationId } of people) await this.#o.outbox.withdraw(at.tx, mailsOf(registrationId));
      await this.#o.store.registrations.forget(
        at.tx,
        people.map((one) => one.registrationId),
      );
      return people;
    });
    // The worker finds nobody of them any more.
    await this.#o.unlink(
      webinarId,
      gone.filter((one) => one.joinedUnixMs !== null),
    );
    return gone.length;
  }

  async #answer(at: At, people: readonly RegistrationRow[], answer: Answer): Promise<RegistrationRow[]> {
    const { store, outbox } = this.#o;
    const { capacity } = at.planned.plan;
    let { approved } = await store.registrations.counts(at.tx, at.planned.webinarId);
    const before = approved;
    const now: RegistrationRow[] = [];
    const changed: RegistrationRow[] = [];
    for (const one of people) {
      const state = answered(one.state, answer, hasRoom(capacity, approved));
      if (state === one.state) {
        now.push(one);
        continue;
      }
      approved += Number(state === 'approved') - Number(one.state === 'approved');
      const row = { ...one, state, changedUnixMs: at.nowUnixMs };
      await this.#set(at, [one], state);
      now.push(row);
      changed.push(row);
    }
    await this.#o.tell(at.tx, 'changed', changed);
    // What they were to be mailed was of what they are no longer.
    for (const { registrationId } of changed) await outbox.withdraw(at.tx, mailsOf(registrationId));
    if (answer !== 'cancel') await this.#mail(at, changed);
    for (const { state } of changed) this.#o.counted(state);
    if (approved < before)
      await promote({ ...this.#o, ...at, sequence: at.desk.sequence }, before - approved);
    // Whoever came in by their link is there by it still.
    if (changed.some((one) => one.joinedUnixMs !== null && isOut(one.state))) {
      const unlink = task(at.planned.webinarId, 'unlink', { version: 0, dueUnixMs: at.nowUnixMs });
      await store.registrations.putTask(at.tx, unlink);
    }
    return now;
  }

  #set(at: At, people: readonly RegistrationRow[], state: RegistrationStateName): Promise<void> {
    const ids = people.map((one) => one.registrationId);
    return this.#o.store.registrations.setState(at.tx, ids, state, at.nowUnixMs);
  }

  async #arrive(
    { tx, planned, nowUnixMs }: At,
    { name, address, locale, answers }: ByHand,
    state: RegistrationStateName,
    known: RegistrationRow | null,
  ): Promise<RegistrationRow> {
    const { ids, store } = this.#o;
    const registration: NewRegistration = {
      registrationId: known?.registrationId ?? ids.next(),
      webinarId: planned.webinarId,
      ...{ name, address, locale, answers, state },
      createdUnixMs: nowUnixMs,
      changedUnixMs: nowUnixMs,
      personId: ids.next(),
      linkId: ids.next(),
    };
    const { registrations } = store;
    const arrived = await (known
      ? registrations.renew(tx, registration)
      : registrations.add(tx, registration));
    await this.#o.tell(tx, 'created', [arrived]);
    return arrived;
  }

  async #mail(
    { tx, planned, desk, nowUnixMs }: At,
    people: readonly RegistrationRow[],
    again: number | null = null,
  ): Promise<void> {
    const mails = people.flatMap((registration) =>
      stateMails(this.#o.codes, { registration, planned, sequence: desk.sequence, nowUnixMs }, again),
    );
    await this.#o.outbox.addAll(tx, mails);
  }

  /** While the webinar's desk is held: nobody else comes or goes meanwhile. Throws `not-found`. */
  async #at<T>(webinarId: string, work: (at: At) => Promise<T>): Promise<T> {
    const { store, planned, clock, wake } = this.#o;
    const result = await store.database.transact(async (tx) => {
      // Before the desk: it belongs to a webinar that is there.
      if (!(await planned(tx, webinarId))) throw notFound();
      const desk = await store.registrations.hold(tx, webinarId);
      const now = await planned(tx, webinarId);
      if (!now) throw notFound();
      const at = { tx, planned: now, desk, nowUnixMs: clock.nowUnixMs() };
      await this.#open(at);
      return work(at);
    });
    wake();
    return result;
  }

  /** Of webinars from before there were registrations, the first one to come puts down when they are reminded. */
  async #open({ tx, planned, desk, nowUnixMs }: At): Promise<void> {
    if (desk.told !== null) return;
    const { registrations } = this.#o.store;
    for (const due of reminders(planned, desk.sequence, nowUnixMs)) await registrations.putTask(tx, due);
    const told = toldOf(planned);
    await registrations.setDesk(tx, { ...desk, told: JSON.stringify({ now: told, mailed: told }) });
  }
}

interface At {
  readonly tx: Tx;
  readonly planned: Planned;
  readonly desk: RegistrationDesk;
  readonly nowUnixMs: number;
}

const isOut = (state: RegistrationStateName): boolean => state === 'refused' || state === 'cancelled';
const notFound = (): RostrumError => new RostrumError('not-found', 'no such webinar or registration');
const closed = (): RostrumError => new RostrumError('conflict', 'nobody registers for this webinar now');
