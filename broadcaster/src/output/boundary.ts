/** The place in the programme at which a recording begins. */
import type { LatencyProfile } from '@rostrum/contracts/profile';

/**
 * Waits until the segment that is recorded first is about to begin: what was coded of the one before it lacks the last part. What is
 * put into the picture then is there when it begins, since coding takes less than a part.
 */
export class Boundary {
  /** Never rejects. */
  readonly near: Promise<void>;
  readonly #fromMsn: number;
  readonly #nearAfterPart: number;
  readonly #resolve: () => void;
  readonly #timer: NodeJS.Timeout;

  constructor({ fromMsn, profile }: { fromMsn: number; profile: LatencyProfile }) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.near = promise;
    this.#fromMsn = fromMsn;
    this.#nearAfterPart = Math.round(profile.segmentMs / profile.partMs) - 2;
    this.#timer = setTimeout(() => this.close(), 2 * profile.segmentMs);
    this.#resolve = resolve;
  }

  /** A part was cut, in some rendition. */
  cut(msn: number, part: number): void {
    if (msn === this.#fromMsn - 1 && part >= this.#nearAfterPart) this.close();
  }

  /** A segment was opened, in some rendition: an encoder that was begun anew closed the one before early. */
  opened(msn: number): void {
    if (msn >= this.#fromMsn) this.close();
  }

  /** Nobody waits any more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#resolve();
  }
}
