import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { endOfStream, pushBuffer } from '@rostrum/node-gst';
import type { Person } from './cast.ts';
import { CLOSED, FRAME_RATE, type Mouth, TURN_S } from './motion.ts';
import { runToEnd } from './run.ts';
import { clamp } from './svg.ts';

/** What a person says in their turn: by espeak-ng, made a little softer, and how their mouth goes with it. */

export const SAMPLE_RATE = 48_000;
const FRAME_SAMPLES = SAMPLE_RATE / FRAME_RATE;
/** Somebody takes a breath before they speak, and lets the last word ring out before the next one begins. */
const BEGIN_S = 0.4;
const END_S = 0.5;
const MAX_S = TURN_S - BEGIN_S - END_S;
const CALM_WORDS_PER_MINUTE = 148;
/** Of full scale; as loud as people speak. */
const PEAK = 0.5;

/** A sentence as 48 kHz mono samples, -1..1. */
async function speak(person: Person, wordsPerMinute: number): Promise<Float32Array> {
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-voice-'));
  try {
    const file = join(folder, 'voice.wav');
    const { voice, pitch, text } = person;
    const words = ['-v', voice, '-p', String(pitch), '-s', String(Math.round(wordsPerMinute)), '-g', '2'];
    await promisify(execFile)('espeak-ng', [...words, '-w', file, text]);
    const { out = [] } = await runToEnd(
      `filesrc location="${file}" ! wavparse ! audioconvert ! audioresample quality=8 ! ` +
        `audio/x-raw,format=F32LE,rate=${SAMPLE_RATE},channels=1 ! ` +
        // Its buzz lies above what carries a voice.
        'audiocheblimit mode=low-pass cutoff=6500 poles=4 ! audiocheblimit mode=high-pass cutoff=90 poles=2 ! ' +
        'appsink name=out sync=false',
      ['out'],
    );
    const bytes = Buffer.concat(out.map(({ data }) => data));
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A turn's samples: the sentence in its place, silence around it, its loudest peak at `PEAK`. */
export function placeInTurn(spoken: Float32Array): Float32Array {
  const turn = new Float32Array(SAMPLE_RATE * TURN_S);
  const length = Math.min(spoken.length, Math.floor(MAX_S * SAMPLE_RATE));
  let loudest = 1e-6;
  for (const sample of spoken) loudest = Math.max(loudest, Math.abs(sample));
  const fade = 0.02 * SAMPLE_RATE;
  for (let i = 0; i < length; i += 1) {
    const gain = Math.min(1, i / fade, (length - i) / fade) * (PEAK / loudest);
    turn[Math.floor(BEGIN_S * SAMPLE_RATE) + i] = (spoken[i] ?? 0) * gain;
  }
  return turn;
}

/** Loudness and colour of the sound around each picture. */
function measure(samples: Float32Array, frame: number): { readonly rms: number; readonly crossings: number } {
  let energy = 0;
  let crossings = 0;
  const from = frame * FRAME_SAMPLES;
  for (let i = from; i < from + FRAME_SAMPLES; i += 1) {
    const sample = samples[i] ?? 0;
    energy += sample * sample;
    if (sample >= 0 !== (samples[i - 1] ?? 0) >= 0) crossings += 1;
  }
  return { rms: Math.sqrt(energy / FRAME_SAMPLES), crossings: crossings / FRAME_SAMPLES };
}

/**
 * The mouth for each picture of a turn: as open as the sound is loud, spread for bright sounds, rounded for dark ones, shut in
 * silence. It moves between two pictures no faster than mouths do.
 */
export function mouthsOf(samples: Float32Array): Mouth[] {
  const count = Math.round(samples.length / FRAME_SAMPLES);
  const measured = Array.from({ length: count }, (_, frame) => measure(samples, frame));
  const loudest = Math.max(1e-6, ...measured.map(({ rms }) => rms));
  let open = 0;
  let spread = 0;
  return measured.map(({ rms, crossings }) => {
    const loud = rms / loudest;
    const wanted = loud < 0.02 ? 0 : clamp(Math.sqrt(loud) * 0.9 - 0.08, 0, 1);
    // Hissing sounds are made with the teeth nearly shut.
    const hiss = clamp((crossings - 0.08) / 0.1, 0, 1);
    open += (wanted * (1 - 0.65 * hiss) - open) * (wanted > open ? 0.75 : 0.55);
    spread += ((wanted === 0 ? 0 : clamp((crossings - 0.035) / 0.03, -1, 1)) - spread) * 0.4;
    if (open < 0.015) open = 0;
    if (Math.abs(spread) < 0.01) spread = 0;
    return open === 0 && spread === 0 ? CLOSED : { open, spread };
  });
}

export interface Spoken {
  readonly samples: Float32Array;
  readonly mouths: readonly Mouth[];
}

/** A turn of a person's words. A sentence that would be too long is spoken faster. */
export async function speakTurn(person: Person): Promise<Spoken> {
  let spoken = await speak(person, CALM_WORDS_PER_MINUTE);
  const tooLong = spoken.length / SAMPLE_RATE / MAX_S;
  if (tooLong > 1) spoken = await speak(person, CALM_WORDS_PER_MINUTE * tooLong * 1.05);
  const samples = placeInTurn(spoken);
  return { samples, mouths: mouthsOf(samples) };
}

/** Samples as Opus packets of 20 ms: as many as the samples are long. */
export async function codeSound(samples: Float32Array): Promise<Buffer[]> {
  const packets = Math.floor(samples.length / (SAMPLE_RATE / 50));
  const { out = [] } = await runToEnd(
    `appsrc name=src format=time caps="audio/x-raw,format=F32LE,rate=${SAMPLE_RATE},channels=1,layout=interleaved" ! ` +
      'audioconvert ! audio/x-raw,format=S16LE ! ' +
      'opusenc frame-size=20 bitrate=48000 audio-type=voice complexity=9 ! appsink name=out sync=false',
    ['out'],
    (pipeline) => {
      const source = pipeline.element('src');
      if (!source) throw new Error('no appsrc');
      pushBuffer(source, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength), { ptsNs: 0 });
      endOfStream(source);
    },
  );
  // The coder's delay makes one more.
  return out.slice(0, packets).map(({ data }) => data);
}
