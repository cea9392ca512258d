/** A compositor process under test, what it gave out, and that decoded by GStreamer's own decoders. */
import { AUDIO_SAMPLE_RATE, CANVAS, LADDER } from '@rostrum/contracts/profile';
import type { Scene } from '@rostrum/contracts/scene';
import { attachSink, endOfStream, init, parseLaunch, pushBuffer } from '@rostrum/node-gst';
import { CompositorProcess, type Crash } from '../../channels/compositor-process.ts';
import type { EncoderEvent, Sample, TrackConfig } from '../../media/samples.ts';
import { DEFAULT_CAP } from '../guard/verdict.ts';
import type { CompositorStats, SourceNews, StartMessage } from '../messages.ts';
import { audioFrameNs, FRAME_NS } from '../timeline.ts';
import type { RtpStream } from './rtp-sender.ts';

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(what: string, met: () => boolean, timeoutMs = 20_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!met()) {
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await pause(10);
  }
}

export const sceneOf = (changes: Partial<Scene>): Scene => ({
  title: 'A show under test',
  layout: 'grid',
  onAir: [],
  focus: null,
  screen: null,
  nameCards: false,
  lowerThird: null,
  slide: null,
  ...changes,
});

export const people = (...ids: readonly string[]): Scene['onAir'] =>
  ids.map((id) => ({ personId: id, name: `Name of ${id}` }));

export class Harness {
  readonly events: EncoderEvent[] = [];
  readonly process: CompositorProcess;
  readonly startedUnixMs = Date.now();
  stats: CompositorStats | null = null;
  exit: string | null = null;
  crash: Crash | null = null;
  readonly news: { readonly sourceId: string; readonly news: SourceNews }[] = [];

  constructor(changes: Partial<StartMessage> = {}) {
    this.process = new CompositorProcess(
      {
        type: 'start',
        profile: 'standard',
        scene: sceneOf({}),
        timelineZeroUnixMs: this.startedUnixMs,
        notBeforeNs: 0,
        mediaIp: '127.0.0.1',
        step: 0,
        pictureCap: DEFAULT_CAP,
        bed: false,
        ...changes,
      },
      {
        onEvent: (event) => this.events.push(event),
        onStats: (stats) => {
          this.stats = stats;
        },
        onSource: (sourceId, news) => this.news.push({ sourceId, news }),
        onLog: () => undefined,
        onExit: (why, crash) => {
          this.exit = why;
          this.crash = crash;
        },
      },
    );
  }

  samples(track: string): Sample[] {
    return this.events.flatMap((e) => (e.type === 'sample' && e.sample.track === track ? [e.sample] : []));
  }

  config(track: string): TrackConfig {
    const found = this.events.find((e) => e.type === 'config' && e.config.track === track);
    if (found?.type !== 'config') throw new Error(`no configuration of ${track}`);
    return found.config;
  }

  /** Programme time given out so far, ms. */
  get givenMs(): number {
    return (this.samples('720p').at(-1)?.ptsNs ?? 0) / 1e6;
  }

  /** Waits until this much more programme is out, counted from the first picture on. */
  async more(ms: number): Promise<void> {
    await until('a first picture', () => this.givenMs > 0 || this.exit !== null);
    const end = this.givenMs + ms;
    await until(`${ms} ms more`, () => this.givenMs >= end || this.exit !== null);
    if (this.exit !== null) throw new Error(`the compositor died: ${this.exit}`);
  }

  /**
   * What was given out so far, decoded. Both tracks are cut at one instant: decoding keeps this process so busy that the
   * senders of a test, which live in it too, stutter meanwhile.
   */
  async decoded(): Promise<{ pictures: readonly Picture[]; sound: Sound; untilMs: number }> {
    const [video, audio, untilMs] = [this.samples('720p'), this.samples('audio'), this.givenMs];
    const pictures = await decodePictures(video, this.config('720p'));
    return { pictures, sound: await decodeSound(audio, this.config('audio')), untilMs };
  }

  async scene(changes: Partial<Scene>): Promise<void> {
    await this.process.request({ type: 'scene', scene: sceneOf(changes) });
  }

  async add(stream: RtpStream): Promise<void> {
    const answer = await this.process.request({
      type: 'source.add',
      source: stream.describe(),
      trust: 'full',
    });
    if (!answer) throw new Error('no address');
    stream.sendTo(answer.local);
  }

  async remove(stream: RtpStream): Promise<void> {
    await this.process.request({ type: 'source.remove', sourceId: stream.options.sourceId });
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }
}

export const VIDEO_TRACKS = LADDER.flatMap((r) => (r.kind === 'video' ? [r.name] : []));

/** The rules that hold for whatever was given out, in any test. */
export function expectUnbroken(harness: Harness): void {
  for (const track of VIDEO_TRACKS) {
    const samples = harness.samples(track);
    samples.forEach((sample, i) => {
      const before = samples[i - 1];
      if (sample.ptsNs % FRAME_NS !== 0 || sample.durationNs !== FRAME_NS || sample.dtsNs !== sample.ptsNs)
        throw new Error(`${track} frame ${i} is off the grid: ${sample.ptsNs}`);
      if (before && sample.ptsNs !== before.ptsNs + FRAME_NS)
        throw new Error(`${track}: ${before.ptsNs} is followed by ${sample.ptsNs}`);
    });
  }
  const audio = harness.samples('audio');
  const first = Math.round((audio[0]?.ptsNs ?? 0) / audioFrameNs(1));
  audio.forEach((sample, i) => {
    if (sample.ptsNs !== audioFrameNs(first + i))
      throw new Error(`audio frame ${i} is at ${sample.ptsNs}, not ${audioFrameNs(first + i)}`);
  });
}

