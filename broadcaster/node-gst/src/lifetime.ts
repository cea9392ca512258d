import { GstError, guardAsync } from './errors.ts';
import type { StateResult } from './types.ts';

/**
 * The lifetime objects share: the pipeline they came from, or the bin that was added to it. It also
 * keeps the pipeline alive as long as any of its objects is.
 */
export class Scope {
  readonly parent: Scope | null;
  readonly what: string;
  /** The pipeline, for the collector's sake. */
  keep: unknown;
  #ended = false;
  readonly #atEnd = new Set<() => void>();
  readonly #leaveParent: (() => void) | undefined;

  constructor(parent: Scope | null, what: string) {
    this.parent = parent;
    this.what = what;
    this.#leaveParent = parent?.atEnd(() => this.end());
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** @throws GstError `closed` */
  check(): void {
    if (this.#ended) throw new GstError('closed', `${this.what} is closed`);
  }

  /** Runs a function when the scope ends. @returns a function that takes it back */
  atEnd(call: () => void): () => void {
    this.#atEnd.add(call);
    return () => {
      this.#atEnd.delete(call);
    };
  }

  /** Ends it and the scopes in it: what listens to their objects is let go. Idempotent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#leaveParent?.();
    for (const call of this.#atEnd) deliver(call);
    this.#atEnd.clear();
  }
}

/** Runs a listener; what it throws becomes an uncaught exception and does not reach its neighbours. */
export function deliver(call: () => void): void {
  try {
    call();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** A state change with GStreamer's own deadline, and one above it for a change that blocks in itself. */
export function withDeadline(
  timeoutMs: number,
  what: string,
  call: () => Promise<string>,
): Promise<StateResult> {
  const graceMs = timeoutMs === 0 ? 5000 : 500;
  return guardAsync(async () => {
    const result = await raceDeadline(
      timeoutMs + graceMs,
      () => new GstError('state-timeout', `${what}: blocked for more than ${timeoutMs + graceMs} ms`),
      call(),
    );
    return result as StateResult;
  });
}

/** What the work gives, or an error once time is up (the work goes on behind it). */
export async function raceDeadline<T>(timeoutMs: number, late: () => GstError, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), timeoutMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
