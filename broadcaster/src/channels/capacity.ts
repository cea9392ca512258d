/** How many channels more the machine carries, by what the ones it carries take and what is left idle. */

/** What a channel is taken to need before one was measured, and at least: a holding slide takes less than the show after it. */
const CORES_PER_CHANNEL = { assumed: 0.5, least: 0.3 } as const;
/** Left free for everything that is not a channel. */
const RESERVE_CORES = 0.2;
/** Measurements are means over about this long; a channel younger than that has not shown what it takes. */
const WINDOW_MS = 60_000;

export interface Carrying {
  readonly channels: number;
  /** Of those, the ones whose use does not show in the means yet. */
  readonly young: number;
  /** Means of the last minute. */
  readonly idleCores: number;
  readonly coresPerChannel: number;
  /** A channel leaves something out for want of time. */
  readonly shedding: boolean;
}

/** The first channel is always carried: a machine that is too small for it makes less of it, and says so. */
export function roomFor({ channels, young, idleCores, coresPerChannel, shedding }: Carrying): number {
  const need = Math.max(coresPerChannel, CORES_PER_CHANNEL.least);
  const more = shedding ? 0 : Math.floor((idleCores - RESERVE_CORES - young * need) / need);
  return Math.max(more, channels === 0 ? 1 : 0);
}

export interface Measured {
  readonly idleCores: number;
  /** Processor time of all channels, packaging and serving included, as the share of one core. */
  readonly usedCores: number;
  /** When each running channel started, ms of the same clock as `nowMs`. */
  readonly startedMs: readonly number[];
  readonly shedding: boolean;
}

/** Keeps the means. `limit`: as many channels as its operator says, whatever is measured; null: by measurement. */
export class Capacity {
  readonly #limit: number | null;
  readonly #nowMs: () => number;
  #measuredMs: number | null = null;
  #idleCores = 0;
  #coresPerChannel: number = CORES_PER_CHANNEL.assumed;
  #shedding = false;

  constructor(limit: number | null, nowMs: () => number = () => performance.now()) {
    this.#limit = limit;
    this.#nowMs = nowMs;
  }

  /** Call about twice a second. */
  measure({ idleCores, usedCores, startedMs, shedding }: Measured): void {
    const nowMs = this.#nowMs();
    const share = this.#measuredMs === null ? 1 : 1 - Math.exp(-(nowMs - this.#measuredMs) / WINDOW_MS);
    this.#measuredMs = nowMs;
    this.#shedding = shedding;
    this.#idleCores += (idleCores - this.#idleCores) * share;
    // What a start costs is not what a channel takes.
    if (startedMs.length > 0 && this.#young(startedMs) === 0) {
      const each = usedCores / startedMs.length;
      this.#coresPerChannel += (each - this.#coresPerChannel) * Math.min(share, 0.1);
    }
  }

  room(startedMs: readonly number[]): number {
    const channels = startedMs.length;
    if (this.#limit !== null) return Math.max(0, this.#limit - channels);
    return roomFor({
      channels,
      young: this.#young(startedMs),
      idleCores: this.#idleCores,
      coresPerChannel: this.#coresPerChannel,
      shedding: this.#shedding,
    });
  }

  #young(startedMs: readonly number[]): number {
    return startedMs.filter((atMs) => this.#nowMs() - atMs < WINDOW_MS).length;
  }
}
