import {
  attachSink,
  type Element,
  forceKeyUnit,
  init,
  type Pipeline,
  parseLaunch,
  pushBuffer,
} from '@rostrum/node-gst';
import { FLASH_EVERY_MS, FLASH_MS } from '../lib/synthetic-media.ts';
import { AUDIO_PACKET_MS, FRAME_MS, levelDbov } from './clip.ts';
import { ClockPicture } from './clock-picture.ts';
import { clockSound, SAMPLE_RATE } from './clock-sound.ts';
import type { MediaSink, PanelistMedia, Playing } from './media.ts';
import { type Pacer, pacer as processPacer } from './pacer.ts';
import { eachWallSlot } from './wall-slots.ts';

export interface LiveClockOptions {
  /** 0..360: the colour of the picture. */
  readonly hue?: number;
  /** Flash and beep once every five seconds. */
  readonly flash?: boolean;
  /** A steady quiet tone, whole Hz, that tells this microphone from others; null: none. */
  readonly pilotHz?: number | null;
  readonly pacer?: Pacer;
}

const SIZE = { width: 640, height: 360 } as const;
const MAX_BITRATE = 600_000;
/** Opus codes this much of the past before what it is given, and RTP has no word for it: 312 samples, as libopus says. */
const OPUS_LOOKAHEAD_MS = 312 / 48;
const NS_PER_MS = 1e6;

/**
 * A camera and a microphone for measuring: one small layer whose picture tells the wall time at which it was drawn, coded live
 * and at once, by one thread at the coder's fastest. Pictures fall on whole multiples of 40 ms of the wall clock; sound is given
 * to its coder when it has ended, as a microphone does, and both carry the instant at which they began, so a flash and its beep
 * have the same. Nothing is measured of a camera, of a browser's encoder and of its pacer.
 */
export function liveClock(options: LiveClockOptions = {}): PanelistMedia {
  return {
    layers: [{ ...SIZE, maxBitrate: MAX_BITRATE }],
    start: (sink) => LiveClock.start(options, sink),
  };
}

const DESCRIPTION = [
  `appsrc name=camera format=time is-live=true max-buffers=2 leaky-type=downstream caps=video/x-raw,format=I420,width=${SIZE.width},height=${SIZE.height},framerate=25/1`,
  '! vp8enc name=coder deadline=1 cpu-used=16 threads=1 end-usage=cbr target-bitrate=500000 keyframe-max-dist=250',
  '! appsink name=pictures sync=false async=false',
  `appsrc name=mic format=time is-live=true max-buffers=4 leaky-type=downstream caps=audio/x-raw,format=S16LE,layout=interleaved,rate=${SAMPLE_RATE},channels=1`,
  `! opusenc frame-size=${AUDIO_PACKET_MS} bitrate=32000 ! appsink name=sound sync=false async=false`,
].join(' ');

class LiveClock implements Playing {
  readonly #pipeline: Pipeline;
  readonly #leave: readonly (() => void)[];
  #closing: Promise<void> | null = null;

  private constructor(pipeline: Pipeline, leave: readonly (() => void)[]) {
    this.#pipeline = pipeline;
    this.#leave = leave;
  }

  static async start(options: LiveClockOptions, sink: MediaSink): Promise<LiveClock> {
    const { hue = 200, flash = false, pilotHz = null, pacer = processPacer } = options;
    init();
    const pipeline = parseLaunch(DESCRIPTION);
    const element = (name: string): Element => {
      const found = pipeline.element(name);
      if (!found) throw new Error(`no element ${name}`);
      return found;
    };
    // Buffers are stamped with the capture's instant, and coders hand the stamp on. What is heard first began before now.
    const startMs = Math.floor(pacer.nowMs()) - FRAME_MS;
    const capturedMs = (ptsNs: number | null): number => startMs + (ptsNs ?? 0) / NS_PER_MS;
    const stamp = (ms: number): { ptsNs: number } => ({ ptsNs: Math.round((ms - startMs) * NS_PER_MS) });

    attachSink(element('pictures'), ({ data, keyframe, ptsNs }) =>
      sink.video(0, { data, keyframe }, capturedMs(ptsNs)),
    );
    const levels: number[] = [];
    attachSink(element('sound'), ({ data, ptsNs }) =>
      sink.audio(data, capturedMs(ptsNs) - OPUS_LOOKAHEAD_MS, levels.shift()),
    );
    await pipeline.play();

    const picture = new ClockPicture({ ...SIZE, hue });
    const [camera, mic] = [element('camera'), element('mic')];
    const draw = eachWallSlot(pacer, { everyMs: FRAME_MS }, (slotUnixMs, slotMs) => {
      picture.draw(Date.now(), flash && slotUnixMs % FLASH_EVERY_MS < FLASH_MS);
      pushBuffer(camera, picture.data, stamp(slotMs));
    });
    const heard = { everyMs: AUDIO_PACKET_MS, afterMs: AUDIO_PACKET_MS, catchUpMs: 200 };
    const hear = eachWallSlot(pacer, heard, (slotUnixMs, slotMs) => {
      const samples = clockSound(slotUnixMs, AUDIO_PACKET_MS, { beep: flash, pilotHz });
      levels.push(levelDbov(samples));
      pushBuffer(mic, new Uint8Array(samples.buffer), stamp(slotMs));
    });
    return new LiveClock(pipeline, [draw, hear]);
  }

  keyFrameWanted(): void {
    if (this.#closing) return;
    const coder = this.#pipeline.element('coder');
    if (coder) forceKeyUnit(coder);
  }

  stop(): Promise<void> {
    for (const leave of this.#leave) leave();
    this.#closing ??= this.#pipeline.close();
    return this.#closing;
  }
}
