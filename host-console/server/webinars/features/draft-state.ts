import type { FoldedState } from './state.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * A state that is being built. Collections are copied before their first change and only then, so that the state it started
 * from is never touched and ten thousand votes cost one copy.
 */
export class DraftState {
  readonly now: Mutable<FoldedState>;
  /** Collections that were made here, and which nobody else has yet. */
  readonly #own = new WeakSet<object>();

  constructor(base: FoldedState) {
    this.now = { ...base };
  }

  /** The map itself where it was made here, else a copy, to put in its place and to change. */
  ownMap<K, V>(map: ReadonlyMap<K, V>): Map<K, V> {
    if (this.#isOwnMap(map)) return map;
    const copy = new Map(map);
    this.#own.add(copy);
    return copy;
  }

  /** As `ownMap`. */
  ownSet<T>(set: ReadonlySet<T>): Set<T> {
    if (this.#isOwnSet(set)) return set;
    const copy = new Set(set);
    this.#own.add(copy);
    return copy;
  }

  #isOwnMap<K, V>(map: ReadonlyMap<K, V>): map is Map<K, V> {
    return this.#own.has(map);
  }

  #isOwnSet<T>(set: ReadonlySet<T>): set is Set<T> {
    return this.#own.has(set);
  }
}
