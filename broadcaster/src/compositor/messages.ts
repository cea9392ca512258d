/** What the broadcaster and a channel's compositor process say to each other. Structured-clone data only. */

import type {
  BroadcastSource,
  ChannelPressure,
  Endpoint,
  SrtpParameters,
} from '@rostrum/contracts/node-socket';
import type { ProfileName } from '@rostrum/contracts/profile';
import type { Scene } from '@rostrum/contracts/scene';
import type { z } from 'zod';
import type { Reply as ChildReply } from '../child/replies.ts';
import type { EncoderEvent } from '../media/samples.ts';
import type { PictureCap, Refusal } from './guard/verdict.ts';

/** File descriptor of a compositor's process that it says its last word to: the name of the thread that a fault happened in. */
export const CRASH_FD = 4;

export interface StartMessage {
  readonly type: 'start';
  readonly profile: ProfileName;
  readonly scene: Scene;
  /** Wall-clock instant of the channel timeline's zero, Unix ms. */
  readonly timelineZeroUnixMs: number;
  /** Programme time the predecessor already gave out: samples begin here or later. Nanoseconds. */
  readonly notBeforeNs: number;
  /** Address that RTP is received at. */
  readonly mediaIp: string;
  /** The rung of the ladder (`ladder.ts`) that its predecessor stood on. */
  readonly step: number;
  /** The largest picture that is decoded. */
  readonly pictureCap: PictureCap;
  /** Music is played (`bed.ts`). Default: none. */
  readonly bed?: boolean;
}

/**
 * - `full`: nothing is known against it
 * - `probation`: it is suspected of having killed a compositor, and tried while nothing else is
 * - `none`: it did so again; nothing of it is decoded
 */
export type Trust = 'full' | 'probation' | 'none';

/** What the supervisor has to know of a source when the process dies, or the crew meanwhile. */
export type SourceNews =
  /** Its decoder is about to see something new. `number`: in the names of its threads. */
  | { readonly is: 'suspect'; readonly number: number }
  /** It lived with it. */
  | { readonly is: 'trusted' }
  /** What it sends is not decoded; null: it is again. */
  | { readonly is: 'withheld'; readonly refusal: Refusal | null };

export type Request =
  | { readonly type: 'scene'; readonly scene: Scene }
  | { readonly type: 'bed'; readonly plays: boolean }
  | { readonly type: 'source.add'; readonly source: BroadcastSource; readonly trust: Trust }
  | { readonly type: 'source.remove'; readonly sourceId: string };

export type ToCompositor =
  | StartMessage
  | { readonly type: 'request'; readonly requestId: number; readonly request: Request }
  | { readonly type: 'stop' };

export interface SourceLocal {
  readonly local: Endpoint;
  readonly srtp: z.infer<typeof SrtpParameters> | null;
}

/** Why a compositor gave up. The supervisor starts another for each of them. */
export type FatalReason =
  | 'start-failed' // the pipeline did not come up
  | 'pipeline-error' // an element of the mix itself failed
  | 'stalled' // no coded picture for longer than the watchdog allows
  | 'uncaught';

/** Counted since this compositor started. */
export interface CompositorStats {
  readonly framesOut: number;
  readonly audioFramesOut: number;
  /** Places on the video grid that got no picture. */
  readonly framesSkipped: number;
  readonly sources: number;
  readonly packetsIn: number;
  /** RTP that belonged to no source: wrong SSRC, payload type, or no RTP at all. */
  readonly packetsRefused: number;
  readonly sourceRestarts: number;
  /** How much later than the others the stream with the worst network is played, ms. */
  readonly playoutDelayMs: number;
  /** From a time on the timeline to its coded picture or sound, ms; means since the last report. */
  readonly pictureDelayMs: number;
  readonly soundDelayMs: number;
  /** What is left out because the machine is too slow. */
  readonly pressure: ChannelPressure;
  /** Share of a core since the last report. */
  readonly cpuCores: number;
}

export type FromCompositor =
  /** Loaded; waits for `start`. */
  | { readonly type: 'hello' }
  | { readonly type: 'started' }
  | { readonly type: 'event'; readonly event: EncoderEvent }
  | { readonly type: 'reply'; readonly requestId: number; readonly result: Reply }
  | { readonly type: 'stats'; readonly stats: CompositorStats }
  | { readonly type: 'source'; readonly sourceId: string; readonly news: SourceNews }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn';
      readonly message: string;
      readonly fields: object;
    }
  | { readonly type: 'fatal'; readonly reason: FatalReason; readonly message: string };

export type Reply = ChildReply<SourceLocal | null>;
