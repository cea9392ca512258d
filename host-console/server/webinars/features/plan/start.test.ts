import { localTime, startsAt } from './start.ts';

const iso = (local: string, zone: string): string => new Date(startsAt({ local, zone })).toISOString();

test('a start is by the clocks of its place, before and after they are moved', () => {
  expect(iso('2027-03-27T19:00', 'Europe/Berlin')).toBe('2027-03-27T18:00:00.000Z');
  expect(iso('2027-03-28T19:00', 'Europe/Berlin')).toBe('2027-03-28T17:00:00.000Z');
  expect(localTime(Date.UTC(2027, 2, 28, 17), 'Europe/Berlin')).toBe('2027-03-28T19:00');
});

test('[RFC 5545 3.3.5] a time that is skipped has the offset from before the gap', () => {
  expect(iso('2027-03-28T02:30', 'Europe/Berlin')).toBe('2027-03-28T01:30:00.000Z');
  expect(iso('2027-03-14T02:30', 'America/New_York')).toBe('2027-03-14T07:30:00.000Z');
  // A gap of half an hour.
  expect(iso('2026-10-04T02:15', 'Australia/Lord_Howe')).toBe('2026-10-03T15:45:00.000Z');
});

test('[RFC 5545 3.3.5] a time that comes twice is the first of them', () => {
  expect(iso('2027-10-31T02:30', 'Europe/Berlin')).toBe('2027-10-31T00:30:00.000Z');
  expect(iso('2027-11-07T01:30', 'America/New_York')).toBe('2027-11-07T05:30:00.000Z');
  expect(iso('2027-04-04T01:45', 'Australia/Lord_Howe')).toBe('2027-04-03T14:45:00.000Z');
});

test('a day that is none is refused', () => {
  for (const local of ['2027-02-29T10:00', '2027-04-31T10:00', '1999-01-01T10:00']) {
    expect(() => iso(local, 'Europe/Berlin')).toThrow(expect.objectContaining({ code: 'bad-input' }));
  }
});
