import { RostrumError } from '@rostrum/contracts';
import { afterAttended } from '@rostrum/service-kit/attention';
import type { MediaCaller, MediaCommand } from './media-plane.ts';

/** Transports that nobody joins with are given back after this. */
const PREPARED_MS = 5 * 60_000;
/** On one stage at a time: whoever comes then joins from nothing, which takes half a second longer. */
const MOST_PREPARED = 16;

/** What somebody may do who is not on the stage: connect, and send and receive nothing. */
export type Connecting = Extract<
  MediaCommand,
  'media:createTransport' | 'media:connectTransport' | 'media:restartIce'
>;
export const isConnecting = (command: MediaCommand): command is Connecting =>
  command === 'media:createTransport' ||
  command === 'media:connectTransport' ||
  command === 'media:restartIce';

interface Prepared {
  readonly caller: MediaCaller;
  readonly forget: () => void;
}

/** People in the device check, whose transports to the SFU stand before they join: one connection each. */
export class PreparedPeople {
  readonly #people = new Map<string, Prepared>();
  readonly #expired: (personId: string) => void;

  /** @param expired is told of who did not join in time, and is not here any more. */
  constructor(expired: (personId: string) => void) {
    this.#expired = expired;
  }

  get size(): number {
    return this.#people.size;
  }

  get callers(): MediaCaller[] {
    return [...this.#people.values()].map(({ caller }) => caller);
  }

  /** Whether it is this connection that prepared. */
  has({ personId, connectionId }: MediaCaller): boolean {
    return this.#people.get(personId)?.caller.connectionId === connectionId;
  }

  /** Throws `limit-reached`. */
  add(caller: MediaCaller): void {
    const { personId } = caller;
    if (this.#people.size >= MOST_PREPARED) {
      throw new RostrumError('limit-reached', `${MOST_PREPARED} people prepare at once`);
    }
    const forget = afterAttended(PREPARED_MS, () => {
      this.#people.delete(personId);
      this.#expired(personId);
    });
    this.#people.set(personId, { caller, forget });
  }

  /** They are not here any more; false: they were not. What they made stands, for the stage to keep or to close. */
  drop(personId: string): boolean {
    this.#people.get(personId)?.forget();
    return this.#people.delete(personId);
  }

  clear(): void {
    for (const { forget } of this.#people.values()) forget();
    this.#people.clear();
  }
}
