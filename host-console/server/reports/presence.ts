import type { Role } from '@rostrum/contracts';
import type { Logger } from 'pino';
import type { Clock, Ids } from '../ports.ts';
import type { StayRepository, StayRow } from '../store/index.ts';
import type { DeviceAndBrowser } from './device.ts';

/** What changed is written together at this pace: so much is lost of who comes and goes when the process is killed. */
export const WRITE_EVERY_MS = 5000;
/** While anybody is here, it is written at this pace that they are, which costs one row. */
export const SEEN_EVERY_MS = 15_000;
/** A process that has not said so for so long is gone, and so were its people when it last did. */
export const LOST_AFTER_MS = 60_000;

/** Somebody, as they come. Nothing of it is an address. */
export interface Arrival extends DeviceAndBrowser {
  readonly webinarId: string;
  readonly personId: string;
  readonly name: string;
  readonly role: Role;
  readonly region: string | null;
}

interface Here {
  stay: StayRow;
  connections: number;
}

export interface PresenceOptions {
  readonly stays: Pick<StayRepository, 'write' | 'closeOfLost' | 'isAlone'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  /** The node that a webinar's stage is on, and who has media there. */
  readonly stageOf: (webinarId: string) => {
    readonly node: string | null;
    readonly people: readonly string[];
  };
}

/**
 * Who is connected from when to when, written down some seconds later and together: thousands come within a minute, and none of
 * them waits for it. A person is here while one of their connections is.
 */
export class Presence {
  readonly #o: PresenceOptions;
  readonly #writerId: string;
  /** By webinar, then by person. */
  readonly #here = new Map<string, Map<string, Here>>();
  /** What is not written yet, by stay. */
  #changed = new Map<string, StayRow>();
  #writing: Promise<void> | null = null;
  #triedAtMs: number;
  /** null: this process has not said yet that it is there. */
  #seenAtMs: number | null = null;

  constructor(options: PresenceOptions) {
    this.#o = options;
    this.#writerId = options.ids.next();
    this.#triedAtMs = options.clock.nowMs();
  }

  /** One more connection of theirs. */
  came({ webinarId, personId, ...arrival }: Arrival): void {
    const people = this.#here.get(webinarId) ?? new Map<string, Here>();
    this.#here.set(webinarId, people);
    const known = people.get(personId);
    if (known) {
      known.connections += 1;
      const { name, role } = arrival;
      if (known.stay.name !== name || known.stay.role !== role) this.#change(known, { name, role });
      return;
    }
    const stay: StayRow = {
      stayId: this.#o.ids.next(),
      webinarId,
      personId,
      ...arrival,
      node: null,
      joinedUnixMs: this.#o.clock.nowUnixMs(),
      leftUnixMs: null,
    };
    people.set(personId, { stay, connections: 1 });
    this.#changed.set(stay.stayId, stay);
  }

  /** One of their connections is gone. */
  went(webinarId: string, personId: string): void {
    const people = this.#here.get(webinarId);
    const here = people?.get(personId);
    if (!people || !here) return;
    here.connections -= 1;
    if (here.connections > 0) return;
    this.#leave(here);
    people.delete(personId);
    if (people.size === 0) this.#here.delete(webinarId);
  }

  /** Call about once a second: writes what is due, in the background. */
  tick(): void {
    const nowMs = this.#o.clock.nowMs();
    if (this.#writing || nowMs - this.#triedAtMs < WRITE_EVERY_MS) return;
    this.#lookAtStages();
    const mustSay = this.#here.size > 0 && nowMs - (this.#seenAtMs ?? 0) >= SEEN_EVERY_MS;
    if (this.#changed.size === 0 && !mustSay) return;
    this.#writing = this.write().finally(() => {
      this.#writing = null;
    });
  }

  /** Writes what changed, and that this process is there. Never rejects: what could not be written is tried again. */
  async write(): Promise<void> {
    const { stays, clock, logger } = this.#o;
    this.#triedAtMs = clock.nowMs();
    const changed = this.#changed;
    this.#changed = new Map();
    try {
      const known = await stays.write(this.#writerId, clock.nowUnixMs(), [...changed.values()]);
      // It was taken for gone, and its people were written out.
      if (!known && this.#seenAtMs !== null) this.#changeAll();
      this.#seenAtMs = clock.nowMs();
    } catch (error) {
      for (const [stayId, stay] of changed) {
        if (!this.#changed.has(stayId)) this.#changed.set(stayId, stay);
      }
      logger.warn({ err: error, stays: changed.size }, 'who is here could not be written; it is tried again');
    }
  }

  /** Writes out the people of processes that are gone. At the start, and every minute; rejects with `unavailable`. */
  async closeOfLost(when: 'start' | 'later'): Promise<void> {
    const { stays, clock, logger } = this.#o;
    const nowUnixMs = clock.nowUnixMs();
    const allAreLost = when === 'start' && stays.isAlone;
    const closed = await stays.closeOfLost(allAreLost ? Number.MAX_SAFE_INTEGER : nowUnixMs - LOST_AFTER_MS);
    if (closed > 0) logger.info({ stays: closed }, 'the people of a process that is gone were written out');
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Everybody is gone; resolves when that is written, or could not be. */
  async close(): Promise<void> {
    await this.#writing;
    for (const people of this.#here.values()) for (const here of people.values()) this.#leave(here);
    this.#here.clear();
    if (this.#changed.size > 0) await this.write();
  }

  #leave(here: Here): void {
    this.#change(here, { leftUnixMs: Math.max(here.stay.joinedUnixMs, this.#o.clock.nowUnixMs()) });
  }

  #change(here: Here, change: Partial<StayRow>): void {
    here.stay = { ...here.stay, ...change };
    this.#changed.set(here.stay.stayId, here.stay);
  }

  #changeAll(): void {
    for (const people of this.#here.values()) for (const here of people.values()) this.#change(here, {});
  }

  #lookAtStages(): void {
    for (const [webinarId, here] of this.#here) {
      const { node, people } = this.#o.stageOf(webinarId);
      if (node === null) continue;
      for (const personId of people) {
        const person = here.get(personId);
        if (person?.stay.node === null) this.#change(person, { node });
      }
    }
  }
}
