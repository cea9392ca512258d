import type { LiveClockOptions } from './live-clock.ts';

/** Between a program and the process that sends its panelists' media; `id` is the panelist's. */
export type Order =
  | {
      readonly do: 'join';
      readonly id: number;
      readonly coordinatorUrl: string;
      readonly token: string;
      readonly clock: Omit<LiveClockOptions, 'pacer'>;
    }
  | { readonly do: 'leave'; readonly id: number };

export type Notice =
  | { readonly told: 'joined'; readonly id: number }
  | { readonly told: 'left'; readonly id: number }
  /** It will not come on stage, or is gone from it for good. */
  | { readonly told: 'ended'; readonly id: number; readonly why: string }
  | { readonly told: 'progress'; readonly id: number; readonly line: string }
  /** Of the whole process. */
  | { readonly told: 'warning'; readonly line: string };
