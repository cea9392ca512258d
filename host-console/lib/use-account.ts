import type { OwnAccount } from '@rostrum/contracts';
import { useEffect, useState } from 'react';
import { accountApi } from './account-api.ts';

export type Looked =
  | { readonly is: 'looking' }
  | { readonly is: 'failed'; readonly code: string }
  | { readonly is: 'in'; readonly account: OwnAccount };

/** Who is signed in. Whoever is not is led to where one does, and back. `wanted`: false asks nothing. */
export function useAccount(wanted = true): [Looked, (account: OwnAccount) => void] {
  const [looked, setLooked] = useState<Looked>({ is: 'looking' });
  useEffect(() => {
    if (!wanted) return;
    let gone = false;
    void accountApi.own().then((result) => {
      if (gone) return;
      if (result.ok) setLooked({ is: 'in', account: result.value });
      else if (result.error.code === 'unauthenticated') {
        const { pathname } = window.location;
        window.location.replace(`/signin${pathname === '/' ? '' : `?next=${encodeURIComponent(pathname)}`}`);
      } else setLooked({ is: 'failed', code: result.error.code });
    });
    return () => {
      gone = true;
    };
  }, [wanted]);
  return [looked, (account) => setLooked({ is: 'in', account })];
}
