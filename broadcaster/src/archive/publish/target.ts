/** The port to where copies go. */
import type { PublishProblem } from '@rostrum/contracts/publishing';

export interface PublishObject {
  /** Path below the target's root, without a slash in front. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly cacheControl: string;
}

export interface PublishTarget {
  /**
   * Resolves once the object is there whole, its bytes checked on the other side. The same name may be put again.
   * @returns their MD5, by which they were checked, hex
   * @throws PublishError; after an abort anything
   */
  put(object: PublishObject, signal: AbortSignal): Promise<string>;
  /**
   * Removes all objects whose names begin so, until none is left. @param beginning a channel's folder with a slash at its end, or more
   * @throws PublishError; after an abort anything. RangeError
   */
  remove(beginning: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** It did not go up. `message` says what to do about it. */
export class PublishError extends Error {
  readonly code: PublishProblem;

  constructor(code: PublishProblem, message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'PublishError';
    this.code = code;
  }
}

/** Nothing that passes by itself: somebody has to do something. */
export const isHard = (problem: PublishProblem): boolean =>
  problem !== 'unreachable' && problem !== 'slow-down' && problem !== 'failing';
