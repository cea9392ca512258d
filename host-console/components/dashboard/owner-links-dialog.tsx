'use client';

import { useState } from 'react';
import type { Api } from '../../lib/api.ts';
import { tokenFromFragment, withToken } from '../../lib/fragment.ts';
import { LINKS } from '../../lib/messages.ts';
import { notifyDone, notifyProblem } from '../../lib/notify.ts';
import { ConfirmDialog } from '../shared/confirm-dialog.tsx';

/** Takes back every link of the owner; this page goes on with the one that takes their place. */
export function OwnerLinksDialog({
  api,
  opened,
  onClose,
}: {
  readonly api: Api;
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  const [working, setWorking] = useState(false);
  const words = LINKS.en;
  const revoke = async (): Promise<void> => {
    setWorking(true);
    const result = await api.revokeOwnerLinks();
    setWorking(false);
    onClose();
    const token = result.ok ? tokenFromFragment(new URL(result.value.url).hash) : null;
    if (token === null) {
      notifyProblem(result.ok ? 'internal' : result.error.code);
      return;
    }
    // Replaced, so that going back does not lead to a link that opens nothing.
    window.location.replace(withToken(window.location.pathname, token));
    notifyDone(words.ownerDone);
  };
  return (
    <ConfirmDialog
      opened={opened}
      title={words.ownerTitle}
      text={words.ownerHint}
      no={words.keep}
      yes={words.owner}
      working={working}
      onNo={onClose}
      onYes={() => void revoke()}
    />
  );
}
