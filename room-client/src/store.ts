/** The smallest store React's `useSyncExternalStore` takes: a new immutable object on each change. */
export interface Store<S extends object> {
  readonly get: () => S;
  readonly subscribe: (listener: () => void) => () => void;
  /** Merges; without a difference nothing is told. */
  readonly set: (change: Partial<S>) => void;
}

export function createStore<S extends object>(initial: S): Store<S> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(change) {
      const keys = Object.keys(change) as (keyof S)[];
      if (keys.every((key) => Object.is(state[key], change[key]))) return;
      state = { ...state, ...change };
      for (const listener of [...listeners]) listener();
    },
  };
}
