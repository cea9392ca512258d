import { FLASH_EVERY_MS, FLASH_MS } from '../lib/synthetic-media.ts';

export const SAMPLE_RATE = 48_000;
const SAMPLES_PER_MS = SAMPLE_RATE / 1000;
const BEEP = { hz: 1000, level: 0.6 } as const;
const PILOT_LEVEL = 0.05;
const FULL_SCALE = 32_767;

export interface ClockSoundOptions {
  /** A beep begins with each flash. */
  readonly beep: boolean;
  /** A steady quiet tone, whole Hz; null: none. */
  readonly pilotHz: number | null;
}

/**
 * What the microphone hears in the `durationMs` from `unixMs` on: mono at 48 kHz. A function of the time alone, so that pieces
 * join and what was left out leaves no trace. Whole milliseconds.
 */
export function clockSound(
  unixMs: number,
  durationMs: number,
  { beep, pilotHz }: ClockSoundOptions,
): Int16Array {
  const samples = new Int16Array(durationMs * SAMPLES_PER_MS);
  // Whole Hz repeat each second, and so with each flash.
  const first = (unixMs % FLASH_EVERY_MS) * SAMPLES_PER_MS;
  const tone = (hz: number, at: number): number => Math.sin((2 * Math.PI * hz * at) / SAMPLE_RATE);
  for (let i = 0; i < samples.length; i += 1) {
    const at = (first + i) % (FLASH_EVERY_MS * SAMPLES_PER_MS);
    const beeping = beep && at < FLASH_MS * SAMPLES_PER_MS ? BEEP.level * tone(BEEP.hz, at) : 0;
    const pilot = pilotHz === null ? 0 : PILOT_LEVEL * tone(pilotHz, at);
    samples[i] = Math.round(FULL_SCALE * (beeping + pilot));
  }
  return samples;
}
