import { readFile } from 'node:fs/promises';
import { LADDER, PROFILES } from '@rostrum/contracts/profile';
import { liveHour, originHour, price, recordedHour } from './cost.ts';
import { PRICES } from './prices.ts';
import { costTables } from './tables.ts';

const [best] = LADDER;

test('a viewer asks as often as the benchmark of the player saw it: 6.25 requests a second in standard', async () => {
  const measured = JSON.parse(
    await readFile(new URL('../../../bench/results/player.json', import.meta.url), 'utf8'),
  ) as { figures: { what: string; value: number }[] };
  const seen = measured.figures.find(
    ({ what }) => what === '50 ms, hinted parts ahead: requests a second',
  )?.value;
  expect(liveHour(PROFILES.standard, best!).requests / 3600).toBeCloseTo(seen!, 1);
});

test('the bytes are those of picture and sound, and a few in a hundred beside them', () => {
  for (const profile of Object.values(PROFILES)) {
    const media = ((2_000_000 + 96_000) / 8) * 3600;
    const { bytes } = liveHour(profile, best!);
    expect(bytes).toBeGreaterThan(media);
    expect(bytes).toBeLessThan(1.05 * media);
    expect(recordedHour(profile, best!).bytes).toBeLessThan(bytes);
  }
});

test('the origin’s hour does not know how many watch', () => {
  const { requests } = originHour(PROFILES.standard);
  expect(requests).toBe(4 * liveHour(PROFILES.standard, best!).requests);
});

test('a gigabyte costs what a gigabyte costs', () => {
  expect(price({ requests: 10_000, bytes: 2 ** 30 }, PRICES.Europe)).toEqual({
    bytes: 0.085,
    requests: 0.012,
  });
});

test.each(Object.keys(costTables()))('docs/cdn-cost.md has the table %s as it is computed', async (name) => {
  const docs = await readFile(new URL('../../../docs/cdn-cost.md', import.meta.url), 'utf8');
  expect(docs).toContain(costTables()[name]);
});
