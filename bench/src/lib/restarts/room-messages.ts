import type { Holes } from '@rostrum/e2e/panelist/arrivals';

/** Between the bench and a room's people. Instants are of `monotonicMs`. */
export type ToRoom = { readonly ask: 'holes'; readonly fromMs: number; readonly toMs: number };

export type FromRoom =
  /** The first packet of a track in one of the listener's stays, which began at `beganMs`. */
  | {
      readonly told: 'first';
      readonly stay: number;
      readonly kind: 'audio' | 'video';
      readonly beganMs: number;
      readonly atMs: number;
    }
  | {
      readonly told: 'trouble';
      readonly who: 'speaker' | 'listener';
      readonly code: string;
      readonly atMs: number;
    }
  | ({ readonly told: 'holes' } & Holes);
