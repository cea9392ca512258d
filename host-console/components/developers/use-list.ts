import { useCallback, useEffect, useState } from 'react';
import { codeOf } from '../../lib/developers.ts';

export type List<T> =
  | { readonly is: 'loading' }
  | { readonly is: 'failed'; readonly code: string }
  | { readonly is: 'loaded'; readonly items: readonly T[] };

/** A list, and how it is asked for anew. What is shown stays until there is an answer. */
export function useList<T>(ask: () => Promise<readonly T[]>): readonly [List<T>, () => Promise<void>] {
  const [list, setList] = useState<List<T>>({ is: 'loading' });
  const load = useCallback(async () => {
    try {
      setList({ is: 'loaded', items: await ask() });
    } catch (error) {
      setList((now) => (now.is === 'loaded' ? now : { is: 'failed', code: codeOf(error) }));
    }
  }, [ask]);
  useEffect(() => {
    void load();
  }, [load]);
  return [list, load];
}