export interface Picture {
  readonly ptsNs: number;
  /** Red, green and blue at a place of the canvas. */
  at(x: number, y: number): { r: number; g: number; b: number };
}

/** Decodes a video track's samples (from a key frame on) to small RGB pictures. */
export async function decodePictures(
  samples: readonly Sample[],
  config: TrackConfig,
  scale = 4,
): Promise<Picture[]> {
  const [width, height] = [CANVAS.width / scale, CANVAS.height / scale];
  const codecData = Buffer.from(config.config).toString('hex');
  const out = await decode(
    `appsrc name=in format=time block=false max-bytes=0 caps="video/x-h264,stream-format=avc,alignment=au,codec_data=(buffer)${codecData}" ! ` +
      `avdec_h264 max-threads=1 ! videoconvertscale ! video/x-raw,format=RGB,width=${width},height=${height} ! appsink name=out sync=false`,
    samples,
  );
  return out.map(({ ptsNs, data }) => {
    const stride = Math.ceil((width * 3) / 4) * 4;
    return {
      ptsNs,
      at: (x, y) => {
        const i = Math.floor(y / scale) * stride + Math.floor(x / scale) * 3;
        return { r: data[i] ?? 0, g: data[i + 1] ?? 0, b: data[i + 2] ?? 0 };
      },
    };
  });
}

export interface Sound {
  /** Programme time of sample 0, nanoseconds. */
  readonly startNs: number;
  /** Mono, -1 to 1. */
  readonly samples: Float32Array;
}

/** Decodes the AAC track the way players do: packet n's first sample is played at packet n's time. */
async function decodeSound(samples: readonly Sample[], config: TrackConfig): Promise<Sound> {
  const codecData = Buffer.from(config.config).toString('hex');
  const out = await decode(
    `appsrc name=in format=time block=false max-bytes=0 caps="audio/mpeg,mpegversion=4,stream-format=raw,rate=${AUDIO_SAMPLE_RATE},channels=2,codec_data=(buffer)${codecData}" ! ` +
      'avdec_aac ! audioconvert ! audio/x-raw,format=F32LE,channels=1,layout=interleaved ! appsink name=out sync=false',
    samples,
  );
  const bytes = Buffer.concat(out.map(({ data }) => data));
  return {
    startNs: samples[0]?.ptsNs ?? 0,
    samples: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)),
  };
}

async function decode(
  description: string,
  samples: readonly Sample[],
): Promise<{ ptsNs: number; data: Buffer }[]> {
  init();
  const pipeline = parseLaunch(description);
  try {
    const source = pipeline.element('in');
    const sink = pipeline.element('out');
    if (!source || !sink) throw new Error('incomplete decoder');
    const out: { ptsNs: number; data: Buffer }[] = [];
    const done = Promise.withResolvers<void>();
    attachSink(sink, ({ ptsNs, data }) => out.push({ ptsNs: ptsNs ?? 0, data: Buffer.from(data) }), {
      onEos: done.resolve,
    });
    pipeline.onMessage((m) => {
      if (m.type === 'error') done.reject(new Error(`${m.source}: ${m.message} ${m.debug}`));
    });
    const playing = pipeline.play(); // done when the first picture is there
    for (const { data, ptsNs, durationNs } of samples) {
      pushBuffer(source, data, { ptsNs, dtsNs: ptsNs, durationNs });
    }
    endOfStream(source);
    await Promise.all([playing, done.promise]);
    return out;
  } finally {
    await pipeline.close();
  }
}

/**
 * One frequency in a stretch of sound, about the amplitude of a sine, and where in its period the sine is: the same phase in
 * every stretch, in radians, as long as nothing of it is cut out or put in.
 */
export function toneOf(
  sound: Sound,
  hz: number,
  fromMs: number,
  toMs: number,
): { level: number; phase: number } {
  const first = Math.max(0, Math.round(((fromMs - sound.startNs / 1e6) * AUDIO_SAMPLE_RATE) / 1000));
  const last = Math.max(0, Math.round(((toMs - sound.startNs / 1e6) * AUDIO_SAMPLE_RATE) / 1000));
  const w = (2 * Math.PI * hz) / AUDIO_SAMPLE_RATE;
  const slice = sound.samples.subarray(first, last);
  let [re, im] = [0, 0];
  for (const [i, x] of slice.entries()) {
    re += x * Math.cos(w * (first + i));
    im -= x * Math.sin(w * (first + i));
  }
  return { level: (2 * Math.hypot(re, im)) / Math.max(1, slice.length), phase: Math.atan2(im, re) };
}

export const toneLevel = (...of: Parameters<typeof toneOf>): number => toneOf(...of).level;
