import {
  formatAge,
  formatCountdown,
  formatDuration,
  formatMoment,
  unixMsToZoned,
  zonedToUnixMs,
} from './time.ts';

const utc = (iso: string): number => Date.parse(`${iso}Z`);

describe('durations', () => {
  test('minutes and seconds under an hour, hours from there, never negative', () => {
    expect(formatDuration(0)).toBe('00:00');
    expect(formatDuration(65_999)).toBe('01:05');
    expect(formatDuration(3_600_000)).toBe('1:00:00');
    expect(formatDuration(-5)).toBe('00:00');
  });

  test('a countdown shows 00:01 until its very end and stays at zero', () => {
    expect(formatCountdown(10_000, 0)).toBe('00:10');
    expect(formatCountdown(10_000, 9_001)).toBe('00:01');
    expect(formatCountdown(10_000, 10_000)).toBe('00:00');
    expect(formatCountdown(10_000, 99_000)).toBe('00:00');
  });

  test('ages are now, minutes, hours, days', () => {
    expect(formatAge(0, 59_999)).toBe('now');
    expect(formatAge(0, 60_000)).toBe('1 min');
    expect(formatAge(0, 2 * 3_600_000)).toBe('2 h');
    expect(formatAge(0, 49 * 3_600_000)).toBe('2 d');
    // The clocks of two machines differ a little.
    expect(formatAge(1000, 0)).toBe('now');
  });
});

describe('a zone’s clock', () => {
  test('is read with the offset of that day', () => {
    expect(zonedToUnixMs('2026-11-21T18:00', 'Europe/Berlin')).toBe(utc('2026-11-21T17:00'));
    expect(zonedToUnixMs('2026-07-21T18:00', 'Europe/Berlin')).toBe(utc('2026-07-21T16:00'));
    expect(zonedToUnixMs('2026-07-21T18:00', 'Asia/Kolkata')).toBe(utc('2026-07-21T12:30'));
    expect(zonedToUnixMs('2026-07-21T18:00', 'UTC')).toBe(utc('2026-07-21T18:00'));
  });

  test('a time that occurs twice is the first of the two', () => {
    expect(zonedToUnixMs('2026-10-25T02:30', 'Europe/Berlin')).toBe(utc('2026-10-25T00:30'));
  });

  test('a time the change of clocks skips is read with the offset from before', () => {
    expect(zonedToUnixMs('2026-03-29T02:30', 'Europe/Berlin')).toBe(utc('2026-03-29T01:30'));
  });

  test('what is no time is null', () => {
    expect(zonedToUnixMs('', 'UTC')).toBeNull();
    expect(zonedToUnixMs('tomorrow', 'UTC')).toBeNull();
  });

  test('reading what was written gives the same moment, around the year and the zones', () => {
    for (const zone of ['UTC', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu']) {
      for (let day = 0; day < 365; day += 7) {
        const moment = utc('2026-01-01T12:00') + day * 86_400_000;
        expect(zonedToUnixMs(unixMsToZoned(moment, zone), zone)).toBe(moment);
      }
    }
  });

  test('what no calendar knows is words too, never an error', () => {
    for (const unixMs of [
      Number.MAX_SAFE_INTEGER,
      -1e300,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      8.64e15 + 1,
    ]) {
      expect(formatMoment(unixMs, 'UTC')).toBe('No valid time');
      expect(formatAge(unixMs, 0)).toMatch(/^(now|\d.* [dh]|Infinity d)$/);
      expect(formatCountdown(unixMs, 0)).toMatch(/^\d+:\d\d(:\d\d)?$/);
    }
    expect(formatMoment(8.64e15, 'UTC')).toContain('275760');
    expect(zonedToUnixMs('9999-12-31T23:59', 'UTC')).toBe(utc('9999-12-31T23:59'));
  });

  test('a moment is worded with its zone', () => {
    expect(formatMoment(utc('2026-11-21T17:00'), 'UTC')).toBe('Sat, 21 Nov 2026, 17:00 UTC');
  });
});
