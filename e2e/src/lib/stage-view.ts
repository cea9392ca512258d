import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { bundled } from './bundle.ts';
import { clockAgeMs } from './clock.ts';

const PROBE = fileURLToPath(new URL('./stage-probe.ts', import.meta.url));

/** What somebody on stage sees and hears of the others. */
export interface StageView {
  /** Age of the picture in a person's tile, ms, and its size; null while there is none, or no clock is readable. */
  tile(personId: string, source?: 'camera' | 'screen'): Promise<SeenTile | null>;
  /** How far each tone stands out of what they hear, dB. */
  tones(frequenciesHz: readonly number[]): Promise<number[]>;
}

export interface SeenTile {
  readonly ageMs: number;
  readonly width: number;
  readonly height: number;
}

export async function viewOfStage(page: Page): Promise<StageView> {
  await page.evaluate(await bundled(PROBE));
  return {
    async tile(personId, source = 'camera') {
      const tile = await page.evaluate(([id, of]) => window.stageProbe.tile(id, of), [
        personId,
        source,
      ] as const);
      if (tile === null || tile.reading === null) return null;
      return { ageMs: clockAgeMs(tile.reading, tile.nowUnixMs), width: tile.width, height: tile.height };
    },
    tones: (frequenciesHz) => page.evaluate((hz) => window.stageProbe.tones(hz), frequenciesHz as number[]),
  };
}
