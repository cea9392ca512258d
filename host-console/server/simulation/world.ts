import { seeded, VirtualTime } from './virtual-time.ts';

/** How often things go wrong, as shares. */
export interface Trouble {
  /** Of calls of the store. */
  store: number;
}

/** Time, chance and trouble of one history: the seed decides everything. */
export class World {
  readonly time = new VirtualTime();
  readonly random: () => number;
  readonly trouble: Trouble = { store: 0 };
  /** What happened, for whoever reads a history that broke a rule. */
  readonly story: string[] = [];
  readonly faults: string[] = [];

  constructor(seed: number) {
    this.random = seeded(seed);
  }

  /** From 0 to `ms`, mostly short. */
  upTo(ms: number): number {
    return this.random() ** 2 * ms;
  }
  chance(share: number): boolean {
    return share > 0 && this.random() < share;
  }
  pick<T>(of: readonly T[]): T {
    return of[Math.floor(this.random() * of.length)] as T;
  }
  /** Something that may never happen. */
  fault(error: unknown): void {
    this.faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  tell(what: string): void {
    this.story.push(`${(this.time.nowMs / 1000).toFixed(3)} ${what}`);
  }
}
