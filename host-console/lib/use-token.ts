import { useSyncExternalStore } from 'react';
import { tokenFromFragment } from './fragment.ts';

const subscribe = (listener: () => void): (() => void) => {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
};

/** The token in this page's fragment; null: none, undefined: not known yet (the page is still static HTML). */
export function useToken(): string | null | undefined {
  return useSyncExternalStore<string | null | undefined>(
    subscribe,
    () => tokenFromFragment(window.location.hash),
    () => undefined,
  );
}
