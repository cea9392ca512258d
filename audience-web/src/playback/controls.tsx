import { t } from '../messages.ts';
import { formatDuration } from '../player/format.ts';
import type { Player } from '../player/player.ts';
import { PlayerControls } from '../ui/player-controls.tsx';
import type { PlayerParts } from '../ui/player-view.tsx';
import { useStore } from '../ui/use-store.ts';
import { chapterAt } from './chapters.ts';
import { CaptionsIcon } from './icons.tsx';
import { SPEEDS } from './keys.ts';
import { linkAt } from './moment.ts';
import type { Recording } from './recording.ts';
import { Scrubber } from './scrubber.tsx';
import { useAttached } from './use-attached.ts';
import { w } from './words.ts';

interface ControlsProps extends PlayerParts {
  readonly shown: boolean;
  readonly recording: Recording;
  readonly growing: boolean;
  /** In another site's page: what leads to the whole one. */
  readonly page: { readonly title: string; readonly webinarId: string } | null;
}

/** Of a recording. */
export function PlaybackControls({ recording, growing, page, ...parts }: ControlsProps) {
  const { player, shown } = parts;
  useAttached(recording, parts.video);
  return (
    <>
      {page && (
        <a
          class={`embed-title ${shown ? '' : 'hidden'}`}
          href={linkAt(location.origin, page.webinarId, null)}
          target="_blank"
          rel="noopener"
          title={w.openHere}
        >
          <bdi>{page.title}</bdi>
          <span class="sr-only">, {w.openHere}</span>
        </a>
      )}
      <PlayerControls
        {...parts}
        timeline={<Scrubber player={player} recording={recording} growing={growing} />}
        clock={<Clock player={player} recording={recording} />}
        forward="always"
        more={<CaptionsButton recording={recording} />}
        menu={<Speeds player={player} />}
        keys={w.keys}
      />
    </>
  );
}

function Clock({ player, recording }: { player: Player; recording: Recording }) {
  const at = useStore(player.state, (s) => formatDuration(s.positionS));
  const of = useStore(player.state, (s) => formatDuration(s.durationS));
  const rate = useStore(player.state, (s) => s.rate);
  const chapters = useStore(recording.state, (s) => s.about.chapters);
  const index = useStore(player.state, (s) => chapterAt(chapters, s.positionS));
  const title = chapters[index]?.title;
  return (
    <>
      <span class="clock">
        {at}
        <span class="clock-of"> / {of}</span>
        {rate !== 1 && <span class="clock-rate"> · {rate}×</span>}
      </span>
      {title !== undefined && (
        <span class="clock-chapter wide-only" title={w.chapter(title)}>
          <span class="sr-only">{w.chapter('')}</span>
          <bdi>{title}</bdi>
        </span>
      )}
    </>
  );
}

function CaptionsButton({ recording }: { recording: Recording }) {
  const captions = useStore(recording.state, (s) => s.captions);
  if (captions === 'none') return null;
  const on = captions === 'on';
  const label = captions === 'failed' ? w.captionsFailed : on ? w.captionsOff : w.captionsOn;
  return (
    <button
      type="button"
      class="icon-button captions-button"
      aria-label={label}
      aria-pressed={on}
      title={label}
      onClick={() => recording.toggleCaptions()}
    >
      <CaptionsIcon />
    </button>
  );
}

function Speeds({ player }: { player: Player }) {
  const rate = useStore(player.state, (s) => s.rate);
  return (
    <fieldset>
      <legend>{t.player.speed}</legend>
      <div class="speeds">
        {SPEEDS.map((speed) => (
          <label key={speed}>
            <input
              type="radio"
              name="speed"
              checked={rate === speed}
              onChange={() => player.setSpeed(speed)}
            />
            {`${speed}×`}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
