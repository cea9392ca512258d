import { useState } from 'preact/hooks';
import { t } from '../messages.ts';
import { formatDuration } from '../player/format.ts';
import type { Player } from '../player/player.ts';
import { PlayIcon, ReplayIcon } from '../ui/icons.tsx';
import { useStore } from '../ui/use-store.ts';
import type { Recording } from './recording.ts';
import { w } from './words.ts';

interface IntroProps {
  readonly player: Player;
  readonly recording: Recording;
  /** That the address asks for, seconds. */
  readonly moment: number | null;
  /** Where this browser stopped, seconds. */
  readonly place: number | null;
}

/** Over the picture until it is first played: the poster, and where to begin. */
export function Intro({ player, recording, moment, place }: IntroProps) {
  const untouched = useStore(player.state, (s) => !s.firstFrame && s.status === 'paused');
  const poster = useStore(recording.state, (s) => s.about.posterUrl);
  const [posterFailed, setPosterFailed] = useState(false);
  if (!untouched) return null;
  const beginAt = (seconds: number): void => {
    player.seekTo(seconds);
    player.play();
  };
  const at = moment ?? place;
  return (
    <div class="screen player-intro">
      {poster !== null && !posterFailed && (
        <img class="player-poster" src={poster} alt="" onError={() => setPosterFailed(true)} />
      )}
      <div class="screen-inner">
        <h2 class="screen-title">{t.ended.title}</h2>
        <p class="muted">{t.ended.text}</p>
        {at === null ? (
          <button type="button" class="button primary" onClick={() => player.play()}>
            <PlayIcon />
            {t.ended.watchRecording}
          </button>
        ) : (
          <div class="intro-choice">
            <button type="button" class="button primary" onClick={() => beginAt(at)}>
              <PlayIcon />
              {moment === null ? w.continueAt(formatDuration(at)) : w.playFrom(formatDuration(at))}
            </button>
            <button type="button" class="button" onClick={() => beginAt(0)}>
              <ReplayIcon />
              {w.fromBeginning}
            </button>
          </div>
        )}
      </div>
    </div>
  );
}
