/** A rate as data: `burst` at once, then `perSecond`. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** Classic token bucket. `nowMs` is monotonic. */
export class TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #filledAtMs: number;

  constructor(rate: Rate, nowMs: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#filledAtMs = nowMs;
  }

  /** Takes one token and answers 0, or in how many milliseconds there is one. */
  take(nowMs: number): number {
    const filled = this.#tokens + ((nowMs - this.#filledAtMs) / 1000) * this.#rate.perSecond;
    this.#tokens = Math.min(this.#rate.burst, filled);
    this.#filledAtMs = nowMs;
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) / this.#rate.perSecond) * 1000);
    this.#tokens -= 1;
    return 0;
  }

  isFull(nowMs: number): boolean {
    return this.left(nowMs) >= this.#rate.burst;
  }

  /** Tokens that are there, with a fraction. */
  left(nowMs: number): number {
    const filled = this.#tokens + ((nowMs - this.#filledAtMs) / 1000) * this.#rate.perSecond;
    return Math.min(this.#rate.burst, filled);
  }
}

/** Buckets by key (an address, a person); full ones are forgotten, since a new one is full too. */
export class KeyedBuckets {
  readonly #rate: Rate;
  readonly #buckets = new Map<string, TokenBucket>();
  #sweepAtMs = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** As of one bucket. */
  take(key: string, nowMs: number): number {
    this.#sweep(nowMs);
    let bucket = this.#buckets.get(key);
    if (!bucket) {
      bucket = new TokenBucket(this.#rate, nowMs);
      this.#buckets.set(key, bucket);
    }
    return bucket.take(nowMs);
  }

  /** Of a key's bucket, without taking from it. */
  left(key: string, nowMs: number): number {
    return this.#buckets.get(key)?.left(nowMs) ?? this.#rate.burst;
  }

  #sweep(nowMs: number): void {
    if (nowMs < this.#sweepAtMs) return;
    this.#sweepAtMs = nowMs + 10_000;
    for (const [key, bucket] of this.#buckets) if (bucket.isFull(nowMs)) this.#buckets.delete(key);
  }
}
