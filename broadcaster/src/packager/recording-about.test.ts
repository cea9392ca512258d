import { NO_SHAPE, RecordingAbout } from '@rostrum/contracts/recording';
import fc from 'fast-check';
import { aboutOf, positionOf } from './recording-about.ts';

const ZERO = 1_800_000_000_000;
const span = (from: number, durationMs: number) => ({ startUnixMs: ZERO + from, durationMs });
const chapter = (at: number, title: string) => ({ atUnixMs: ZERO + at, title, kind: 'mark' as const });

test('chapters are where their moment is played; what is cut goes on behind the cut, and the last of several there stays', () => {
  const spans = [span(2000, 4000), span(10_000, 2000)];
  const shape = {
    ...NO_SHAPE,
    title: 'T',
    chapters: [
      chapter(-60_000, 'Start'),
      chapter(0, 'Cut before the beginning'),
      chapter(3000, 'Within'),
      chapter(6500, 'In the cut'),
      chapter(9000, 'In the cut too'),
      chapter(11_000, 'Behind it'),
      chapter(12_000, 'Beyond the end'),
    ],
  };
  const about = aboutOf(spans, shape, false);
  expect(RecordingAbout.parse(about)).toEqual(about);
  expect(about).toMatchObject({ startsUnixMs: ZERO + 2000, durationMs: 6000, live: false });
  expect(about?.chapters.map(({ startMs, title }) => [startMs, title])).toEqual([
    [0, 'Cut before the beginning'],
    [1000, 'Within'],
    [4000, 'In the cut too'],
    [5000, 'Behind it'],
  ]);
});

test('of nothing that can be played nothing is told', () => {
  expect(aboutOf([], NO_SHAPE, true)).toBeNull();
});

test('a later moment is never at an earlier place, and every place is in what is played', () => {
  const piece = fc.record({ gap: fc.nat(5000), length: fc.integer({ min: 1, max: 5000 }) });
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1 }), fc.nat(60_000), fc.nat(60_000), (pieces, a, b) => {
      let at = 0;
      const spans = pieces.map(({ gap, length }) => {
        at += gap + length;
        return span(at - length, length);
      });
      const total = pieces.reduce((sum, { length }) => sum + length, 0);
      const [first, second] = [Math.min(a, b), Math.max(a, b)].map((t) => positionOf(spans, ZERO + t));
      if (first === null) expect(second).toBeNull();
      else expect(first).toBeLessThan(total);
      if (first !== null && second !== null) expect(first).toBeLessThanOrEqual(second ?? 0);
    }),
  );
});
