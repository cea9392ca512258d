import type { QualityRow } from '@rostrum/contracts';
import type { Logger } from 'pino';
import type { Clock } from '../ports.ts';

/** How much is kept: for a full stage the last half hour, for three people two hours. */
export interface QualityLogLimits {
  readonly rowsOfWebinar: number;
  /** Of all webinars; those that were quiet for longest go first. */
  readonly rows: number;
  /** After a webinar's last row. */
  readonly keepMs: number;
}
export const QUALITY_LOG_LIMITS: QualityLogLimits = {
  rowsOfWebinar: 10_000,
  rows: 200_000,
  keepMs: 60 * 60_000,
};

interface Kept {
  readonly rows: QualityRow[];
  lastMs: number;
}

/** The last rows of each webinar, in memory, and each on the process's log as well: what happened as `info`, the rest as `debug`. */
export class QualityLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #limits: QualityLogLimits;
  /** In the order of their last rows. */
  readonly #kept = new Map<string, Kept>();
  #size = 0;

  constructor(options: { logger: Logger; clock: Clock; limits?: QualityLogLimits | undefined }) {
    this.#logger = options.logger;
    this.#clock = options.clock;
    this.#limits = options.limits ?? QUALITY_LOG_LIMITS;
  }

  add(webinarId: string, rows: readonly QualityRow[]): void {
    const kept = this.#kept.get(webinarId) ?? { rows: [], lastMs: 0 };
    this.#kept.delete(webinarId);
    this.#kept.set(webinarId, kept);
    kept.lastMs = this.#clock.nowMs();
    kept.rows.push(...rows);
    this.#size += rows.length;
    const { rowsOfWebinar } = this.#limits;
    // A tenth more for a while, so that not each row moves all others.
    if (kept.rows.length > rowsOfWebinar * 1.1) {
      this.#size -= kept.rows.splice(0, kept.rows.length - rowsOfWebinar).length;
    }
    for (const quietest of this.#kept.keys()) {
      if (this.#size <= this.#limits.rows || quietest === webinarId) break;
      this.#forget(quietest);
    }
    for (const row of rows) {
      if (row.event === null) this.#logger.debug(row, 'quality');
      else this.#logger.info(row, 'quality');
    }
  }

  /** Oldest first. */
  rows(webinarId: string): readonly QualityRow[] {
    return this.#kept.get(webinarId)?.rows.slice(-this.#limits.rowsOfWebinar) ?? [];
  }

  /** Forgets what was kept for long enough. */
  tick(): void {
    const nowMs = this.#clock.nowMs();
    for (const [webinarId, { lastMs }] of this.#kept) {
      if (nowMs - lastMs < this.#limits.keepMs) break;
      this.#forget(webinarId);
    }
  }

  #forget(webinarId: string): void {
    this.#size -= this.#kept.get(webinarId)?.rows.length ?? 0;
    this.#kept.delete(webinarId);
  }
}
