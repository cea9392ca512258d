import { AUDIO_PACKET_MS, bitrateOf, type Clip, checkClip, FRAME_MS } from './clip.ts';
import type { MediaSink, PanelistMedia, Playing } from './media.ts';
import { type PacedTask, type Pacer, pacer as processPacer } from './pacer.ts';

export interface ClipPlayerOptions {
  /** Milliseconds by which this player is ahead of others of the same process. Whole. */
  readonly offsetMs?: number;
  readonly pacer?: Pacer;
}

/** What is later than this is left out: the process was starved, and nobody wants seconds of media at once. */
const GIVE_UP_MS = 200;
const FRAMES_PER_SLOT = AUDIO_PACKET_MS / FRAME_MS;
/** The highest rate of a VBR stream lies above its mean. */
const PEAK = 1.5;

/**
 * Plays a clip round and round. Where it stands follows from the process's clock alone: people who take turns in their
 * clips stay in their turns, whatever happens to one of them, and nothing drifts.
 * @throws Error for a clip that cannot be played
 */
export function clipPlayer(clip: Clip, options: ClipPlayerOptions = {}): PanelistMedia {
  checkClip(clip);
  const { offsetMs = 0, pacer = processPacer } = options;
  return {
    layers: clip.layers.map((layer) => ({
      width: layer.width,
      height: layer.height,
      maxBitrate: Math.ceil(bitrateOf(layer) * PEAK),
    })),
    start: async (sink) => new ClipPlayer(clip, offsetMs, pacer, sink),
  };
}

class ClipPlayer implements Playing, PacedTask {
  readonly #clip: Clip;
  readonly #offsetMs: number;
  readonly #sink: MediaSink;
  readonly #leave: () => void;
  /** Layers that can go on only with a key frame: at the start, and after something was left out. */
  readonly #waiting: Set<number>;
  /** The next slot of 20 ms, counted from the clip's start at the clock's zero. */
  #slot: number;

  constructor(clip: Clip, offsetMs: number, pacer: Pacer, sink: MediaSink) {
    this.#clip = clip;
    this.#offsetMs = offsetMs;
    this.#sink = sink;
    this.#waiting = new Set(clip.layers.keys());
    this.#slot = this.#slotAt(pacer.nowMs()) + 1;
    this.#leave = pacer.add(this);
  }

  get dueMs(): number {
    return this.#slot * AUDIO_PACKET_MS - this.#offsetMs;
  }

  run(nowMs: number): void {
    if (nowMs - this.dueMs > GIVE_UP_MS) {
      this.#slot = this.#slotAt(nowMs);
      for (const layer of this.#clip.layers.keys()) this.#waiting.add(layer);
    }
    for (; this.dueMs <= nowMs; this.#slot += 1) this.#send(this.#slot, this.dueMs);
  }

  #slotAt(ms: number): number {
    return Math.floor((ms + this.#offsetMs) / AUDIO_PACKET_MS);
  }

  #send(slot: number, capturedMs: number): void {
    const { audio, layers, levelsDbov } = this.#clip;
    const packet = audio[slot % audio.length];
    if (packet) this.#sink.audio(packet, capturedMs, levelsDbov?.[slot % audio.length]);
    const picture = slot * FRAMES_PER_SLOT;
    if (!Number.isInteger(picture)) return;
    for (const [index, { frames }] of layers.entries()) {
      const frame = frames[picture % frames.length];
      if (!frame || (this.#waiting.has(index) && !frame.keyframe)) continue;
      this.#waiting.delete(index);
      this.#sink.video(index, frame, capturedMs);
    }
  }

  /** What is coded is coded: the next key frame is at most a second away. */
  keyFrameWanted(): void {}

  async stop(): Promise<void> {
    this.#leave();
  }
}
