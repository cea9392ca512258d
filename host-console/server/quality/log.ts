import type { QualityRow } from '@rostrum/contracts';
import type { Logger } from 'pino';
import type { Clock } from '../ports.ts';
import type { QualityRepository } from '../store/index.ts';

/** Rows are written together at this pace: so much is lost of them when the process is killed. */
export const QUALITY_WRITE_MS = 5000;
/** While the database does not answer, the last rows of all webinars: about an hour of ten full stages. */
const MOST_WAITING = 200_000;

export interface QualityLogOptions {
  readonly kept: Pick<QualityRepository, 'write' | 'rows'>;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The rows of all webinars, in a table, and each on the process's log as well: what happened as `info`, the rest as `debug`. */
export class QualityLog {
  readonly #o: QualityLogOptions;
  #waiting: QualityRow[] = [];
  #writing: Promise<void> | null = null;
  #triedAtMs: number;

  constructor(options: QualityLogOptions) {
    this.#o = options;
    this.#triedAtMs = options.clock.nowMs();
  }

  add(rows: readonly QualityRow[]): void {
    this.#waiting.push(...rows);
    const { logger } = this.#o;
    for (const row of rows) {
      if (row.event === null) logger.debug(row, 'quality');
      else logger.info(row, 'quality');
    }
  }

  /** Oldest first, with those that were added last. Rejects with `unavailable`. */
  async rows(webinarId: string): Promise<readonly QualityRow[]> {
    await this.#written();
    return this.#o.kept.rows(webinarId);
  }

  /** Call about once a second: writes what is due, in the background. */
  tick(): void {
    if (this.#waiting.length === 0 || this.#o.clock.nowMs() - this.#triedAtMs < QUALITY_WRITE_MS) return;
    this.#written().catch((error: unknown) =>
      this.#o.logger.warn({ err: error }, 'the quality log could not be written; it is tried again'),
    );
  }

  /** Resolves when everything is written, or could not be. */
  async close(): Promise<void> {
    await this.#written().catch((error: unknown) =>
      this.#o.logger.warn({ err: error }, 'the last rows of the quality log are lost'),
    );
  }

  /** Resolves when what was added before is durable. */
  async #written(): Promise<void> {
    while (this.#writing) await this.#writing.catch(() => undefined);
    if (this.#waiting.length === 0) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = null;
    });
    await this.#writing;
  }

  async #write(): Promise<void> {
    this.#triedAtMs = this.#o.clock.nowMs();
    const rows = this.#waiting;
    this.#waiting = [];
    try {
      await this.#o.kept.write(rows);
    } catch (error) {
      this.#waiting = [...rows, ...this.#waiting].slice(-MOST_WAITING);
      throw error;
    }
  }
}
