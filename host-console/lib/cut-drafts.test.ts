import { type CutDraft, cutOf, draftOf } from './cut-drafts.ts';
import { formatShowTime, parseShowTime } from './show-time.ts';

const since = 1_800_000_000_000;
const span = { sinceUnixMs: since, endedUnixMs: since + 3_600_000 };
const draft = (from: string, to: string): CutDraft => ({ id: 'c', from, to });

test('a moment is typed as hours, minutes and seconds, or less of it', () => {
  const typed: [string, number | null][] = [
    ['1:02:03', 3_723_000],
    [' 02:03 ', 123_000],
    ['90:00', 5_400_000],
    ['75', 75_000],
    ['0:01.5', 1500],
    ['1:60', null],
    ['1:60:00', null],
    ['', null],
    ['1:2:3:4', null],
    ['-1', null],
    ['abc', null],
  ];
  for (const [text, ms] of typed) expect([text, parseShowTime(text)]).toEqual([text, ms]);
  expect(formatShowTime(3_723_400)).toBe('1:02:03');
  expect([formatShowTime(-5), formatShowTime(Number.NaN)]).toEqual(['0:00:00', '0:00:00']);
});

test('a cut without a beginning or an end reaches beyond the show, and is shown without it again', () => {
  for (const typed of [draft('0:10:00', '0:12:30'), draft('', '0:00:30'), draft('0:59:00', '')]) {
    for (const show of [span, { ...span, endedUnixMs: null }]) {
      const cut = cutOf(typed, show);
      if (typeof cut === 'string') throw new Error(cut);
      expect(draftOf(cut, show, 'c')).toEqual(typed);
    }
  }
  expect(cutOf(draft('', '0:00:30'), span)).toMatchObject({ toUnixMs: since + 30_000 });
});

test('what is no cut is told as what it is', () => {
  expect(cutOf(draft('x', '0:01:00'), span)).toBe('not-a-time');
  expect(cutOf(draft('0:02:00', '0:01:00'), span)).toBe('ends-before-it-begins');
  expect(cutOf(draft('0:01:00', '0:01:00'), span)).toBe('ends-before-it-begins');
  expect(cutOf(draft('', ' '), span)).toBe('cuts-everything');
});
