/** Plays the music before a show into the mix of sound, as a source of its own that comes and goes. */
import { AUDIO_SAMPLE_RATE } from '@rostrum/contracts/profile';
import { type Bin, type Element, type Pad, type Pipeline, pushBuffer } from '@rostrum/node-gst';
import { bedSamples } from './bed-music.ts';
import { AUDIO_CAPS } from './formats.ts';

export const BED_BIN = 'bed';
const EVERY_MS = 200;
/** So much of it is ahead of what is mixed: as long as the process may be without its turn. */
const AHEAD_NS = 1_000_000_000;
const FADE_MS = 300;
const FADE_STEPS = 6;

interface Playing {
  readonly bin: Bin;
  readonly source: Element;
  readonly pad: Pad;
  readonly timer: NodeJS.Timeout;
  /** Samples of the timeline that were given. */
  givenTo: number;
}

export class Bed {
  readonly #pipeline: Pipeline;
  readonly #mixer: Element;
  #playing: Playing | null = null;
  /** Starts and stops, one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(pipeline: Pipeline, mixer: Element) {
    this.#pipeline = pipeline;
    this.#mixer = mixer;
  }

  /** Resolves when it plays, or is out of the mix. */
  set(plays: boolean): Promise<void> {
    this.#turn = this.#turn.catch(() => undefined).then(() => (plays ? this.#start() : this.#stop()));
    return this.#turn;
  }

  /** Gives no more. What is in the pipeline goes with it. */
  close(): void {
    if (this.#playing) clearInterval(this.#playing.timer);
    this.#playing = null;
  }

  async #start(): Promise<void> {
    if (this.#playing) return;
    const bin = this.#pipeline.add(
      `appsrc name=bed-in format=time block=false max-bytes=4000000 caps="${AUDIO_CAPS}" ! ` +
        'queue name=bed-out max-size-buffers=0 max-size-bytes=0 max-size-time=2000000000',
      BED_BIN,
    );
    const source = bin.element('bed-in');
    const out = bin.getPad('src');
    const pad = this.#mixer.requestPad('sink_%u');
    try {
      if (!source || !out) throw new Error('the bed has no way out');
      pad.set('volume', 0);
      out.link(pad);
      await bin.start();
    } catch (error) {
      this.#mixer.releasePad(pad);
      await this.#pipeline.remove(bin, { releasePeerPads: true });
      throw error;
    }
    const givenTo = sampleAt(Number(this.#pipeline.runningTime()));
    const timer = setInterval(() => this.#give(), EVERY_MS);
    this.#playing = { bin, source, pad, timer, givenTo };
    this.#give();
    await this.#fade(pad, 1);
  }

  async #stop(): Promise<void> {
    const playing = this.#playing;
    if (!playing) return;
    await this.#fade(playing.pad, 0);
    clearInterval(playing.timer);
    this.#playing = null;
    await this.#pipeline.remove(playing.bin, { releasePeerPads: true });
  }

  async #fade(pad: Pad, to: 0 | 1): Promise<void> {
    for (let step = 1; step <= FADE_STEPS; step += 1) {
      pad.set('volume', to === 1 ? step / FADE_STEPS : 1 - step / FADE_STEPS);
      await new Promise((wake) => setTimeout(wake, FADE_MS / FADE_STEPS));
    }
  }

  #give(): void {
    const playing = this.#playing;
    if (!playing) return;
    const nowNs = Number(this.#pipeline.runningTime());
    // After a standstill it goes on with now.
    const from = Math.max(playing.givenTo, sampleAt(nowNs));
    const count = sampleAt(nowNs + AHEAD_NS) - from;
    if (count <= 0) return;
    const { buffer } = bedSamples(from, count);
    const perSampleNs = 1e9 / AUDIO_SAMPLE_RATE;
    pushBuffer(playing.source, new Uint8Array(buffer), {
      ptsNs: Math.round(from * perSampleNs),
      durationNs: Math.round(count * perSampleNs),
    });
    playing.givenTo = from + count;
  }
}

const sampleAt = (ns: number): number => Math.ceil((ns * AUDIO_SAMPLE_RATE) / 1e9);
