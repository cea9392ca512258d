/** The music before a show: quiet chords that fade into each other, made rather than played, so that nobody has rights to it. Pure. */
import { AUDIO_SAMPLE_RATE } from '@rostrum/contracts/profile';

/** Hertz, in whole sixteenths: after sixteen seconds every note is where it began. Each chord is in front for `CHORD_S`. */
const CHORDS: readonly (readonly number[])[] = [
  [130.8125, 196, 246.9375, 329.625],
  [110, 164.8125, 220, 329.625],
  [87.3125, 174.625, 220, 261.625],
  [98, 196, 246.9375, 293.6875],
];
const CHORD_S = 4;
/** A chord is heard so long before and after its own time: then there is no moment without one. */
const OVERLAP_S = 1.5;
/** Of all notes together, at most: some 26 dB below full scale. */
const LOUDNESS = 0.05;

/** How much of a chord is heard, 0 to 1, `s` seconds after its time began. */
function envelope(s: number): number {
  const fade = (x: number): number => Math.sin((Math.min(1, Math.max(0, x)) * Math.PI) / 2) ** 2;
  return fade((s + OVERLAP_S) / (2 * OVERLAP_S)) * fade((CHORD_S + OVERLAP_S - s) / (2 * OVERLAP_S));
}

const { sin, PI } = Math;
const LOOP_S = CHORDS.length * CHORD_S;
/** Of the loop, made when it is first needed: sines by the million are no work for each time. */
const seconds: (Float32Array | undefined)[] = [];

function secondOf(second: number): Float32Array {
  const known = seconds[second];
  if (known) return known;
  const samples = new Float32Array(AUDIO_SAMPLE_RATE * 2);
  for (const [c, notes] of CHORDS.entries()) {
    for (let i = 0; i < AUDIO_SAMPLE_RATE; i += 1) {
      const s = second + i / AUDIO_SAMPLE_RATE;
      const at = ((s - c * CHORD_S + OVERLAP_S + LOOP_S) % LOOP_S) - OVERLAP_S;
      if (at >= CHORD_S + OVERLAP_S) continue;
      const loudness = (2 * LOUDNESS * envelope(at)) / notes.length;
      for (let n = 0; n < notes.length; n += 1) {
        const tone = loudness * sin(2 * PI * (notes[n] ?? 0) * s);
        // Low notes in the middle, others to the sides.
        const side = n === 0 ? 0.5 : n % 2 === 0 ? 0.7 : 0.3;
        samples[2 * i] = (samples[2 * i] ?? 0) + tone * side;
        samples[2 * i + 1] = (samples[2 * i + 1] ?? 0) + tone * (1 - side);
      }
    }
  }
  seconds[second] = samples;
  return samples;
}

/** Interleaved stereo, 32-bit floats, from a sample of the programme's timeline on: the same each time. */
export function bedSamples(fromSample: number, count: number): Float32Array {
  const samples = new Float32Array(count * 2);
  for (let done = 0; done < count; ) {
    const at = (fromSample + done) % (LOOP_S * AUDIO_SAMPLE_RATE);
    const within = at % AUDIO_SAMPLE_RATE;
    const some = Math.min(count - done, AUDIO_SAMPLE_RATE - within);
    const second = secondOf(Math.floor(at / AUDIO_SAMPLE_RATE));
    samples.set(second.subarray(2 * within, 2 * (within + some)), 2 * done);
    done += some;
  }
  return samples;
}
