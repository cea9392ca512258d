import type { Logger } from 'pino';
import type { Clock } from '../ports.ts';
import type { WebinarRepository } from '../store/index.ts';
import type { Decision } from './actor.ts';
import { deleteOldRecording } from './features/phase/decide.ts';

/** Of one look: the rest has its turn at the next. */
const AT_ONCE = 50;

export interface RecordingRuleOptions {
  readonly webinars: Pick<WebinarRepository, 'recordedBefore'>;
  readonly submit: (webinarId: string, decision: Decision) => Promise<unknown>;
  /** Recordings are deleted so long after their webinar's end. */
  readonly keepMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Deletes recordings that are older than the installation keeps them, as its owner would. */
export class RecordingRule {
  readonly #o: RecordingRuleOptions;
  #looking: Promise<void> | null = null;

  constructor(options: RecordingRuleOptions) {
    this.#o = options;
  }

  /** Never rejects: what could not be deleted is at the next look. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { webinars, submit, keepMs, clock, logger } = this.#o;
    const beforeUnixMs = clock.nowUnixMs() - keepMs;
    try {
      for (const webinarId of await webinars.recordedBefore(beforeUnixMs, AT_ONCE)) {
        await submit(webinarId, (state) => deleteOldRecording(state, beforeUnixMs));
        logger.info(
          { webinarId },
          'a recording is deleted by the rule (ROSTRUM_DELETE_RECORDINGS_AFTER_DAYS)',
        );
      }
    } catch (error) {
      logger.warn({ err: error }, 'old recordings could not be deleted by the rule; it is tried again');
    }
  }
}
