import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { t } from '../messages.ts';
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
import { type PlayerParts, togglePlay } from './player-view.tsx';
import { QualityMenu } from './quality-menu.tsx';
import { useStore } from './use-store.ts';

interface ControlsProps extends PlayerParts {
  readonly shown: boolean;
  readonly timeline: ComponentChildren;
  /** After the volume: where one is. */
  readonly clock: ComponentChildren;
  /** There is something to go forward to. */
  readonly forward: 'always' | 'wide' | 'never';
  readonly more?: ComponentChildren;
  /** More in the menu. */
  readonly menu?: ComponentChildren;
  readonly keys: string;
}

/** What live and recorded pictures are controlled by alike; what differs comes with the properties. */
export function PlayerControls(props: ControlsProps) {
  const { player, video, region } = props;
  const status = useStore(player.state, (s) => s.status);
  const muted = useStore(player.state, (s) => s.muted || s.volume === 0);
  const volume = useStore(player.state, (s) => s.volume);
  const full = useFullScreen();
  const halted = status === 'paused' || status === 'finished';
  const playLabel = status === 'finished' ? t.player.replay : halted ? t.player.play : t.player.pause;

  return (
    <div class={`player-bar ${props.shown ? '' : 'hidden'}`}>
      {props.timeline}
      <div class="player-buttons" role="toolbar" aria-label={t.player.controls}>
        <button type="button" class="icon-button" aria-label={playLabel} onClick={() => togglePlay(player)}>
          {status === 'finished' ? <ReplayIcon /> : halted ? <PlayIcon /> : <PauseIcon />}
        </button>
        <SeekButton player={player} by={-10} wideOnly={false} />
        {props.forward !== 'never' && (
          <SeekButton player={player} by={10} wideOnly={props.forward === 'wide'} />
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
        {props.clock}
        <span class="spacer" />
        {props.more}
        <QualityMenu player={player} keys={props.keys}>
          {props.menu}
        </QualityMenu>
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

function SeekButton({ player, by, wideOnly }: { player: Player; by: number; wideOnly: boolean }) {
  return (
    <button
      type="button"
      class={`icon-button ${by < 0 ? '' : 'seek-forward'} ${wideOnly ? 'wide-only' : ''}`}
      aria-label={by < 0 ? t.player.back : t.player.forward}
      onClick={() => player.seekBy(by)}
    >
      {by < 0 ? <BackIcon /> : <ForwardIcon />}
    </button>
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
