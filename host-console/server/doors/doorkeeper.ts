import { DOORS_MINUTES_MAX } from '@rostrum/contracts';
import type { Logger } from 'pino';
import type { Clock } from '../ports.ts';
import type { WebinarRow } from '../store/index.ts';
import type { FoldedState } from '../webinars/fold.ts';

const MINUTE_MS = 60_000;
/** A start that is longer ago than this was another day's: nobody opens doors for it by themselves. */
const LATE_MS = 30 * MINUTE_MS;
/** Doors that nobody of the crew came to are closed so long after the start: a channel is not run for ever. */
const FORGOTTEN_MS = 120 * MINUTE_MS;
/** Webinars that are planned, looked at in one round. */
const AT_ONCE = 5000;

export interface DoorkeeperOptions {
  readonly webinars: { planned(limit: number): Promise<WebinarRow[]> };
  /** The webinar as its log has it. Loads it when it is not in memory. */
  readonly stateOf: (webinarId: string) => Promise<FoldedState | null>;
  readonly open: (webinarId: string) => Promise<void>;
  readonly close: (webinarId: string) => Promise<void>;
  /** Somebody of the crew is connected. */
  readonly hasCrew: (webinarId: string) => boolean;
  /** Minutes before the planned start, where a webinar does not say otherwise; 0: doors do not open by themselves. */
  readonly openMinutes: number;
  readonly clock: Pick<Clock, 'nowUnixMs'>;
  readonly logger: Logger;
}

/** What becomes of a webinar's doors by themselves now. Pure. */
export function doorsDue(
  state: FoldedState,
  options: { readonly nowUnixMs: number; readonly openMinutes: number; readonly crew: boolean },
): 'open' | 'close' | null {
  const { phase, startsAtUnixMs, doorRules, doorsOpenedFor, plan } = state;
  if (phase.phase !== 'scheduled') return null;
  const { nowUnixMs, crew } = options;
  if (phase.doors) {
    const sinceUnixMs = Math.max(startsAtUnixMs ?? 0, phase.doors.sinceUnixMs, doorRules.untilUnixMs ?? 0);
    return !crew && nowUnixMs - sinceUnixMs >= FORGOTTEN_MS ? 'close' : null;
  }
  if (plan.visibility === 'draft') return null;
  const minutes = doorRules.openMinutes ?? options.openMinutes;
  if (minutes === 0 || startsAtUnixMs === null || doorsOpenedFor === startsAtUnixMs) return null;
  const due = nowUnixMs >= startsAtUnixMs - minutes * MINUTE_MS && nowUnixMs < startsAtUnixMs + LATE_MS;
  return due ? 'open' : null;
}

/** Opens doors in time, and closes those that were forgotten. What failed is tried again with the next look. */
export class Doorkeeper {
  readonly #o: DoorkeeperOptions;
  readonly #busy = new Set<string>();
  #looking = false;

  constructor(options: DoorkeeperOptions) {
    this.#o = options;
  }

  /** Call every few seconds. Never rejects. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      await this.#look();
    } catch (error) {
      this.#o.logger.warn({ err: error }, 'it could not be looked whose doors are to open');
    } finally {
      this.#looking = false;
    }
  }

  async #look(): Promise<void> {
    const { webinars, clock, stateOf, hasCrew, openMinutes } = this.#o;
    const nowUnixMs = clock.nowUnixMs();
    for (const row of await webinars.planned(AT_ONCE)) {
      const { webinarId } = row;
      if (!isNear(row, nowUnixMs) || this.#busy.has(webinarId)) continue;
      const state = await stateOf(webinarId);
      const due = state && doorsDue(state, { nowUnixMs, openMinutes, crew: hasCrew(webinarId) });
      if (due) void this.#act(webinarId, due);
    }
  }

  /** One that is slow keeps no other waiting. */
  async #act(webinarId: string, due: 'open' | 'close'): Promise<void> {
    const { logger } = this.#o;
    this.#busy.add(webinarId);
    try {
      await this.#o[due](webinarId);
      logger.info(
        { webinarId },
        due === 'open' ? 'the doors opened in time' : 'doors that nobody came to were closed',
      );
    } catch (error) {
      logger.warn({ err: error, webinarId, due }, 'the doors could not be opened or closed by themselves');
    } finally {
      this.#busy.delete(webinarId);
    }
  }
}

/** Logs of others are not read for it. */
const isNear = ({ doorsOpen, startsAtUnixMs }: WebinarRow, nowUnixMs: number): boolean =>
  doorsOpen ||
  (startsAtUnixMs !== null &&
    nowUnixMs >= startsAtUnixMs - DOORS_MINUTES_MAX * MINUTE_MS &&
    nowUnixMs < startsAtUnixMs + LATE_MS);
