/**
 * Whose media killed compositors. Kept for a channel's life, by person and kind of source: what was republished, or added anew
 * to the next compositor, is the same camera.
 */
import type { BroadcastSource, WithheldSource } from '@rostrum/contracts/node-socket';
import type { SourceNews, Trust } from '../compositor/messages.ts';
import type { Crash } from './compositor-process.ts';

/** One is a suspicion. */
const STRIKES = 2;

/** What is held against one person's camera, screen or microphone. */
interface Record {
  /** Faults in its own thread. */
  certain: number;
  /** Faults elsewhere, just after its decoder saw something new. */
  suspected: number;
}

/** A source of the compositor that runs. */
interface Known {
  readonly source: BroadcastSource;
  number: number | null;
  suspect: boolean;
  reason: WithheldSource['reason'] | null;
}

export class Quarantine {
  readonly #records = new Map<string, Map<BroadcastSource['source'], Record>>();
  readonly #known = new Map<string, Known>();

  /** A source is to be added. @returns how it is to be treated */
  add(source: BroadcastSource): Trust {
    const trust = trustOf(this.#recordOf(source));
    const reason = trust === 'none' ? 'quarantined' : null;
    this.#known.set(source.sourceId, { source, number: null, suspect: false, reason });
    return trust;
  }

  remove(sourceId: string): void {
    this.#known.delete(sourceId);
  }

  /** What its compositor tells of a source. */
  note(sourceId: string, news: SourceNews): void {
    const known = this.#known.get(sourceId);
    if (!known) return;
    switch (news.is) {
      case 'suspect':
        known.suspect = true;
        known.number = news.number;
        return;
      case 'trusted':
        known.suspect = false;
        this.#recordOf(known.source).suspected = 0;
        return;
      case 'withheld':
        if (known.reason !== 'quarantined') known.reason = news.refusal?.reason ?? null;
        return;
    }
  }

  /**
   * The compositor died, and its sources with it.
   * @param crash null: not by a fault of its own, which is held against nobody
   * @returns those that are not decoded any more from now on
   */
  died(crash: Crash | null): BroadcastSource[] {
    const all = [...this.#known.values()];
    this.#known.clear();
    if (!crash) return [];
    const seen = all.find(({ number }) => number !== null && number === crash.sourceNumber);
    const guilty = seen ? [seen] : all.filter(({ suspect }) => suspect);
    return guilty.flatMap(({ source }) => {
      const record = this.#recordOf(source);
      const before = trustOf(record);
      if (seen) record.certain += 1;
      else record.suspected += 1;
      return before !== 'none' && trustOf(record) === 'none' ? [source] : [];
    });
  }

  /** What is not in the picture though it is sent. */
  withheld(): WithheldSource[] {
    return [...this.#known.values()].flatMap(({ source, reason }) =>
      reason ? [{ personId: source.personId, source: source.source, reason }] : [],
    );
  }

  #recordOf({ personId, source }: BroadcastSource): Record {
    const person = this.#records.get(personId) ?? new Map<BroadcastSource['source'], Record>();
    this.#records.set(personId, person);
    const record = person.get(source) ?? { certain: 0, suspected: 0 };
    person.set(source, record);
    return record;
  }
}

function trustOf({ certain, suspected }: Record): Trust {
  if (certain + suspected >= STRIKES) return 'none';
  return certain + suspected > 0 ? 'probation' : 'full';
}
