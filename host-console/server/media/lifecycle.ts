import type { WebinarPhase } from '@rostrum/contracts';

/**
 * What a webinar's broadcast is. The stage is apart from it: people meet before it, in it and after it.
 * - `idle`: the webinar is scheduled, nothing runs.
 * - `opening`: a broadcaster was asked for the channel, to run before the show; the log does not know it yet.
 * - `doors`: scheduled, and its channel runs with what is shown before the show.
 * - `starting`: a broadcaster was asked for the channel; the log does not know it yet.
 * - `dormant`: live in the log, and not taken up: nobody is there, and no broadcaster runs it.
 * - `onAir`: live, and kept in line with log and stage.
 * - `ending`: ended in the log; no broadcaster has said yet what was recorded.
 * - `over`: nothing is to be done any more.
 */
export type ShowIs = 'idle' | 'opening' | 'doors' | 'starting' | 'dormant' | 'onAir' | 'ending' | 'over';

/** What happens to one. The log's words are said again whenever somebody looks: they change nothing then. */
export type ShowWord =
  | 'start'
  /** The doors are to open. */
  | 'open'
  /** The start failed, or nobody wants it any more. */
  | 'withdraw'
  /** Somebody is there, or a broadcaster came that runs it. */
  | 'attend'
  | LogWord;
type LogWord = 'scheduled' | 'doors' | 'live' | 'found-live' | 'ended' | 'settled';

const TRANSITIONS: Readonly<Record<ShowIs, Partial<Record<ShowWord, ShowIs>>>> = {
  idle: {
    open: 'opening',
    start: 'starting',
    doors: 'doors',
    live: 'onAir',
    'found-live': 'dormant',
    ended: 'ending',
    settled: 'over',
  },
  // Whoever goes live meanwhile does not wait for it.
  opening: {
    withdraw: 'idle',
    start: 'starting',
    doors: 'doors',
    live: 'onAir',
    ended: 'ending',
    settled: 'over',
  },
  doors: { start: 'starting', scheduled: 'idle', live: 'onAir', ended: 'ending', settled: 'over' },
  starting: { withdraw: 'idle', live: 'onAir', ended: 'ending', settled: 'over' },
  dormant: { attend: 'onAir', live: 'onAir', ended: 'ending', settled: 'over' },
  onAir: { ended: 'ending', settled: 'over' },
  ending: { settled: 'over' },
  over: {},
};

/** The one transition function. A word that means nothing to a state leaves it. */
export const nextShow = (now: ShowIs, word: ShowWord): ShowIs => TRANSITIONS[now][word] ?? now;

/** What the log says of the broadcast. */
export function wordOf(phase: WebinarPhase): LogWord {
  if (phase.phase === 'scheduled') return phase.doors ? 'doors' : 'scheduled';
  if (phase.phase === 'live') return 'live';
  return phase.recording === 'pending' && phase.channel ? 'ended' : 'settled';
}
