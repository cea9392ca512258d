/** Holes in a steady tone, in the sound of a recording. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const RATE = 16_000;
export const WINDOW_MS = 20;
/** A window with less than this share of the tone's usual level is a hole. */
const SILENT = 0.3;

export interface SoundHole {
  readonly atMs: number;
  readonly durationMs: number;
}

/**
 * @param url a playlist or file whose first sample is time 0
 * @param hz of a tone that is heard throughout
 * @returns holes, and how long the sound is, milliseconds
 */
export async function soundHoles(
  url: string,
  hz: number,
): Promise<{ holes: SoundHole[]; durationMs: number }> {
  const levels = await toneLevels(url, hz);
  const usual = levels.toSorted((a, b) => a - b)[Math.floor(levels.length / 2)] ?? 0;
  if (usual === 0) throw new Error(`no tone of ${hz} Hz in ${url}`);
  const holes: SoundHole[] = [];
  for (const [i, one] of levels.entries()) {
    if (one >= SILENT * usual) continue;
    const last = holes.at(-1);
    const atMs = i * WINDOW_MS;
    if (last && last.atMs + last.durationMs === atMs)
      holes[holes.length - 1] = { ...last, durationMs: last.durationMs + WINDOW_MS };
    else holes.push({ atMs, durationMs: WINDOW_MS });
  }
  return { holes, durationMs: levels.length * WINDOW_MS };
}

/** About the amplitude of the tone in each window of `WINDOW_MS`. */
export async function toneLevels(url: string, hz: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    ['-v', 'error', '-i', url, '-vn', '-ac', '1', '-ar', String(RATE), '-f', 'f32le', '-'],
    { encoding: 'buffer', maxBuffer: 1 << 30 },
  );
  const samples = new Float32Array(stdout.buffer, stdout.byteOffset, Math.floor(stdout.length / 4));
  const size = (RATE * WINDOW_MS) / 1000;
  return Array.from({ length: Math.floor(samples.length / size) }, (_, i) =>
    level(samples.subarray(i * size, (i + 1) * size), hz),
  );
}

/** About the amplitude of a sine of this frequency. */
function level(samples: Float32Array, hz: number): number {
  const w = (2 * Math.PI * hz) / RATE;
  let [re, im] = [0, 0];
  for (const [i, x] of samples.entries()) {
    re += x * Math.cos(w * i);
    im += x * Math.sin(w * i);
  }
  return (2 * Math.hypot(re, im)) / samples.length;
}
