/** The smallest observable value: an immutable object, told to listeners when something in it differs. */
export interface Store<S extends object> {
  readonly get: () => S;
  readonly subscribe: (listener: () => void) => () => void;
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
      const differs = (Object.keys(change) as (keyof S)[]).some((key) => !Object.is(state[key], change[key]));
      if (!differs) return;
      state = { ...state, ...change };
      for (const listener of [...listeners]) listener();
    },
  };
}
