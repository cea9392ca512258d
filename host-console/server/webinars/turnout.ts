import type { Hand, Question } from '@rostrum/contracts';
import type { Clock } from '../ports.ts';
import type { FoldedState } from './fold.ts';
import type { Touch } from './project.ts';

/** Who is gone for so long is away: a reload or a change of network takes less. */
export const AWAY_AFTER_MS = 60_000;

/** What views count. */
export interface Counted {
  votes(question: Question): number;
  /** In the order they were raised. */
  hands(state: Pick<FoldedState, 'hands'>): readonly Hand[];
}

/** All that is in the log. */
export const ALL_COUNT: Counted = { votes: ({ voters }) => voters.size, hands: ({ hands }) => hands };

/** What a decision may know of who is there. */
export interface Crowd {
  isAway(personId: string): boolean;
  /** Those who came from the caller's address, the caller too; null: the caller's are not counted together. */
  readonly neighbours: ReadonlySet<string> | null;
  readonly allowed: { readonly votes: number; readonly hands: number; readonly questions: number };
}

export const NO_CROWD: Crowd = {
  isAway: () => false,
  neighbours: null,
  allowed: { votes: Infinity, hands: Infinity, questions: Infinity },
};

type Presence =
  | { readonly is: 'here'; readonly connections: number }
  | { readonly is: 'gone'; readonly sinceMs: number }
  | { readonly is: 'away' };

interface Known {
  readonly presence: Presence;
  /** null: their votes are not counted by address. */
  readonly address: string | null;
}

/** The votes on one question that count, by address; of each so many at most. */
interface Tally {
  readonly voters: Map<string, string | null>;
  readonly byAddress: Map<string, number>;
  votes: number;
}

/**
 * Who of a webinar's people is there, and so whose votes and hands count. The log keeps both for ever; of those who were away
 * for a minute nothing is counted until they come back. It is kept in memory: to begin with, nobody has been seen since
 * `sinceMs`, the start of the process, and whoever comes back within the minute was never away.
 *
 * An ended webinar counts all votes: everybody has left then, and what was voted stands.
 */
export class Turnout implements Counted {
  readonly #clock: Clock;
  readonly #sinceMs: number;
  readonly #allowed: Crowd['allowed'];
  readonly #known = new Map<string, Known>();
  readonly #byAddress = new Map<string, Set<string>>();
  #strangersCount: boolean;
  #ended = false;
  #tallies = new Map<string, Tally>();
  /** Standing votes, counted or not. */
  #votesOf = new Map<string, Set<string>>();
  #handsOf = new Set<string>();
  /** Where the log stood when a count last changed without it. */
  #movedAtSeq = new Map<string, number>();
  #handsMovedAtSeq = 0;
  #bornAtSeq = 0;
  #moved = new Map<string, Touch>();

  constructor(options: { clock: Clock; sinceMs: number; allowed: Crowd['allowed']; state: FoldedState }) {
    this.#clock = options.clock;
    this.#sinceMs = options.sinceMs;
    this.#allowed = options.allowed;
    this.#strangersCount = this.#clock.nowMs() - this.#sinceMs < AWAY_AFTER_MS;
    this.recount(options.state);
  }

  /** Counts anew, from a state that does not follow the last one told. */
  recount(state: FoldedState): void {
    this.#ended = state.phase.phase === 'ended';
    this.#bornAtSeq = state.seq;
    this.#tallies = new Map();
    this.#votesOf = new Map();
    this.#handsOf = new Set(state.hands.map((hand) => hand.personId));
    for (const { questionId, voters } of state.questions.values()) {
      for (const personId of voters) this.#setVote(questionId, personId, true);
    }
  }

