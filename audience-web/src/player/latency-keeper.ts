import { initialRateControl, rateControl } from './rate-control.ts';
import type { Tuning } from './tuning.ts';

/** Holds a live video element at its distance from the edge: `rate-control.ts` decides, this measures and obeys. */
export interface LatencyKeeper {
  /** To be called a few times a second. `following`: the viewer wants to be at the edge. Answers the rate now set. */
  keep(nowMs: number, following: boolean): number;
  /** Playback ran dry since the last measurement. */
  stalled(): void;
  /** Seeks to the target distance, where the edge is known. */
  jump(nowMs: number): void;
  /** A jump by the viewer's wish: nothing before it counts. */
  restart(): void;
  /** True while a seek of ours is on its way, which looks like a stall and is none. */
  seeking(): boolean;
}

export function createLatencyKeeper(options: {
  readonly video: HTMLVideoElement;
  readonly tuning: Tuning;
  /** Live edge on the element's timeline, ms; null while unknown. */
  readonly edgeMs: (nowMs: number) => number | null;
  /** Whether the origin leaves work out because its machine is too slow. */
  readonly sheds: () => boolean;
  /** How far behind it to be when nothing stalls, ms. */
  readonly targetMs: () => number;
  readonly signal: AbortSignal;
}): LatencyKeeper {
  const { video, tuning, edgeMs, targetMs } = options;
  let control = initialRateControl;
  let lastTargetMs = targetMs();
  let stalled = false;
  let seeking = false;
  video.addEventListener('seeked', () => (seeking = false), { signal: options.signal });

  const seekToBehind = (edge: number, behindMs: number): void => {
    seeking = true;
    video.currentTime = Math.max(0, (edge - behindMs) / 1000);
  };
  const setRate = (rate: number): number => {
    if (video.playbackRate !== rate) video.playbackRate = rate;
    return rate;
  };

  return {
    keep(nowMs, following) {
      const edge = edgeMs(nowMs);
      // Without an edge to measure by, any rate but the natural one only runs the buffer dry.
      if (!following || edge === null) return setRate(1);
      if (targetMs() !== lastTargetMs) {
        // Better one step back now than a stall with each answer that came too late.
        lastTargetMs = targetMs();
        seekToBehind(edge, lastTargetMs);
      }
      if (video.paused || video.seeking || video.readyState < 2) return video.playbackRate;
      const decision = rateControl({ ...tuning.rate, targetMs: lastTargetMs }, control, {
        nowMs,
        behindMs: edge - video.currentTime * 1000,
        bufferMs: bufferAheadMs(video),
        stalled,
        sheds: options.sheds(),
      });
      stalled = false;
      control = decision.state;
      if (decision.seekToBehindMs !== undefined) seekToBehind(edge, decision.seekToBehindMs);
      return setRate(decision.rate);
    },
    stalled() {
      stalled = true;
    },
    jump(nowMs) {
      const edge = edgeMs(nowMs);
      if (edge !== null) seekToBehind(edge, targetMs());
    },
    restart() {
      control = initialRateControl;
    },
    seeking: () => seeking,
  };
}

function bufferAheadMs({ buffered, currentTime }: HTMLVideoElement): number {
  for (let i = 0; i < buffered.length; i += 1) {
    if (buffered.start(i) <= currentTime + 0.05 && buffered.end(i) >= currentTime) {
      return (buffered.end(i) - currentTime) * 1000;
    }
  }
  return 0;
}
