import type { PhaseView } from '@rostrum/contracts/view';
import { useEffect, useState } from 'preact/hooks';
import type { Player } from '../player/player.ts';
import { afterEnd, createStandstill } from '../player/run-out.ts';

/** What the place of the picture plays: the live channel, what is left of it in the recording, or what the phase says. */
export type Playing =
  | { readonly kind: 'live'; readonly url: string }
  | { readonly kind: 'rest'; readonly url: string; readonly rest: Rest }
  | { readonly kind: 'phase' };

/** Where somebody was in the live channel when it gave no more. */
export interface Rest {
  readonly fromUnixMs: number;
  readonly muted: boolean;
}

const LOOK_EVERY_MS = 250;

/** The live channel, which may run before the show already, and after the end all that somebody has not seen of it. @param player of what is playing now */
export function useRunOut(phase: PhaseView | undefined, player: Player | null): Playing {
  const liveUrl = playlistOf(phase);
  const recordingUrl = phase?.phase === 'ended' ? phase.recordingUrl : null;
  const ended = phase?.phase === 'ended';
  const [last, setLast] = useState(liveUrl);
  const [rest, setRest] = useState<Rest | null>(null);
  if (liveUrl !== null && liveUrl !== last) {
    setLast(liveUrl);
    setRest(null);
  }

  useEffect(() => {
    if (!ended || last === null) return;
    const done = (): void => {
      setLast(null);
      setRest(null);
    };
    if (player === null) {
      // On the stage; but the recording's player is only about to come.
      if (rest === null) done();
      return;
    }
    const standstill = createStandstill();
    let fromUnixMs: number | null = null;
    const look = (): void => {
      const { status, positionS, muted } = player.state.get();
      fromUnixMs = player.programmeDateUnixMs() ?? fromUnixMs;
      const expected = status !== 'paused' && document.visibilityState === 'visible';
      const next = afterEnd({
        status,
        standsStillMs: standstill(performance.now(), positionS, expected),
        canGoOn: rest === null && recordingUrl !== null && fromUnixMs !== null,
      });
      if (next === 'card') done();
      if (next === 'recording' && fromUnixMs !== null) setRest({ fromUnixMs, muted });
    };
    look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    return () => clearInterval(timer);
  }, [ended, last, rest, recordingUrl, player]);

  if (liveUrl !== null) return { kind: 'live', url: liveUrl };
  if (!ended || last === null) return { kind: 'phase' };
  if (rest !== null && recordingUrl !== null) return { kind: 'rest', url: recordingUrl, rest };
  return { kind: 'live', url: last };
}

/** One address before the show and in it: the player goes on. */
function playlistOf(phase: PhaseView | undefined): string | null {
  if (phase?.phase === 'live') return phase.playlistUrl;
  return phase?.phase === 'scheduled' ? (phase.doors?.playlistUrl ?? null) : null;
}
