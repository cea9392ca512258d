import {
  type PersonQuality,
  type QualityReport,
  type QualityRow,
  RostrumError,
  type SeenNetwork,
} from '@rostrum/contracts';
import type { Logger } from 'pino';
import type { MediaCaller, MediaPlane } from '../media/media-plane.ts';
import type { Clock } from '../ports.ts';
import type { QualityRepository } from '../store/index.ts';
import { KeyedBuckets, type Rate } from '../token-bucket.ts';
import { QualityLog } from './log.ts';
import type { StageMetrics } from './metrics.ts';
import { isStale, type KnownPerson, learn } from './person.ts';
import { rowOf, rowsOf } from './rows.ts';

/** A page reports every five seconds, and once more when its word changes. */
const REPORT_RATE: Rate = { burst: 5, perSecond: 0.5 };

export interface NetworkQualityOptions {
  readonly stage: Pick<MediaPlane, 'holdsMedia' | 'withMedia'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: StageMetrics;
  /** Where the log is. */
  readonly kept: Pick<QualityRepository, 'write' | 'rows'>;
}

interface Entry {
  readonly known: KnownPerson;
  /** As of the last row in the log. */
  readonly written: KnownPerson | null;
}

/**
 * How the networks of everybody on a stage fare: what they say of themselves, what the SFU sees, the word for both, and a log of
 * it. In memory but for the log, and of nobody who has no media there.
 */
export class NetworkQuality {
  readonly #options: NetworkQualityOptions;
  readonly #webinars = new Map<string, Map<string, Entry>>();
  readonly #log: QualityLog;
  readonly #reports = new KeyedBuckets(REPORT_RATE);

  constructor(options: NetworkQualityOptions) {
    this.#options = options;
    this.#log = new QualityLog(options);
  }

  /** Takes a person's word for their own network. Throws `not-on-stage` and `rate-limited`. */
  report(caller: MediaCaller, report: QualityReport): void {
    const { stage, clock } = this.#options;
    if (!stage.holdsMedia(caller)) throw new RostrumError('not-on-stage', 'join the stage first');
    const { webinarId, personId } = caller;
    const retryAfterMs = this.#reports.take(`${webinarId} ${personId}`, clock.nowMs());
    if (retryAfterMs > 0) throw new RostrumError('rate-limited', 'too many reports', { retryAfterMs });
    const before = this.#entry(webinarId, personId);
    const now = learn(personId, before?.known ?? null, { said: report }, clock.nowMs());
    this.#keep(webinarId, before, now, true);
  }

  /** Takes what an SFU sees of those in a webinar's room. */
  seen(webinarId: string, people: readonly SeenNetwork[]): void {
    const { stage, clock } = this.#options;
    const here = new Set(stage.withMedia(webinarId));
    for (const seen of people) {
      const { personId } = seen;
      if (!here.has(personId)) continue;
      const before = this.#entry(webinarId, personId);
      const now = learn(personId, before?.known ?? null, { seen }, clock.nowMs());
      // The rest has its rows with the next report, where there are any.
      this.#keep(webinarId, before, now, now.said === null);
    }
  }

  /** Somebody came to the stage anew, on whatever network. */
  joined({ webinarId, personId }: MediaCaller): void {
    this.#webinars.get(webinarId)?.delete(personId);
  }

  /** Writes down what happened to somebody who is on the stage. */
  happened(caller: MediaCaller, event: 'ice-restart' | 'disconnect'): void {
    if (!this.#options.stage.holdsMedia(caller)) return;
    const { webinarId, personId } = caller;
    const quality = this.#entry(webinarId, personId)?.known.quality ?? null;
    const at = { atUnixMs: this.#options.clock.nowUnixMs(), webinarId };
    this.#log.add([rowOf(personId, quality, event, at)]);
  }

  /** Each object stands for the same person faring the same. */
  of(webinarId: string): readonly PersonQuality[] {
    return [...(this.#webinars.get(webinarId)?.values() ?? [])].map(({ known }) => known.quality);
  }

  /** Oldest first. Rejects with `unavailable`. */
  rows(webinarId: string): Promise<readonly QualityRow[]> {
    return this.#log.rows(webinarId);
  }

  /** Forgets who left, or has not been heard of. Call about once a second. */
  tick(): void {
    const { stage, clock, metrics } = this.#options;
    const nowMs = clock.nowMs();
    let count = 0;
    let relayed = 0;
    for (const [webinarId, people] of this.#webinars) {
      const here = new Set(stage.withMedia(webinarId));
      for (const [personId, { known }] of people) {
        if (!here.has(personId) || isStale(known, nowMs)) people.delete(personId);
        else if (known.quality.relay !== null) relayed += 1;
      }
      count += people.size;
      if (people.size === 0) this.#webinars.delete(webinarId);
    }
    metrics.people(count, relayed);
    this.#log.tick();
  }

  /** Resolves when the last rows are written. */
  close(): Promise<void> {
    return this.#log.close();
  }

  #entry(webinarId: string, personId: string): Entry | null {
    return this.#webinars.get(webinarId)?.get(personId) ?? null;
  }

  /** `measured`: its numbers are counted and written; else only what happened is. */
  #keep(webinarId: string, before: Entry | null, known: KnownPerson, measured: boolean): void {
    const { clock, metrics } = this.#options;
    const { quality } = known;
    if (quality.word !== (before?.known.quality.word ?? 'fine')) metrics.word(quality.word);
    const at = { atUnixMs: clock.nowUnixMs(), webinarId };
    const rows = rowsOf(before?.written ?? null, known, at).filter(({ event }) => measured || event !== null);
    if (measured) metrics.observe(quality);
    if (rows.length > 0) this.#log.add(rows);
    const people = this.#webinars.get(webinarId) ?? new Map<string, Entry>();
    people.set(quality.personId, { known, written: rows.length > 0 ? known : (before?.written ?? null) });
    this.#webinars.set(webinarId, people);
  }
}