  /** Nobody is here, and nobody's minute runs. */
  get isEmpty(): boolean {
    for (const { presence } of this.#known.values()) if (presence.is !== 'away') return false;
    return true;
  }

  votes(question: Question): number {
    return this.#ended ? question.voters.size : (this.#tallies.get(question.questionId)?.votes ?? 0);
  }

  hands({ hands }: Pick<FoldedState, 'hands'>): readonly Hand[] {
    const listed = new Map<string, number>();
    return hands.filter(({ personId }) => {
      if (!this.#counts(personId)) return false;
      const address = this.#addressOf(personId);
      if (address === null) return true;
      const before = listed.get(address) ?? 0;
      listed.set(address, before + 1);
      return before < this.#allowed.hands;
    });
  }

  crowdOf(personId: string): Crowd {
    const address = this.#addressOf(personId);
    return {
      isAway: (other) => !this.#counts(other),
      neighbours: address === null ? null : (this.#byAddress.get(address) ?? null),
      allowed: this.#allowed,
    };
  }

  /** A connection of theirs. `address` null: they are not counted by it. */
  enter(personId: string, address: string | null, state: FoldedState): void {
    const before = this.#known.get(personId);
    const connections = before?.presence.is === 'here' ? before.presence.connections + 1 : 1;
    this.#move(personId, { presence: { is: 'here', connections }, address }, state);
  }

  leave(personId: string, state: FoldedState): void {
    const before = this.#known.get(personId);
    if (before?.presence.is !== 'here') return;
    const connections = before.presence.connections - 1;
    const presence: Presence =
      connections > 0 ? { is: 'here', connections } : { is: 'gone', sinceMs: this.#clock.nowMs() };
    this.#move(personId, { ...before, presence }, state);
  }

  /** Those whose minute is up are away from now on. Call about once a second. */
  tick(state: FoldedState): void {
    const nowMs = this.#clock.nowMs();
    for (const [personId, known] of this.#known) {
      const { presence } = known;
      if (presence.is === 'gone' && nowMs - presence.sinceMs >= AWAY_AFTER_MS) {
        this.#move(personId, { ...known, presence: { is: 'away' } }, state);
      }
    }
    if (!this.#strangersCount || nowMs - this.#sinceMs < AWAY_AFTER_MS) return;
    const strangers = [...new Set([...this.#votesOf.keys(), ...this.#handsOf])].filter(
      (personId) => !this.#known.has(personId),
    );
    this.#strangersCount = false;
    for (const personId of strangers) this.#recountPerson(personId, state);
  }

  /** Durable changes, and the state after them. */
  follow(touches: readonly Touch[], state: FoldedState): void {
    for (const touch of touches) {
      if (touch.kind === 'vote') {
        const { questionId, personId } = touch;
        const voted = state.questions.get(questionId)?.voters.has(personId) ?? false;
        this.#setVote(questionId, personId, voted);
      } else if (touch.kind === 'question' && !state.questions.has(touch.questionId)) {
        this.#forget(touch.questionId);
      } else if (touch.kind === 'hands') {
        this.#handsOf = new Set(state.hands.map((hand) => hand.personId));
      }
    }
    if (this.#ended || state.phase.phase !== 'ended') return;
    for (const question of state.questions.values()) {
      if (this.votes(question) !== question.voters.size) this.#noteVotes(question.questionId, state.seq);
    }
    this.#ended = true;
  }

  /** What changed in views since the last time, without a word in the log. */
  takeMoved(): Touch[] {
    const moved = [...this.#moved.values()];
    this.#moved = new Map();
    return moved;
  }

  /** What may have changed, without a word in the log, for somebody whose view stands at `seq`. */
  movedSince(seq: number): Touch[] {
    const all = seq <= this.#bornAtSeq;
    const questions = all
      ? new Set([...this.#tallies.keys(), ...this.#movedAtSeq.keys()])
      : [...this.#movedAtSeq].filter(([, atSeq]) => atSeq >= seq).map(([questionId]) => questionId);
    const touches: Touch[] = [...questions].map((questionId) => ({ kind: 'tally', questionId }));
    if (all ? this.#handsOf.size > 0 : this.#handsMovedAtSeq >= seq) touches.push({ kind: 'hands' });
    return touches;
  }

  #counts(personId: string): boolean {
    const known = this.#known.get(personId);
    return known ? known.presence.is !== 'away' : this.#strangersCount;
  }

  #addressOf(personId: string): string | null {
    return this.#known.get(personId)?.address ?? null;
  }

  #move(personId: string, next: Known, state: FoldedState): void {
    const [counted, address] = [this.#counts(personId), this.#addressOf(personId)];
    this.#known.set(personId, next);
    if (address !== next.address) {
      if (address !== null) this.#byAddress.get(address)?.delete(personId);
      if (next.address !== null) {
        const there = this.#byAddress.get(next.address) ?? new Set();
        this.#byAddress.set(next.address, there.add(personId));
      }
    }
    if (counted !== this.#counts(personId) || address !== next.address) this.#recountPerson(personId, state);
  }

  #recountPerson(personId: string, { seq }: FoldedState): void {
    for (const questionId of this.#votesOf.get(personId) ?? []) {
      const before = this.#tallies.get(questionId)?.votes;
      this.#setVote(questionId, personId, true);
      if (this.#tallies.get(questionId)?.votes !== before) this.#noteVotes(questionId, seq);
    }
    if (!this.#handsOf.has(personId)) return;
    this.#handsMovedAtSeq = seq;
    this.#moved.set('hands', { kind: 'hands' });
  }

  #noteVotes(questionId: string, seq: number): void {
    if (this.#ended) return;
    this.#movedAtSeq.set(questionId, seq);
    this.#moved.set(questionId, { kind: 'tally', questionId });
  }

  #setVote(questionId: string, personId: string, voted: boolean): void {
    const tally: Tally = this.#tallies.get(questionId) ?? {
      voters: new Map(),
      byAddress: new Map(),
      votes: 0,
    };
    this.#tallies.set(questionId, tally);
    const own = this.#votesOf.get(personId) ?? new Set();
    this.#votesOf.set(personId, own);
    if (voted) own.add(questionId);
    else own.delete(questionId);
    const counted = tally.voters.get(personId);
    if (counted !== undefined) {
      tally.voters.delete(personId);
      this.#add(tally, counted, -1);
    }
    if (!voted || !this.#counts(personId)) return;
    const address = this.#addressOf(personId);
    tally.voters.set(personId, address);
    this.#add(tally, address, 1);
  }

  #add(tally: Tally, address: string | null, change: 1 | -1): void {
    if (address === null) {
      tally.votes += change;
      return;
    }
    const before = tally.byAddress.get(address) ?? 0;
    const after = before + change;
    if (after === 0) tally.byAddress.delete(address);
    else tally.byAddress.set(address, after);
    const most = this.#allowed.votes;
    tally.votes += Math.min(after, most) - Math.min(before, most);
  }

  #forget(questionId: string): void {
    this.#tallies.delete(questionId);
    this.#movedAtSeq.delete(questionId);
    this.#moved.delete(questionId);
    for (const questions of this.#votesOf.values()) questions.delete(questionId);
  }
}
