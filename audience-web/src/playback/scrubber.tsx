import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages.ts';
import { formatDuration } from '../player/format.ts';
import type { Player } from '../player/player.ts';
import { useStore } from '../ui/use-store.ts';
import { chapterAt, chapterMarks } from './chapters.ts';
import type { Recording } from './recording.ts';
import { w } from './words.ts';

interface ScrubberProps {
  readonly player: Player;
  readonly recording: Recording;
  readonly growing: boolean;
}

const STEP_S = 5;
/** Half a range input's thumb, which its ends keep free; `player.css` has the same. */
const THUMB_PX = 8;

/**
 * Position in a recording, with marks where chapters begin and, above the pointer, what is there. While the thumb is dragged the
 * picture stays: each place on the way would have to be fetched.
 */
export function Scrubber({ player, recording }: ScrubberProps) {
  const position = useStore(player.state, (s) => Math.floor(s.positionS));
  const duration = useStore(player.state, (s) => Math.floor(s.durationS));
  const chapters = useStore(recording.state, (s) => s.about.chapters);
  const [dragged, setDragged] = useState<number | null>(null);
  const [pointedAt, setPointedAt] = useState<number | null>(null);
  const shown = Math.min(duration, dragged ?? position);
  const title = chapters[chapterAt(chapters, shown)]?.title ?? '';
  const tipAt = dragged ?? pointedAt;

  return (
    <div
      class="scrubber"
      onPointerMove={(event) => {
        if (event.pointerType === 'touch' || duration <= 0) return;
        const { left, width } = event.currentTarget.getBoundingClientRect();
        const share = (event.clientX - left - THUMB_PX) / Math.max(1, width - 2 * THUMB_PX);
        setPointedAt(Math.min(1, Math.max(0, share)) * duration);
      }}
      onPointerLeave={() => setPointedAt(null)}
    >
      <input
        class="timeline"
        type="range"
        min="0"
        max={Math.max(1, duration)}
        step="1"
        aria-label={t.player.position}
        aria-valuetext={w.position(formatDuration(shown), formatDuration(duration), title)}
        value={shown}
        onInput={(event) => setDragged(event.currentTarget.valueAsNumber)}
        onChange={(event) => {
          setDragged(null);
          player.seekTo(event.currentTarget.valueAsNumber);
        }}
        onKeyDown={(event) => {
          const by = { ArrowLeft: -STEP_S, ArrowRight: STEP_S, ArrowDown: -STEP_S, ArrowUp: STEP_S }[
            event.key
          ];
          if (by === undefined) return;
          event.preventDefault();
          player.seekBy(by);
        }}
      />
      <div class="scrubber-marks" aria-hidden="true">
        {chapterMarks(chapters, duration).map((share) => (
          <span key={share} style={{ left: `${share * 100}%` }} />
        ))}
      </div>
      {tipAt !== null && duration > 0 && (
        <Tip
          recording={recording}
          seconds={tipAt}
          share={tipAt / duration}
          title={chapters[chapterAt(chapters, tipAt)]?.title ?? ''}
        />
      )}
    </div>
  );
}

interface TipProps {
  readonly recording: Recording;
  readonly seconds: number;
  readonly share: number;
  readonly title: string;
}

function Tip({ recording, seconds, share, title }: TipProps) {
  return (
    <div class="scrubber-tip" aria-hidden="true" style={{ '--at': String(share) }}>
      <Thumbnail recording={recording} seconds={seconds} />
      <span class="scrubber-time">{formatDuration(seconds)}</span>
      {title !== '' && <span class="scrubber-title">{title}</span>}
    </div>
  );
}

function Thumbnail({ recording, seconds }: { recording: Recording; seconds: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drawn, setDrawn] = useState(false);
  useEffect(() => {
    let left = false;
    recording
      .thumbnails()
      ?.at(seconds)
      .then((picture) => {
        const element = canvas.current;
        if (left || picture === null || element === null) return;
        element.width = picture.width;
        element.height = picture.height;
        element.getContext('2d')?.drawImage(picture, 0, 0);
        setDrawn(true);
      })
      // Asked for elsewhere meanwhile, or not to be had: the time is there.
      .catch(() => undefined);
    return () => {
      left = true;
    };
  }, [recording, seconds]);
  return <canvas ref={canvas} class="scrubber-picture" hidden={!drawn} />;
}
