/** How long one is told before it is made anew, ms: well before it expires. */
const RENEW_AFTER_MS = 30 * 24 * 3_600_000;

export interface OwnerLinkOptions {
  /** How often all of the owner's links were revoked, in any process. */
  readonly generation: () => Promise<number>;
  readonly make: () => Promise<string>;
  readonly nowUnixMs: () => number;
}

/** The owner's link that the launcher is told, and whether it still opens anything. */
export class OwnerLink {
  readonly #o: OwnerLinkOptions;
  #told: { readonly generation: number; readonly madeUnixMs: number } | null = null;
  #looking: Promise<string | null> = Promise.resolve(null);

  constructor(options: OwnerLinkOptions) {
    this.#o = options;
  }

  /** One to tell in place of what was told: at first, when all were revoked, and when it is old. null: that one is good. One look at a time. */
  look(): Promise<string | null> {
    const next = this.#looking.then(() => this.#look());
    this.#looking = next.catch(() => null);
    return next;
  }

  async #look(): Promise<string | null> {
    // Read first: one that is revoked while it is made is seen at the next look.
    const generation = await this.#o.generation();
    const nowUnixMs = this.#o.nowUnixMs();
    if (this.#told?.generation === generation && nowUnixMs - this.#told.madeUnixMs < RENEW_AFTER_MS) {
      return null;
    }
    const url = await this.#o.make();
    this.#told = { generation, madeUnixMs: nowUnixMs };
    return url;
  }
}
