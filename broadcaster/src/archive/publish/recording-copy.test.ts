import { PROFILES } from '@rostrum/contracts/profile';
import { strictParse } from '../../packager/testing/strict-parse.ts';
import { LADDER, ZERO_UNIX_MS } from '../../packager/testing/synthetic.ts';
import type { JournalEntry } from '../journal.ts';
import { RecordingCopy } from './recording-copy.ts';

const profile = PROFILES.standard;
const segment = (rendition: string, msn: number): JournalEntry => ({
  ...{ type: 'segment', rendition, msn, epoch: 1, discontinuity: false, durationMs: profile.segmentMs },
  ...{ init: `${rendition}/e1/init.mp4`, file: `${rendition}/e1/s${msn}.mp4` },
  programDateTimeMs: ZERO_UNIX_MS + msn * profile.segmentMs,
  parts: [{ durationMs: profile.segmentMs, byteLength: 1000, independent: true, gap: false }],
});

function begun(): RecordingCopy {
  const copy = new RecordingCopy('show', profile, LADDER);
  for (const { name } of LADDER)
    copy.published({ type: 'init', rendition: name, epoch: 1, file: '', codecs: 'mp4a.40.2' });
  return copy;
}

test('the longer a recording is, the less often it is copied: once in a sixtieth of its length, from half a minute on', () => {
  const copy = begun();
  let [nowMs, toldAtMs] = [0, 0];
  const waits: number[] = [];
  for (let msn = 1; msn <= 3750; msn += 1, nowMs += profile.segmentMs) {
    for (const { name } of LADDER) copy.published(segment(name, msn));
    if (!copy.isDue(nowMs)) continue;
    copy.tell(nowMs);
    waits.push(nowMs - toldAtMs);
    toldAtMs = nowMs;
  }
  expect(waits.slice(0, 3)).toEqual([0, 16 * profile.segmentMs, 16 * profile.segmentMs]);
  // At the end of two hours.
  expect(waits.at(-1)).toBeGreaterThan(115_000);
  expect(waits.at(-1)).toBeLessThan(122_000);
});

test('a moment is in it once all renditions have told what they have of it, and the multivariant playlist comes last', () => {
  const copy = begun();
  for (const { name } of LADDER.slice(1)) copy.published(segment(name, 1));
  expect(copy.isDue(0)).toBe(false);
  expect(copy.tell(0)).toEqual([]);
  copy.published(segment(LADDER[0]?.name ?? '', 1));
  const told = copy.tell(0);
  expect(told.map(({ name }) => name)).toEqual([
    ...LADDER.map(({ name }) => `${name}.m3u8`),
    'multivariant.m3u8',
  ]);
  for (const { text } of told.slice(0, -1)) expect(strictParse(text).segments).toHaveLength(1);
});
