import { useEffect, useState } from 'preact/hooks';

const AGAIN_MS = 2000;

/** What `load` brings, once it is wanted and here; null before. It is asked for again until it comes. */
export function useLazy<T>(wanted: boolean, load: () => Promise<T>): T | null {
  const [loaded, setLoaded] = useState<{ readonly it: T } | null>(null);
  const missing = wanted && loaded === null;
  useEffect(() => {
    if (!missing) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let left = false;
    const ask = (): void => {
      load().then(
        (it) => left || setLoaded({ it }),
        () => {
          if (!left) timer = setTimeout(ask, AGAIN_MS);
        },
      );
    };
    ask();
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [missing]);
  return loaded?.it ?? null;
}
