import type { Clock } from '../ports.ts';

/** Absences shorter than this are nobody's business: somebody reloads, a network changes. */
const TOLD_AFTER_MS = 120_000;
/** An end that could not be logged is tried again after this. */
const END_AGAIN_MS = 60_000;

type Presence =
  /** `askedMs`: how long it was unattended before, which nobody has answered for yet. */
  | { readonly is: 'attended'; readonly askedMs: number | null }
  | {
      readonly is: 'unattended';
      readonly sinceMs: number;
      readonly sinceUnixMs: number;
      readonly nextEndMs: number;
    };

export interface Unattended {
  readonly sinceUnixMs: number;
  /** When it ends by itself if nobody comes; null: never. */
  readonly endsUnixMs: number | null;
}

/**
 * Live webinars whose crew is gone and whose stage is empty. They go on for a while, since a crew comes back, and end by
 * themselves then. Kept in memory: after a restart the time counts from the start, so that it never counts while nobody
 * could have come.
 */
export class Attendance {
  readonly #clock: Clock;
  readonly #endAfterMs: number;
  readonly #presences = new Map<string, Presence>();

  /** `endAfterMs` 0: they never end by themselves. */
  constructor(clock: Clock, endAfterMs: number) {
    this.#clock = clock;
    this.#endAfterMs = endAfterMs;
  }

  /** Call about once a second with every live webinar. Answers those that are to end now. */
  look(live: readonly { readonly webinarId: string; readonly attended: boolean }[]): string[] {
    const nowMs = this.#clock.nowMs();
    const known = new Set(live.map((w) => w.webinarId));
    for (const webinarId of this.#presences.keys()) {
      if (!known.has(webinarId)) this.#presences.delete(webinarId);
    }
    return live.flatMap(({ webinarId, attended }) => {
      const next = this.#next(this.#presences.get(webinarId), attended, nowMs);
      this.#presences.set(webinarId, next);
      if (this.#endAfterMs === 0 || next.is === 'attended' || nowMs < next.nextEndMs) return [];
      this.#presences.set(webinarId, { ...next, nextEndMs: nowMs + END_AGAIN_MS });
      return [webinarId];
    });
  }

  #next(before: Presence | undefined, attended: boolean, nowMs: number): Presence {
    if (!attended) {
      if (before?.is === 'unattended') return before;
      const sinceUnixMs = this.#clock.nowUnixMs();
      return { is: 'unattended', sinceMs: nowMs, sinceUnixMs, nextEndMs: nowMs + this.#endAfterMs };
    }
    if (before?.is !== 'unattended') return before ?? { is: 'attended', askedMs: null };
    const awayMs = nowMs - before.sinceMs;
    return { is: 'attended', askedMs: awayMs >= TOLD_AFTER_MS ? awayMs : null };
  }

  /** For the dashboard; null: attended, or nobody is missed yet. */
  unattended(webinarId: string): Unattended | null {
    const presence = this.#presences.get(webinarId);
    if (presence?.is !== 'unattended') return null;
    if (this.#clock.nowMs() - presence.sinceMs < TOLD_AFTER_MS) return null;
    const { sinceUnixMs } = presence;
    return { sinceUnixMs, endsUnixMs: this.#endAfterMs === 0 ? null : sinceUnixMs + this.#endAfterMs };
  }

  /** How long it went unattended until the crew that is here now came, while they have not said what is to become of it. */
  asked(webinarId: string): { readonly forMs: number } | null {
    const presence = this.#presences.get(webinarId);
    return presence?.is === 'attended' && presence.askedMs !== null ? { forMs: presence.askedMs } : null;
  }

  /** The crew says that it goes on. */
  keep(webinarId: string): void {
    if (this.#presences.get(webinarId)?.is === 'attended') {
      this.#presences.set(webinarId, { is: 'attended', askedMs: null });
    }
  }
}
