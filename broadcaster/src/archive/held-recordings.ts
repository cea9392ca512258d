import { readdir } from 'node:fs/promises';
import { Id } from '@rostrum/contracts/ids';

/** How often the folder is read anew at most. */
const LOOK_MS = 10_000;

/** Channels that a folder has anything of: the coordinator is told some at a time, since what it deleted may be among them. */
export class HeldRecordings {
  readonly #archiveDir: string;
  readonly #nowMs: () => number;
  #left: string[] = [];
  #looking: Promise<void> | null = null;
  #notBeforeMs = Number.NEGATIVE_INFINITY;

  /** @param nowMs monotonic milliseconds */
  constructor(archiveDir: string, nowMs: () => number) {
    this.#archiveDir = archiveDir;
    this.#nowMs = nowMs;
  }

  /** At most so many of those that `isKnown` does not hold for; others the next time, all of them in turn. */
  some(atMost: number, isKnown: (channelId: string) => boolean): string[] {
    if (this.#left.length === 0) void this.look();
    const named: string[] = [];
    while (named.length < atMost) {
      const id = this.#left.pop();
      if (id === undefined) break;
      if (!isKnown(id)) named.push(id);
    }
    return named;
  }

  /** Reads the folder, unless that was a moment ago. Never rejects: a folder that cannot be read holds nothing for now. */
  look(): Promise<void> {
    if (!this.#looking && this.#nowMs() < this.#notBeforeMs) return Promise.resolve();
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    this.#notBeforeMs = this.#nowMs() + LOOK_MS;
    const names = await readdir(this.#archiveDir).catch(() => []);
    this.#left = names.filter((name) => Id.safeParse(name).success);
  }
}
