import type { Store } from '@rostrum/room-client/store';
import { useEffect, useState } from 'preact/hooks';

type Readable<S extends object> = Pick<Store<S>, 'get' | 'subscribe'>;

/** Renders again when what `select` picks changes. */
export function useStore<S extends object, T>(store: Readable<S>, select: (state: S) => T): T {
  const [, redraw] = useState(0);
  const picked = select(store.get());
  useEffect(() => {
    let last = select(store.get());
    const check = (): void => {
      const now = select(store.get());
      if (Object.is(now, last)) return;
      last = now;
      redraw((n) => n + 1);
    };
    check();
    if (!Object.is(last, picked)) redraw((n) => n + 1);
    return store.subscribe(check);
  }, [store]);
  return picked;
}

/** Renders again every `everyMs`; the answer is `Date.now()`. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Follows a media query. */
export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const listener = (): void => setMatches(list.matches);
    listener();
    list.addEventListener('change', listener);
    return () => list.removeEventListener('change', listener);
  }, [query]);
  return matches;
}

/** True while the browser knows that there is no network. */
export function useOffline(): boolean {
  const [offline, setOffline] = useState(!navigator.onLine);
  useEffect(() => {
    const listener = (): void => setOffline(!navigator.onLine);
    window.addEventListener('online', listener);
    window.addEventListener('offline', listener);
    return () => {
      window.removeEventListener('online', listener);
      window.removeEventListener('offline', listener);
    };
  }, []);
  return offline;
}
