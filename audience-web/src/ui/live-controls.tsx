import { useState } from 'preact/hooks';
import { locale, t } from '../messages.ts';
import { formatBehind, formatLatency } from '../player/format.ts';
import type { Player } from '../player/player.ts';
import { PlayerControls } from './player-controls.tsx';
import type { PlayerParts } from './player-view.tsx';
import { useStore } from './use-store.ts';

/** Of a live channel. `before`: its show has not begun, and nothing in it is worth going back to. */
export function LiveControls(props: PlayerParts & { readonly shown: boolean; readonly before: boolean }) {
  const { player, before } = props;
  const following = useStore(player.state, (s) => s.following);
  return (
    <PlayerControls
      {...props}
      timeline={!before && <LiveTimeline player={player} />}
      clock={!before && <LiveChip player={player} />}
      forward={following ? 'never' : 'wide'}
      keys={t.player.shortcutsText}
    />
  );
}

function LiveChip({ player }: { player: Player }) {
  const following = useStore(player.state, (s) => s.following);
  const latency = useStore(player.state, (s) => formatLatency(s.latencyMs));
  const behind = useStore(player.state, (s) => formatBehind(s.behindS));
  const over = useStore(player.state, (s) => s.over);
  if (over) return <ProgrammeTime player={player} />;
  if (following) {
    return (
      <span class="live-chip">
        <span class="dot" aria-hidden="true" />
        {t.live}
        <span class="latency" title={latency === '' ? undefined : t.player.behind(latency)}>
          {latency}
        </span>
      </span>
    );
  }
  return (
    <>
      <button type="button" class="button small go-live" onClick={() => player.goLive()}>
        <span class="dot" aria-hidden="true" />
        {t.player.goLive}
        <span class="latency" aria-hidden="true">
          −{behind}
        </span>
        <span class="sr-only">, {t.player.behindLive(behind)}</span>
      </button>
      <ProgrammeTime player={player} />
    </>
  );
}

const clockTime = new Intl.DateTimeFormat(locale, { timeStyle: 'medium' });

/** When what is seen was said: the time of day, since behind the edge that is not now. */
function ProgrammeTime({ player }: { player: Player }) {
  const date = useStore(player.state, (s) => s.dateUnixMs);
  if (date === null) return null;
  return (
    <time class="clock wide-only" dateTime={new Date(date).toISOString()} title={t.player.programmeTime}>
      {clockTime.format(date)}
    </time>
  );
}

const STEP_S = 10;

/**
 * What of the live stream can be watched again, live being its right end. While the thumb is dragged the picture stays:
 * each place on the way would have to be fetched.
 */
function LiveTimeline({ player }: { player: Player }) {
  const behind = useStore(player.state, (s) => s.behindS);
  const window = useStore(player.state, (s) => s.windowS);
  const date = useStore(player.state, (s) => s.dateUnixMs);
  const [dragged, setDragged] = useState<number | null>(null);
  if (window < STEP_S) return null;
  const shown = Math.min(window, dragged ?? behind);
  const time = date === null ? '' : clockTime.format(date - (shown - behind) * 1000);
  return (
    <input
      class="timeline"
      type="range"
      min={-window}
      max="0"
      step="1"
      aria-label={t.player.position}
      aria-valuetext={shown === 0 ? t.live : t.player.programmeAt(time, formatBehind(shown))}
      title={shown === 0 ? t.live : time}
      value={-shown}
      onInput={(event) => setDragged(-event.currentTarget.valueAsNumber)}
      onChange={(event) => {
        setDragged(null);
        player.seekToBehind(-event.currentTarget.valueAsNumber);
      }}
      onKeyDown={(event) => {
        const to: Readonly<Record<string, () => void>> = {
          ArrowLeft: () => player.seekBy(-STEP_S),
          ArrowRight: () => player.seekBy(STEP_S),
          End: () => player.goLive(),
        };
        const act = to[event.key];
        if (!act) return;
        event.preventDefault();
        act();
      }}
    />
  );
}
