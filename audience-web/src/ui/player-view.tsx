import type { ProfileName } from '@rostrum/contracts/profile';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages.ts';
import { createPlayer, type Player } from '../player/player.ts';
import type { Return } from '../player/player-state.ts';
import { reportMeasurements } from '../player/report.ts';
import { HeadphonesIcon, VolumeIcon } from './icons.tsx';
import { useShortcuts } from './shortcuts.ts';
import { useStore } from './use-store.ts';

export interface PlayerParts {
  readonly player: Player;
  readonly video: HTMLVideoElement;
  /** The player with all that lies over it. */
  readonly region: HTMLElement;
}

export interface PlayerViewProps {
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
  /** Recordings: where to begin. */
  readonly startAt?: Return;
  /** As it is to begin. */
  readonly muted?: boolean;
  /** `false`: waits until somebody plays it. */
  readonly autoPlay?: boolean;
  readonly controls: (parts: PlayerParts, shown: boolean) => ComponentChildren;
  /** Over picture and controls. */
  readonly over?: (parts: PlayerParts) => ComponentChildren;
  /** Keys that mean something else here than in a live channel: whether it was one. The same function at each drawing. */
  readonly ownKey?: (key: string) => boolean;
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
    if (props.muted !== undefined) video.current.muted = props.muted;
    const made = createPlayer({
      video: video.current,
      canvas: canvas.current,
      url,
      kind,
      profile,
      autoPlay: props.autoPlay !== false,
      serverOffsetMs: props.serverOffsetMs,
      ...(props.startAt ? { startAt: props.startAt } : {}),
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

  const parts =
    player && video.current && region.current
      ? { player, video: video.current, region: region.current }
      : null;
  return (
    <section class="player" ref={region} aria-label={t.player.region}>
      {/* biome-ignore lint/a11y/useMediaCaption: a live channel carries no captions yet; a recording's come with its page */}
      <video ref={video} playsInline preload="auto" aria-label={title} />
      <canvas ref={canvas} class="player-still" hidden />
      {parts && <Overlay parts={parts} controls={props.controls} ownKey={props.ownKey} />}
      {parts && props.over?.(parts)}
    </section>
  );
}

interface OverlayProps {
  readonly parts: PlayerParts;
  readonly controls: PlayerViewProps['controls'];
  readonly ownKey: PlayerViewProps['ownKey'];
}

function Overlay({ parts, controls, ownKey }: OverlayProps) {
  const { player, video, region } = parts;
  const status = useStore(player.state, (s) => s.status);
  const needsTap = useStore(player.state, (s) => s.needsTap);
  const quality = useStore(player.state, (s) => s.quality);
  const firstFrame = useStore(player.state, (s) => s.firstFrame);
  const shown = useControlsShown(region, status !== 'playing');
  useShortcuts(player, video, region, ownKey);

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
      {controls(parts, shown)}
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
