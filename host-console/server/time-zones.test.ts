import fc from 'fast-check';
import { DateTime } from 'luxon';
import { instantOf, localAt, offsetMs, transitions } from './time-zones.ts';

const utc = (unixMs: number): string => new Date(unixMs).toISOString();
const ZONES = Intl.supportedValuesOf('timeZone');
const HOUR_MS = 3_600_000;

test.each([
  ['2027-01-15T19:00', 'Europe/Berlin', '2027-01-15T18:00:00.000Z'],
  ['2027-07-15T19:00', 'Europe/Berlin', '2027-07-15T17:00:00.000Z'],
  ['2027-03-28T01:59:59', 'Europe/Berlin', '2027-03-28T00:59:59.000Z'],
  // Skipped: the later one.
  ['2027-03-28T02:00', 'Europe/Berlin', '2027-03-28T01:00:00.000Z'],
  ['2027-03-28T02:30', 'Europe/Berlin', '2027-03-28T01:30:00.000Z'],
  ['2027-03-28T03:00', 'Europe/Berlin', '2027-03-28T01:00:00.000Z'],
  // Twice: the first.
  ['2027-10-31T02:30', 'Europe/Berlin', '2027-10-31T00:30:00.000Z'],
  ['2027-10-31T03:00', 'Europe/Berlin', '2027-10-31T02:00:00.000Z'],
  ['2025-11-02T01:30', 'America/New_York', '2025-11-02T05:30:00.000Z'],
  // The example of RFC 5545: 2:30 on the morning that has none.
  ['2007-03-11T02:30', 'America/New_York', '2007-03-11T07:30:00.000Z'],
  // Half an hour, and a whole day that Samoa left out.
  ['2027-10-03T02:15', 'Australia/Lord_Howe', '2027-10-02T15:45:00.000Z'],
  ['2011-12-30T12:00', 'Pacific/Apia', '2011-12-30T22:00:00.000Z'],
  ['2027-06-01T12:00', 'Asia/Kathmandu', '2027-06-01T06:15:00.000Z'],
  ['2028-02-29T00:00', 'UTC', '2028-02-29T00:00:00.000Z'],
])('%s in %s is %s', (local, zone, at) => {
  expect(utc(instantOf({ local, zone }))).toBe(at);
});

test.each([
  ['2027-02-29T10:00', 'Europe/Berlin'],
  ['2027-06-31T10:00', 'Europe/Berlin'],
  ['2027-06-01T24:00', 'Europe/Berlin'],
  ['soon', 'Europe/Berlin'],
  ['', 'Europe/Berlin'],
  ['2027-06-01T10:00', 'Europe/Nowhere'],
  ['2027-06-01T10:00', ''],
])('%s in %s is refused', (local, zone) => {
  expect(() => instantOf({ local, zone })).toThrow(expect.objectContaining({ code: 'bad-input' }));
});

test('whatever a clock shows is what it shows at that instant, and the first of two, in every zone', () => {
  const instants = fc.integer({ min: Date.UTC(2020, 0) / 1000, max: Date.UTC(2045, 0) / 1000 });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), instants, (zone, unixS) => {
      const local = localAt(unixS * 1000, zone);
      const found = instantOf({ local, zone });
      expect(localAt(found, zone)).toBe(local);
      expect(found).toBeLessThanOrEqual(unixS * 1000);
      const luxon = DateTime.fromISO(local, { zone }).getPossibleOffsets();
      expect(found).toBe(Math.min(...luxon.map((one) => one.toMillis())));
    }),
    { numRuns: 2000 },
  );
});

test('clocks move when the zone’s offset changes, and nowhere else', () => {
  const from = Date.UTC(2026, 0);
  const until = Date.UTC(2030, 0);
  for (const zone of [
    'Europe/Berlin',
    'America/New_York',
    'Africa/Casablanca',
    'Asia/Gaza',
    'Asia/Tokyo',
    'Australia/Lord_Howe',
  ]) {
    const moves = transitions(zone, from, until);
    for (const at of moves) expect(offsetMs(at, zone)).not.toBe(offsetMs(at - 1000, zone));
    // Between two of them no hour has another offset.
    for (let at = from; at < until; at += HOUR_MS) {
      const last = moves.filter((move) => move <= at).at(-1) ?? from;
      expect([zone, at, offsetMs(at, zone)]).toEqual([zone, at, offsetMs(last, zone)]);
    }
  }
  expect(transitions('Europe/Berlin', Date.UTC(2027, 0), Date.UTC(2028, 0)).map(utc)).toEqual([
    '2027-03-28T01:00:00.000Z',
    '2027-10-31T01:00:00.000Z',
  ]);
});
