/** Encoders of a channel whose pictures have the size that the ladder's bit rates give them. */
import type { ChannelOutput } from '@rostrum/broadcaster/channel-output';
import { epochEvents, perfect, ZERO_UNIX_MS } from '@rostrum/broadcaster/testing/synthetic';
import { FRAME_RATE, LADDER, PROFILES } from '@rostrum/contracts/profile';
import { monotonicMs } from '../monotonic.ts';

export const profile = PROFILES.standard;
const FRAMES_PER_PART = (profile.partMs * FRAME_RATE) / 1000;
export const PARTS_PER_SEGMENT = profile.segmentMs / profile.partMs;
const LOOK_MS = 5;

const payloads = new Map(
  LADDER.flatMap((rendition): [string, Uint8Array][] =>
    rendition.kind === 'video'
      ? [[rendition.name, new Uint8Array(rendition.videoBitrate / 8 / FRAME_RATE).fill(7)]]
      : [],
  ),
);

export class Programme {
  readonly #output: ChannelOutput;
  #slot = 0;
  #timer: NodeJS.Timeout | undefined;
  /** When the last frame of each part was about to be pushed, on `monotonicMs`; the first part is 0. */
  readonly completeMs: number[] = [];

  constructor(output: ChannelOutput) {
    this.#output = output;
    for (const event of epochEvents(ZERO_UNIX_MS, LADDER)) output.push(event);
  }

  /** Parts that are complete. */
  get parts(): number {
    return this.completeMs.length;
  }

  feed(frames: number): void {
    for (const to = this.#slot + frames; this.#slot < to; this.#slot += 1) {
      if ((this.#slot + 1) % FRAMES_PER_PART === 0) this.completeMs.push(monotonicMs());
      for (const event of perfect(profile, this.#slot, this.#slot + 1, { ladder: LADDER })) {
        const data = event.type === 'sample' ? payloads.get(event.sample.track) : undefined;
        this.#output.push(
          event.type === 'sample' && data ? { ...event, sample: { ...event.sample, data } } : event,
        );
      }
    }
  }

  /** In real time from now on. */
  run(): void {
    const startMs = monotonicMs() - (this.#slot * 1000) / FRAME_RATE;
    this.#timer = setInterval(() => {
      const due = Math.floor(((monotonicMs() - startMs) * FRAME_RATE) / 1000);
      if (due > this.#slot) this.feed(due - this.#slot);
    }, LOOK_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
