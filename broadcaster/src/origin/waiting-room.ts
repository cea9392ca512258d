/** Held requests, grouped by what they wait for. A request that goes away is forgotten at once; none is held for ever. */
import type { OriginResponse } from './interface.ts';

export type Outcome = 'ready' | 'expired' | 'never' | 'stopping';

interface Guest {
  readonly deadlineMs: number;
  readonly answer: (outcome: Outcome) => void;
}

/** `Key` names what is waited for; all guests of a key are answered together. */
export class WaitingRoom {
  readonly #groups = new Map<string, Set<Guest>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** What is waited for now. */
  keys(): string[] {
    return [...this.#groups.keys()];
  }

  /** `answer` is called exactly once, unless the client goes away first: then never. `deadlineMs` on the caller's clock. */
  hold(key: string, response: OriginResponse, deadlineMs: number, answer: (outcome: Outcome) => void): void {
    const guest: Guest = { deadlineMs, answer };
    const group = this.#groups.get(key) ?? new Set<Guest>();
    this.#groups.set(key, group);
    group.add(guest);
    this.#size += 1;
    const gone = (): void => {
      if (!group.delete(guest)) return;
      this.#size -= 1;
      if (group.size === 0 && this.#groups.get(key) === group) this.#groups.delete(key);
    };
    // Node's HTTP/2 response does not tell the close of a HEAD; its stream does.
    if ('stream' in response) response.stream.on('close', gone);
    else response.on('close', gone);
    // Behind another answer of its connection a response has no socket yet, and would not hear that the client left.
    if (!response.socket) response.req.on('close', gone);
  }

  /** Answers all that wait for `key`, in the order in which they came. */
  release(key: string, outcome: Outcome): void {
    const group = this.#groups.get(key);
    if (!group) return;
    this.#groups.delete(key);
    const guests = [...group];
    group.clear();
    this.#size -= guests.length;
    for (const guest of guests) guest.answer(outcome);
  }

  releaseAll(outcome: Outcome): void {
    for (const key of this.keys()) this.release(key, outcome);
  }

  /** Answers those whose time is up. */
  expire(nowMs: number): void {
    for (const [key, group] of this.#groups) {
      for (const guest of group) {
        if (guest.deadlineMs > nowMs) break; // in order of arrival, and all wait equally long
        group.delete(guest);
        this.#size -= 1;
        guest.answer('expired');
      }
      if (group.size === 0) this.#groups.delete(key);
    }
  }
}
