import type { ProfileName } from '@rostrum/contracts/profile';
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages.ts';
import { createPlayer, type Player } from '../player/player.ts';
import { reportMeasurements } from '../player/report.ts';
import { HeadphonesIcon, PlayIcon, VolumeIcon } from './icons.tsx';
import { PlayerControls } from './player-controls.tsx';
import { useShortcuts } from './shortcuts.ts';
import type { Rest } from './use-run-out.ts';
import { useStore } from './use-store.ts';

interface PlayerViewProps {
  readonly url: string;
  readonly kind: 'live' | 'recording';
  readonly profile: ProfileName;
  readonly title: string;
  readonly serverOffsetMs: () => number;
  /** The stage's sound has taken over: silent, whatever the viewer chose, so that no voice is heard twice. */
  readonly silenced?: boolean;
  readonly onPlayer: (player: Player | null) => void;
  /** Where to report how playing goes, counted from `openedAtMs` of the page's clock; absent: nowhere. */
  readonly report?: { readonly coordinatorUrl: () => string | null; readonly openedAtMs: number };
  /** Recordings: begins where somebody was in the live channel, as loud as they had it. */
  readonly rest?: Rest;
  /** Shown over the picture until it is first played; without it playback starts by itself. */
  readonly intro?: { readonly title: string; readonly text: string; readonly play: string };
}

const HIDE_CONTROLS_AFTER_MS = 2800;

/** The video with its controls. One instance per playlist: give it `key={url}`. */
export function PlayerView(props: PlayerViewProps) {
  const { url, kind, profile, title, onPlayer } = props;
  const region = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [player, setPlayer] = useState<Player | null>(null);

  useEffect(() => {
    if (!video.current || !canvas.current) return;
    if (props.rest) video.current.muted = props.rest.muted;
    const made = createPlayer({
      video: video.current,
      canvas: canvas.current,
      url,
      kind,
      profile,
      autoPlay: props.intro === undefined,
      serverOffsetMs: props.serverOffsetMs,
      ...(props.rest ? { startAtUnixMs: props.rest.fromUnixMs } : {}),
      onFirstFrame: () => performance.mark('rostrum:first-frame'),
    });
    setPlayer(made);
    onPlayer(made);
    const stopReporting =
      props.report && reportMeasurements({ player: made, video: video.current, ...props.report });
    return () => {
      stopReporting?.();
      onPlayer(null);
      made.destroy();
    };
  }, [url, kind]);

  useEffect(() => {
    if (props.silenced && player) player.setMuted(true);
  }, [props.silenced, player]);

  return (
    <section class="player" ref={region} aria-label={t.player.region}>
      {/* biome-ignore lint/a11y/useMediaCaption: a live channel carries no captions yet */}
      <video ref={video} playsInline preload="auto" aria-label={title} />
      <canvas ref={canvas} class="player-still" hidden />
      {player && video.current && region.current && (
        <Overlay player={player} video={video.current} region={region.current} kind={kind} />
      )}
      {player && props.intro && <Intro player={player} {...props.intro} />}
    </section>
  );
}

function Intro(props: { player: Player; title: string; text: string; play: string }) {
  const untouched = useStore(props.player.state, (s) => !s.firstFrame && s.status === 'paused');
  if (!untouched) return null;
  return (
    <div class="screen player-intro">
      <div class="screen-inner">
        <h2 class="screen-title">{props.title}</h2>
        <p class="muted">{props.text}</p>
        <button type="button" class="button primary" onClick={() => props.player.play()}>
          <PlayIcon />
          {props.play}
        </button>
      </div>
    </div>
  );
}

interface OverlayProps {
  readonly player: Player;
  readonly video: HTMLVideoElement;
  readonly region: HTMLElement;
  readonly kind: 'live' | 'recording';
}

function Overlay({ player, video, region, kind }: OverlayProps) {
  const status = useStore(player.state, (s) => s.status);
  const needsTap = useStore(player.state, (s) => s.needsTap);
  const quality = useStore(player.state, (s) => s.quality);
  const firstFrame = useStore(player.state, (s) => s.firstFrame);
  const shown = useControlsShown(region, status !== 'playing');
  useShortcuts(player, video, region);

  return (
    <>
      {quality === 'audio' && (
        <div class="player-audio">
          <HeadphonesIcon />
          <p>{t.player.audioOnlyText}</p>
        </div>
      )}
      <button
        type="button"
        class="player-surface"
        tabIndex={-1}
        aria-hidden="true"
        onClick={() => {
          // A touch only shows the controls; a mouse plays and pauses.
          if (matchMedia('(hover: hover)').matches) togglePlay(player);
        }}
      />
      <p class="player-notice" role="status">
        {status === 'unsupported' && t.player.unsupported}
        {status === 'recovering' && <Delayed text={t.player.recovering} />}
        {status === 'loading' && !firstFrame && <Delayed text={t.player.loading} />}
      </p>
      {needsTap && (
        <button type="button" class="button primary player-tap" onClick={() => player.setMuted(false)}>
          <VolumeIcon />
          {t.player.tapForSound}
        </button>
      )}
      <PlayerControls player={player} video={video} region={region} kind={kind} shown={shown} />
    </>
  );
}

/** A notice that would only flash by is not shown at all. */
function Delayed({ text }: { text: string }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), 700);
    return () => clearTimeout(timer);
  }, []);
  return shown ? (
    <span class="pill">
      <span class="spinner" aria-hidden="true" />
      {text}
    </span>
  ) : null;
}

export function togglePlay(player: Player): void {
  const { status } = player.state.get();
  if (status === 'paused') player.play();
  else if (status === 'finished') player.seekTo(0);
  else player.pause();
}

/** Controls fade while nobody touches anything; never while paused, or while the keyboard is in them. */
function useControlsShown(region: HTMLElement, always: boolean): boolean {
  const [recent, setRecent] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const stir = (): void => {
      setRecent(true);
      clearTimeout(timer);
      timer = setTimeout(() => {
        if (!region.querySelector(':focus-visible, [aria-expanded="true"]')) setRecent(false);
        else stir();
      }, HIDE_CONTROLS_AFTER_MS);
    };
    stir();
    const kinds = ['pointermove', 'pointerdown', 'keydown', 'focusin'] as const;
    for (const kind of kinds) region.addEventListener(kind, stir);
    return () => {
      clearTimeout(timer);
      for (const kind of kinds) region.removeEventListener(kind, stir);
    };
  }, [region]);
  return always || recent;
}
