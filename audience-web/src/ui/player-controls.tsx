import { useEffect, useState } from 'preact/hooks';
import { locale, t } from '../messages.ts';
import { formatBehind, formatDuration, formatLatency } from '../player/format.ts';
import type { Player } from '../player/player.ts';
import { isFullScreen, toggleFullScreen, togglePictureInPicture } from './full-screen.ts';
import {
  BackIcon,
  ForwardIcon,
  FullIcon,
  MutedIcon,
  PauseIcon,
  PipIcon,
  PlayIcon,
  ReplayIcon,
  ShrinkIcon,
  VolumeIcon,
} from './icons.tsx';
import { togglePlay } from './player-view.tsx';
import { QualityMenu } from './quality-menu.tsx';
import { useStore } from './use-store.ts';

interface ControlsProps {
  readonly player: Player;
  readonly video: HTMLVideoElement;
  readonly region: HTMLElement;
  readonly kind: 'live' | 'recording';
  readonly shown: boolean;
}

export function PlayerControls({ player, video, region, kind, shown }: ControlsProps) {
  const status = useStore(player.state, (s) => s.status);
  const muted = useStore(player.state, (s) => s.muted || s.volume === 0);
  const volume = useStore(player.state, (s) => s.volume);
  const following = useStore(player.state, (s) => s.following);
  const full = useFullScreen();
  const halted = status === 'paused' || status === 'finished';
  const playLabel = status === 'finished' ? t.player.replay : halted ? t.player.play : t.player.pause;

  return (
    <div class={`player-bar ${shown ? '' : 'hidden'}`}>
      {kind === 'recording' ? <Timeline player={player} /> : <LiveTimeline player={player} />}
      <div class="player-buttons" role="toolbar" aria-label={t.player.controls}>
        <button type="button" class="icon-button" aria-label={playLabel} onClick={() => togglePlay(player)}>
          {status === 'finished' ? <ReplayIcon /> : halted ? <PlayIcon /> : <PauseIcon />}
        </button>
        <button
          type="button"
          class="icon-button"
          aria-label={t.player.back}
          onClick={() => player.seekBy(-10)}
        >
          <BackIcon />
        </button>
        {(kind === 'recording' || !following) && (
          <button
            type="button"
            class={`icon-button ${kind === 'live' ? 'wide-only' : ''}`}
            aria-label={t.player.forward}
            onClick={() => player.seekBy(10)}
          >
            <ForwardIcon />
          </button>
        )}
        <button
          type="button"
          class="icon-button"
          aria-label={muted ? t.player.unmute : t.player.mute}
          onClick={() => (volume === 0 ? player.setVolume(1) : player.setMuted(!muted))}
        >
          {muted ? <MutedIcon /> : <VolumeIcon />}
        </button>
        <input
          class="volume"
          type="range"
          min="0"
          max="1"
          step="0.05"
          aria-label={t.player.volume}
          value={muted ? 0 : volume}
          onInput={(event) => player.setVolume(event.currentTarget.valueAsNumber)}
        />
        {kind === 'live' ? <LiveChip player={player} /> : <Clock player={player} />}
        <span class="spacer" />
        <QualityMenu player={player} kind={kind} />
        {document.pictureInPictureEnabled && (
          <button
            type="button"
            class="icon-button wide-only"
            aria-label={t.player.pictureInPicture}
            onClick={() => togglePictureInPicture(video)}
          >
            <PipIcon />
          </button>
        )}
        <button
          type="button"
          class="icon-button"
          aria-label={full ? t.player.leaveFullScreen : t.player.fullScreen}
          onClick={() => toggleFullScreen(region, video)}
        >
          {full ? <ShrinkIcon /> : <FullIcon />}
        </button>
      </div>
    </div>
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

function Clock({ player }: { player: Player }) {
  const at = useStore(player.state, (s) => formatDuration(s.positionS));
  const of = useStore(player.state, (s) => formatDuration(s.durationS));
  return (
    <span class="clock">
      {at} / {of}
    </span>
  );
}

function Timeline({ player }: { player: Player }) {
  const position = useStore(player.state, (s) => Math.floor(s.positionS));
  const duration = useStore(player.state, (s) => Math.floor(s.durationS));
  return (
    <input
      class="timeline"
      type="range"
      min="0"
      max={Math.max(1, duration)}
      step="1"
      aria-label={t.player.position}
      aria-valuetext={t.player.positionOf(formatDuration(position), formatDuration(duration))}
      value={position}
      onInput={(event) => player.seekTo(event.currentTarget.valueAsNumber)}
    />
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

function useFullScreen(): boolean {
  const [full, setFull] = useState(isFullScreen());
  useEffect(() => {
    const listener = (): void => setFull(isFullScreen());
    document.addEventListener('fullscreenchange', listener);
    return () => document.removeEventListener('fullscreenchange', listener);
  }, []);
  return full;
}
