import type { QualityChoice } from './engine.ts';
import type { Standing } from './stall-watch.ts';

export type PlayerStatus = 'loading' | 'playing' | 'paused' | 'recovering' | 'finished' | 'unsupported';

/** What the page shows of a player. */
export interface PlayerState {
  readonly status: PlayerStatus;
  readonly muted: boolean;
  /** The browser let it start only without sound: one press is needed. */
  readonly needsTap: boolean;
  /** 0 to 1. */
  readonly volume: number;
  readonly choices: readonly QualityChoice[];
  /** Wanted quality: `auto`, `audio` or a choice's id. */
  readonly quality: string;
  readonly playingHeight: number | null;
  /** Follows the live edge; false after a pause or a step back. */
  readonly following: boolean;
  /** Live: the show has ended; what plays is what is left of it. */
  readonly over: boolean;
  /** Capture to screen by programme date and the corrected clock; null while unknown. */
  readonly latencyMs: number | null;
  readonly positionS: number;
  readonly durationS: number;
  /** Live: how far behind the place where one follows, in whole seconds; 0 there. */
  readonly behindS: number;
  /** Live: how far one can go back from there, in whole seconds. */
  readonly windowS: number;
  /** Programme time of the picture, to the second; null while unknown. */
  readonly dateUnixMs: number | null;
  /** How often playback ran dry since it first started. */
  readonly stalls: number;
  readonly firstFrame: boolean;
  readonly rate: number;
}

/** `edge`: near the live edge, and kept there; `own`: wherever the viewer is. */
export type Place = 'edge' | 'own';

/**
 * Whoever pauses follows nothing, so only those that play, or mean to, can be at the edge. `starting`: asked to play after
 * a pause, and the page still shows the pause.
 */
export type Status =
  | { readonly is: 'paused'; readonly goesOnAt: Place }
  | {
      readonly is: 'loading' | 'starting' | 'playing' | 'recovering' | 'finished' | 'unsupported';
      readonly at: Place;
    };

/** What a player is for, fixed while it lives. */
export interface PlayerPurpose {
  readonly kind: 'live' | 'recording';
  /** Longer than this without progress while playing is a stall to act on. */
  readonly stallMs: number;
}

/** Where to go on once a source made anew knows of it. A programme date outlives the element's timeline. */
export type Return =
  | { readonly to: 'date'; readonly unixMs: number }
  | { readonly to: 'position'; readonly positionS: number };

export interface PlayerMachine {
  readonly purpose: PlayerPurpose;
  readonly status: Status;
  /** It has to fill its buffer first; that is no stall. */
  readonly sourceIsNew: boolean;
  readonly standing: Standing;
  readonly lastTickAtMs: number;
  readonly returns: Return | null;
  readonly facts: Omit<PlayerState, 'status' | 'following'>;
}

export function initialPlayer(
  purpose: PlayerPurpose,
  options: {
    readonly autoPlay: boolean;
    /** Recordings: where to begin; null: at the beginning. */
    readonly startAt: Return | null;
    readonly muted: boolean;
    readonly volume: number;
    readonly nowMs: number;
  },
): PlayerMachine {
  const place: Place = purpose.kind === 'live' ? 'edge' : 'own';
  const { startAt, muted, volume } = options;
  return {
    purpose,
    status: options.autoPlay ? { is: 'loading', at: place } : { is: 'paused', goesOnAt: place },
    sourceIsNew: true,
    standing: null,
    lastTickAtMs: options.nowMs,
    returns: startAt,
    facts: {
      muted,
      needsTap: false,
      volume,
      choices: [],
      quality: 'auto',
      playingHeight: null,
      over: false,
      latencyMs: null,
      positionS: 0,
      durationS: 0,
      behindS: 0,
      windowS: 0,
      dateUnixMs: null,
      stalls: 0,
      firstFrame: false,
      rate: 1,
    },
  };
}

/** What the page shows. */
export function shown({ status, facts }: PlayerMachine): PlayerState {
  const word: PlayerStatus = status.is === 'starting' ? 'paused' : status.is;
  return { ...facts, status: word, following: status.is !== 'paused' && status.at === 'edge' };
}
