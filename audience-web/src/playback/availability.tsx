import { useEffect, useState } from 'preact/hooks';
import { t } from '../messages.ts';
import type { Player } from '../player/player.ts';
import { useStore } from '../ui/use-store.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import { w } from './words.ts';

/** A recording that answers is not asked again before it stumbles for so long. */
const TROUBLE_MS = 2500;
const ASK_EVERY_MS = 5000;

/** Says so when there is nothing to wait for. */
export function Availability(props: { player: Player; url: string; onLive: (() => void) | null }) {
  const { player, url, onLive } = props;
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const troubled = useStore(player.state, (s) => s.status === 'loading' || s.status === 'recovering');

  useEffect(() => {
    const left = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      try {
        const { status } = await fetch(url, { method: 'HEAD', signal: left.signal });
        setRefusal(refusalOf(status));
      } catch {
        // Without a network the player says so.
      }
      if (troubled && !left.signal.aborted) timer = setTimeout(() => void ask(), ASK_EVERY_MS);
    };
    timer = setTimeout(() => void ask(), troubled ? TROUBLE_MS : 0);
    return () => {
      left.abort();
      clearTimeout(timer);
    };
  }, [url, troubled]);

  if (refusal === null) return null;
  return (
    <section class="screen" role="alert">
      <div class="screen-inner">
        <h2 class="screen-title">{w[refusal].title}</h2>
        <p class="muted">{w[refusal].text}</p>
        {onLive ? (
          <button type="button" class="button primary" onClick={onLive}>
            {w.backToLive}
          </button>
        ) : (
          <button type="button" class="button" onClick={() => location.reload()}>
            {t.reload}
          </button>
        )}
      </div>
    </section>
  );
}
