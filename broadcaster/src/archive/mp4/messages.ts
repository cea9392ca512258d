/** Between a broadcaster and the process that makes a download. */
import type { RecordingDownload } from '@rostrum/contracts/recording';
import type { Order, Progress } from './make.ts';

export type FailedReason = Extract<RecordingDownload, { state: 'failed' }>['reason'];

export type ToMaker = Order;
export type FromMaker =
  | ({ readonly type: 'progress' } & Progress)
  | { readonly type: 'made'; readonly bytes: number }
  /** `needs`: with so many bytes of room it can be tried again. */
  | {
      readonly type: 'failed';
      readonly reason: FailedReason;
      readonly message: string;
      readonly needs?: number;
    };
