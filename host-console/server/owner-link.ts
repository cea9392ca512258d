/** How long one is told before it is made anew, ms: well before it expires. */
const RENEW_AFTER_MS = 30 * 24 * 3_600_000;

type Told =
  | { readonly is: 'link'; readonly generation: number; readonly madeUnixMs: number }
  | { readonly is: 'none' };

export interface OwnerLinkOptions {
  /** How often all of the owner's links were revoked, in any process. */
  readonly generation: () => Promise<number>;
  /** Whether there is to be one at all. */
  readonly wanted: () => Promise<boolean>;
  readonly make: () => Promise<string>;
  readonly nowUnixMs: () => number;
}

/** The owner's link that the launcher is told, and whether it still opens anything. */
export class OwnerLink {
  readonly #o: OwnerLinkOptions;
  #told: Told | null = null;
  #looking: Promise<unknown> = Promise.resolve();

  constructor(options: OwnerLinkOptions) {
    this.#o = options;
  }

  /**
   * What to tell in place of what was told: at first, when all were revoked, when it is old, and when there is to be none any more
   * (`url: null`). `same`: what was told holds. One look at a time.
   */
  look(): Promise<'same' | { readonly url: string | null }> {
    const next = this.#looking.then(() => this.#look());
    this.#looking = next.catch(() => undefined);
    return next;
  }

  async #look(): Promise<'same' | { readonly url: string | null }> {
    // Read first: one that is revoked while it is made is seen at the next look.
    const generation = await this.#o.generation();
    const nowUnixMs = this.#o.nowUnixMs();
    if (!(await this.#o.wanted())) {
      if (this.#told?.is === 'none') return 'same';
      this.#told = { is: 'none' };
      return { url: null };
    }
    const told = this.#told;
    if (
      told?.is === 'link' &&
      told.generation === generation &&
      nowUnixMs - told.madeUnixMs < RENEW_AFTER_MS
    ) {
      return 'same';
    }
    const url = await this.#o.make();
    this.#told = { is: 'link', generation, madeUnixMs: nowUnixMs };
    return { url };
  }
}
