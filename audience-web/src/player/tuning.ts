import { type LatencyProfile, PROFILES, type ProfileName } from '@rostrum/contracts/profile';
import type { RateControlSettings } from './rate-control.ts';

/** How the player is set for a latency profile: one place for every number it plays by. */
export interface Tuning {
  readonly profile: LatencyProfile;
  readonly rate: RateControlSettings;
  /** The target where playlist reloads are not held (`held-reloads.ts`) and parts are found by asking now and then. */
  readonly polledTargetMs: number;
  /** Longer than this without progress while playing is a stall to act on. */
  readonly stallMs: number;
}

/** Fast 0.6 s, standard 0.96 s, scale 3 s behind the edge: the channel's own PART-HOLD-BACK. */
export function tuningFor(name: ProfileName): Tuning {
  const profile = PROFILES[name];
  return {
    profile,
    stallMs: Math.max(3000, profile.partMs * 4),
    // hls.js asks again half a target duration after an answer that told nothing new.
    polledTargetMs: profile.partHoldBackMs + profile.targetDurationS * 500 + profile.partMs,
    rate: {
      targetMs: profile.partHoldBackMs,
      minRate: 0.97,
      maxRate: 1.1,
      deadbandMs: 40,
      gainPerSecond: 0.15,
      jumpBeyondMs: Math.max(3000, profile.partMs * 4),
      // A quarter of the hold-back: what is left just before the next part comes in.
      minBufferMs: profile.partHoldBackMs / 4,
      extraPerStallMs: profile.partMs,
      maxExtraMs: Math.max(2000, profile.partMs * 3),
      calmAfterStallMs: 30_000,
      maxCalmMs: 600_000,
      forgetStallsMs: 900_000,
      extraDecayMsPerSecond: 10,
      calmAfterSheddingMs: 1000,
      jumpAfterSheddingMs: 1000,
      jumpPauseMs: 4000,
    },
  };
}
