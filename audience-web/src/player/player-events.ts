import type { QualityChoice } from './engine.ts';
import type { Remedy, Trouble } from './recovery.ts';

/** Element and engine at one moment. Times with S are on the element's timeline. */
export interface Seen {
  /** The page's own clock. */
  readonly nowMs: number;
  /** The service's clock. */
  readonly serverUnixMs: number;
  readonly positionS: number;
  /** 0 while unknown; of a recording that grows, what there is of it. */
  readonly durationS: number;
  readonly hasMetadata: boolean;
  readonly paused: boolean;
  readonly ended: boolean;
  readonly hasEngine: boolean;
  /** The playlist has an end. */
  readonly finished: boolean;
  readonly endS: number | null;
  /** Where one follows, or all ends; null while the edge is unknown. */
  readonly liveS: number | null;
  readonly earliestS: number | null;
  readonly dateUnixMs: number | null;
  /** The place of the programme date to return to, or what comes next after it; null where the playlist has neither. */
  readonly returnS: number | null;
}

export type PlayerEvent =
  // What the viewer asks for.
  | { readonly type: 'play-asked' }
  | { readonly type: 'pause-asked' }
  | { readonly type: 'live-asked'; readonly seen: Seen }
  /** Relative. */
  | { readonly type: 'step-asked'; readonly seconds: number; readonly seen: Seen }
  | { readonly type: 'behind-asked'; readonly behindS: number; readonly seen: Seen }
  | { readonly type: 'seek-asked'; readonly positionS: number; readonly seen: Seen }
  | { readonly type: 'speed-asked'; readonly speed: number }
  // What the element tells.
  | { readonly type: 'metadata'; readonly seen: Seen }
  | { readonly type: 'played' }
  | { readonly type: 'paused'; readonly visible: boolean; readonly broken: boolean; readonly seen: Seen }
  | { readonly type: 'moves'; readonly seen: Seen }
  /** Ran dry. `seeking`: on its way to another place, which looks alike. */
  | { readonly type: 'waits'; readonly seeking: boolean; readonly finished: boolean }
  | { readonly type: 'ended'; readonly finished: boolean }
  | { readonly type: 'volume'; readonly muted: boolean; readonly volume: number }
  /** The browser wants a press before it plays. */
  | { readonly type: 'refused'; readonly muted: boolean }
  // What the engine tells.
  | { readonly type: 'new-source' }
  | { readonly type: 'unsupported' }
  | { readonly type: 'trouble'; readonly trouble: Trouble; readonly detail: string }
  | { readonly type: 'remedy-due'; readonly remedy: Remedy; readonly seen: Seen }
  | {
      readonly type: 'quality';
      readonly choices: readonly QualityChoice[];
      readonly quality: string;
      readonly playingHeight: number | null;
    }
  // What time and the machine bring.
  /** `rate`: the one that keeps the latency; null for recordings. */
  | { readonly type: 'tick'; readonly seen: Seen; readonly rate: number | null }
  | { readonly type: 'looked'; readonly seen: Seen }
  | { readonly type: 'visible' }
  | { readonly type: 'online'; readonly seen: Seen };

/** What is to be done, in this order. */
export type PlayerEffect =
  | { readonly do: 'play' | 'pause' | 'mute' }
  | { readonly do: 'seek'; readonly toS: number }
  | { readonly do: 'set-rate'; readonly rate: number }
  /** The still over the picture: put there, taken away. */
  | { readonly do: 'hold' | 'release' }
  | { readonly do: 'remedy'; readonly remedy: Exclude<Remedy, 'jump'> }
  /** To the live edge; `forget`: what was learnt of the distance to it no longer counts. */
  | { readonly do: 'jump-to-edge' | 'forget-latency' | 'count-stall' }
  | { readonly do: 'plan-remedy'; readonly trouble: Trouble; readonly detail: string }
  | { readonly do: 'call-off-push' }
  | { readonly do: 'tell-first-frame' }
  /** Answered by `looked`: the place has changed. */
  | { readonly do: 'look' };
