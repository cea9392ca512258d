import type { ProfileName } from '@rostrum/contracts/profile';
import { keepIn } from '@rostrum/room-client/keep';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Player } from '../player/player.ts';
import type { Return } from '../player/player-state.ts';
import type { Beside } from '../ui/beside.ts';
import { PlayerView } from '../ui/player-view.tsx';
import type { Rest } from '../ui/use-run-out.ts';
import { useStore } from '../ui/use-store.ts';
import { PlaybackActions } from './actions.tsx';
import { Availability } from './availability.tsx';
import { nextChapterS, previousChapterS } from './chapters.ts';
import { Contents } from './contents.tsx';
import { PlaybackControls } from './controls.tsx';
import { Intro } from './intro.tsx';
import { keyAction, speedAfter } from './keys.ts';
import { momentOf } from './moment.ts';
import { keepPlace, placeIn } from './place.ts';
import { createRecording, type Recording } from './recording.ts';
import { w } from './words.ts';

/** How a recording begins: by a press; at the address' moment or its beginning, at once; where somebody was in the live channel. */
export type Begins =
  | { readonly at: 'press' | 'moment' | 'beginning' }
  | { readonly at: 'rest'; readonly rest: Rest };

interface PlaybackProps {
  readonly webinarId: string;
  readonly url: string;
  readonly profile: ProfileName;
  readonly title: string;
  readonly serverOffsetMs: () => number;
  readonly onPlayer: (player: Player | null) => void;
  readonly begins: Begins;
  /** It still grows: the way back to what is live. null: it is whole. */
  readonly onLive: (() => void) | null;
  readonly embedded: boolean;
  readonly onBeside: (beside: Beside | null) => void;
}

const KEEP_EVERY_MS = 5000;
/** So near to what there is of a growing recording one waits for each segment: live is the better place. */
const NEAR_LIVE_S = 4;
const keep = keepIn(() => localStorage);

/** A recording with all that belongs to it. One instance a recording: give it `key={url}`. */
export function PlaybackView(props: PlaybackProps) {
  const { webinarId, url, title, begins, onLive, embedded } = props;
  const [recording] = useState(() => createRecording(url, onLive !== null));
  const [player, setPlayer] = useState<Player | null>(null);
  const latest = useRef<Player | null>(null);
  const [place] = useState(() => placeIn(keep, webinarId));
  const [ownKey] = useState(() => keysOf(recording, () => latest.current));
  const moment = momentOf(location.search);

  useEffect(() => () => recording.close(), [recording]);
  usePlaceKept(player, webinarId);
  useCaughtUp(player, onLive);
  useBeside(props, recording, player);

  return (
    <PlayerView
      url={url}
      kind="recording"
      profile={props.profile}
      title={title}
      serverOffsetMs={props.serverOffsetMs}
      onPlayer={(made) => {
        latest.current = made;
        setPlayer(made);
        props.onPlayer(made);
      }}
      autoPlay={begins.at !== 'press'}
      {...startOf(begins, moment)}
      ownKey={ownKey}
      controls={(parts, shown) => (
        <PlaybackControls
          {...parts}
          shown={shown}
          recording={recording}
          growing={onLive !== null}
          page={embedded ? { title, webinarId } : null}
        />
      )}
      over={(parts) => (
        <>
          {begins.at === 'press' && (
            <Intro player={parts.player} recording={recording} moment={moment} place={place} />
          )}
          <Availability player={parts.player} url={url} onLive={onLive} />
        </>
      )}
    />
  );
}

function startOf(begins: Begins, moment: number | null): { startAt?: Return; muted?: boolean } {
  switch (begins.at) {
    case 'rest':
      return { startAt: { to: 'date', unixMs: begins.rest.fromUnixMs }, muted: begins.rest.muted };
    case 'moment':
      return { startAt: { to: 'position', positionS: moment ?? 0 } };
    default:
      return {};
  }
}

/** The same function while the recording is there. */
function keysOf(recording: Recording, playerOf: () => Player | null): (key: string) => boolean {
  return (key) => {
    const action = keyAction(key);
    const player = playerOf();
    if (action === null || player === null) return false;
    const { positionS, durationS, rate } = player.state.get();
    const { chapters } = recording.state.get().about;
    switch (action.do) {
      case 'step':
        player.seekBy(action.seconds);
        return true;
      case 'jump':
        player.seekTo(durationS * action.share);
        return true;
      case 'speed':
        player.setSpeed(speedAfter(rate, action.by));
        return true;
      case 'chapter': {
        const toS =
          action.to === 'next' ? nextChapterS(chapters, positionS) : previousChapterS(chapters, positionS);
        if (toS !== null) player.seekTo(toS);
        return true;
      }
      case 'captions':
        recording.toggleCaptions();
        return true;
    }
  };
}

/** What was not yet played is no place. */
function usePlaceKept(player: Player | null, webinarId: string): void {
  useEffect(() => {
    if (player === null) return;
    const note = (): void => {
      const { firstFrame, positionS, durationS, status } = player.state.get();
      if (!firstFrame || durationS <= 0) return;
      keepPlace(keep, webinarId, status === 'finished' ? durationS : positionS, durationS);
    };
    const timer = setInterval(note, KEEP_EVERY_MS);
    window.addEventListener('pagehide', note);
    return () => {
      clearInterval(timer);
      window.removeEventListener('pagehide', note);
      note();
    };
  }, [player, webinarId]);
}

function useCaughtUp(player: Player | null, onLive: (() => void) | null): void {
  const growing = onLive !== null;
  useEffect(() => {
    if (player === null || !growing) return;
    return player.state.subscribe(() => {
      const { firstFrame, positionS, durationS, status } = player.state.get();
      const near = durationS > 0 && durationS - positionS < NEAR_LIVE_S;
      if (firstFrame && status !== 'paused' && near) onLive?.();
    });
  }, [player, growing]);
}

function useBeside(props: PlaybackProps, recording: Recording, player: Player | null): void {
  const { webinarId, title, onLive, embedded, onBeside } = props;
  const chapters = useStore(recording.state, (s) => s.about.chapters.length > 0);
  const captions = useStore(recording.state, (s) => s.about.captions.length > 0);
  const growing = onLive !== null;
  useEffect(() => {
    if (player === null || embedded) return;
    const common = { webinarId, recording, player };
    onBeside({
      tabs:
        chapters || captions
          ? [{ id: 'contents', label: w.contents, content: <Contents {...common} /> }]
          : [],
      under: <PlaybackActions {...common} title={title} onLive={onLive} />,
    });
    return () => onBeside(null);
  }, [player, chapters, captions, growing, title, embedded]);
}
