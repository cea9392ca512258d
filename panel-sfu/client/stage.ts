import type { RoomClient } from './room.ts';
import type { StageClient } from './stage-types.ts';

export type * from './stage-types.ts';

export interface StageOptions {
  readonly room: RoomClient;
  /** Codec of camera and screen. VP8 by default: every browser sends it in simulcast. */
  readonly videoCodec?: 'VP8' | 'H264';
}

export declare function createStageClient(options: StageOptions): StageClient;
