import type { MyHand } from '@rostrum/contracts/view';
import { useState } from 'preact/hooks';
import { t } from '../messages.ts';
import type { WatchSession } from '../room/session.ts';
import { HandIcon } from './icons.tsx';
import { type NameEntry, NameField } from './name-field.tsx';
import { useStore } from './use-store.ts';

interface HandCardProps {
  readonly session: WatchSession;
  readonly hand: MyHand;
  readonly live: boolean;
  readonly name: NameEntry;
  readonly onStage: boolean;
  readonly onOpenInvitation: () => void;
}

/** Raise and lower, and always one plain sentence on where one stands. */
export function HandCard({ session, hand, live, name: entry, onStage, onOpenInvitation }: HandCardProps) {
  const [state, setState] = useState<'idle' | 'busy' | 'failed' | 'name-taken'>('idle');
  const tell = async (name: 'hand:raise' | 'hand:lower'): Promise<void> => {
    setState('busy');
    if (name === 'hand:raise' && !(await entry.taken())) {
      setState('idle');
      return;
    }
    const failure = await session.command(name, {});
    setState(failure === null ? 'idle' : failure.code === 'name-taken' ? 'name-taken' : 'failed');
  };
  // What is announced as live is live before there is anyone to tell.
  const admitted = useStore(session.state, (s) => s.view !== null);
  const busy = state === 'busy';
  const say = onStage ? { title: t.stage.onStage, text: t.stage.onStageText } : says(hand);
  return (
    <section class={`hand-card ${hand}`} aria-label={t.hand.title}>
      <span class="hand-mark" aria-hidden="true">
        <HandIcon />
      </span>
      <div class="hand-text" role="status">
        <p class="hand-title">{say.title}</p>
        <p class="muted small">{!live && hand === 'down' ? t.hand.notLive : say.text}</p>
        {state === 'failed' && <p class="form-error">{t.hand.failed}</p>}
        {state === 'name-taken' && <p class="form-error">{t.name.taken}</p>}
      </div>
      {live && (hand === 'down' || hand === 'declined') && entry.wanted && (
        <div class="hand-name">
          <NameField entry={entry} />
        </div>
      )}
      {onStage ? null : hand === 'accepted' ? (
        <button type="button" class="button primary" onClick={onOpenInvitation}>
          {t.hand.open}
        </button>
      ) : hand === 'raised' ? (
        <button type="button" class="button" disabled={busy} onClick={() => void tell('hand:lower')}>
          {t.hand.lower}
        </button>
      ) : (
        <button
          type="button"
          class="button"
          disabled={busy || !live || !admitted}
          onClick={() => void tell('hand:raise')}
        >
          {t.hand.raise}
        </button>
      )}
    </section>
  );
}

function says(hand: MyHand): { title: string; text: string } {
  switch (hand) {
    case 'down':
      return { title: t.hand.title, text: t.hand.text };
    case 'raised':
      return { title: t.hand.raised, text: t.hand.raisedText };
    case 'accepted':
      return { title: t.hand.accepted, text: t.stage.invitedText };
    case 'declined':
      return { title: t.hand.declined, text: t.hand.declinedText };
  }
}
