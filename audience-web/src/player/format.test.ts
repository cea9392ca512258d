import { countdownParts, formatBehind, formatDuration, formatLatency, formatMoment } from './format.ts';
import { programmeDateAt } from './programme-time.ts';
import { type Standing, watchStall } from './stall-watch.ts';

test('latency has a decimal under ten seconds and none above', () => {
  expect(formatLatency(1234)).toBe('1.2 s');
  expect(formatLatency(9940)).toBe('9.9 s');
  expect(formatLatency(9960)).toBe('10 s');
  expect(formatLatency(61_000)).toBe('61 s');
});

test('unknown latency is no text, and a clock that is a little off never makes it negative', () => {
  expect(formatLatency(null)).toBe('');
  expect(formatLatency(Number.NaN)).toBe('');
  expect(formatLatency(-40)).toBe('0.0 s');
});

test('durations show hours only when there are any', () => {
  expect(formatDuration(0)).toBe('0:00');
  expect(formatDuration(185.9)).toBe('3:05');
  expect(formatDuration(3723)).toBe('1:02:03');
  expect(formatDuration(Number.POSITIVE_INFINITY)).toBe('0:00');
});

test('what is no moment is no text, whatever was stored', () => {
  const format = new Intl.DateTimeFormat('en', { dateStyle: 'full', timeZone: 'UTC' });
  expect(formatMoment(format, 0)).toBe('Thursday, January 1, 1970');
  for (const unixMs of [Number.MAX_SAFE_INTEGER, Number.NaN, -1e300, Number.POSITIVE_INFINITY]) {
    expect(formatMoment(format, unixMs)).toBe('');
  }
});

test('a countdown rounds up, so that zero means now, and stays at zero', () => {
  expect(countdownParts(90_061_000, 0)).toEqual({ days: 1, hours: 1, minutes: 1, seconds: 1 });
  expect(countdownParts(1000, 999)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 1 });
  expect(countdownParts(1000, 5000)).toEqual({ days: 0, hours: 0, minutes: 0, seconds: 0 });
});

test('[LL8] programme time follows the fragment the playhead is in, also across a hole in the dates', () => {
  const fragments = [
    { start: 0, duration: 2, programDateTime: 1_000_000 },
    { start: 2, duration: 2, programDateTime: 1_002_000 },
    { start: 4, duration: 2, programDateTime: 1_034_000 }, // a restart: thirty seconds on
  ];
  expect(programmeDateAt(fragments, 2.5)).toBe(1_002_500);
  expect(programmeDateAt(fragments, 4)).toBe(1_034_000);
  expect(programmeDateAt(fragments, 6.5)).toBe(1_036_500);
  expect(programmeDateAt(fragments, -0.5)).toBe(999_500);
});

test('without any date there is no programme time', () => {
  expect(programmeDateAt([{ start: 0, duration: 2, programDateTime: null }], 1)).toBeNull();
  expect(programmeDateAt([], 1)).toBeNull();
});

test('a playhead that stands still is told once per period, and only when it should move', () => {
  let before: Standing = null;
  const stalls = (nowMs: number, positionS: number, expected: boolean): boolean => {
    const { standing, stalled } = watchStall(before, { nowMs, positionS, expected }, 3000);
    before = standing;
    return stalled;
  };
  expect(stalls(0, 5, true)).toBe(false);
  expect(stalls(2999, 5, true)).toBe(false);
  expect(stalls(3000, 5, true)).toBe(true);
  expect(stalls(3250, 5, true)).toBe(false);
  expect(stalls(6000, 5, true)).toBe(true);
  expect(stalls(9000, 5, false)).toBe(false);
  expect(stalls(12_000, 5.1, true)).toBe(false);
});

test('how far behind is told in seconds up to a minute', () => {
  expect([0.4, 12.3, 59, 61, 4000].map(formatBehind)).toEqual(['0 s', '12 s', '59 s', '1:01', '1:06:40']);
});
