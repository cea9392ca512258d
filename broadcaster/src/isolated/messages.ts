/** What the broadcaster and a channel's recorder of tracks say to each other. Structured-clone data only. */
import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import type { Reply as ChildReply } from '../child/replies.ts';
import type { SourceLocal } from '../compositor/messages.ts';

export interface StartMessage {
  readonly type: 'start';
  readonly channelId: string;
  /** The channel's, which is there. */
  readonly folder: string;
  /** Unix ms of the programme's clock at `clockAtNs` of the machine's monotonic one (`process.hrtime`). */
  readonly clockUnixMs: number;
  readonly clockAtNs: bigint;
  /** Address that RTP is received at. */
  readonly mediaIp: string;
}

export type Request =
  | { readonly type: 'add'; readonly source: BroadcastSource; readonly name: string | null }
  | { readonly type: 'remove'; readonly sourceId: string };

export type ToRecorder =
  | StartMessage
  | { readonly type: 'request'; readonly requestId: number; readonly request: Request }
  /** All chunks are closed, then it ends. */
  | { readonly type: 'stop' };

export type Reply = ChildReply<SourceLocal | null>;

/** Counted since this recorder started. */
export interface RecorderStats {
  readonly sources: number;
  readonly packets: number;
  readonly refused: number;
  /** Times that packets did not come. */
  readonly lost: number;
  readonly frames: number;
  readonly keyFramesAskedFor: number;
  /** Share of a core since the last report. */
  readonly cpuCores: number;
}

export type FromRecorder =
  | { readonly type: 'started' }
  | { readonly type: 'reply'; readonly requestId: number; readonly result: Reply }
  /** It is on disk. */
  | { readonly type: 'chunk'; readonly file: string; readonly byteLength: number }
  | { readonly type: 'stats'; readonly stats: RecorderStats }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn';
      readonly message: string;
      readonly fields: object;
    };
