import { PROFILES } from '@rostrum/contracts/profile';
import { LADDER } from '../packager/testing/synthetic.ts';
import { Held } from './held.ts';
import type { JournalEntry } from './journal.ts';
import { recover } from './recovery.ts';

test('what is said of segments holds from there on, until something else is said', () => {
  const held = new Held();
  expect([held.has(1), held.now]).toEqual([false, false]);
  held.turn(1, true);
  held.turn(10, false);
  expect([1, 9, 10, 99].map((msn) => held.has(msn))).toEqual([true, true, false, false]);
  expect(held.now).toBe(false);
});

test('what is said of segments that are not there yet can be taken back', () => {
  const held = new Held();
  held.turn(1, true);
  held.turn(10, false);
  held.turn(10, true);
  held.turn(9, true);
  expect([9, 10, 11].map((msn) => held.has(msn))).toEqual([true, true, true]);
});

const open = (msn: number, epoch: number, discontinuity = false): JournalEntry => ({
  type: 'open',
  msn,
  epoch,
  discontinuity,
  programDateTimeMs: msn * 2000,
});

test('after a crash before the show numbers go on, and nothing is filled in for what was held', () => {
  const entries: JournalEntry[] = [
    { type: 'hold', fromMsn: 1 },
    { type: 'run', firstEpoch: 1, startedUnixMs: 0 },
    { type: 'epoch', epoch: 1 },
    open(1, 1),
    open(2, 1),
    { type: 'run', firstEpoch: 2, startedUnixMs: 0 },
    { type: 'epoch', epoch: 2 },
    open(3, 2, true),
  ];
  const recovered = recover(entries, PROFILES.standard, LADDER);
  expect(recovered).toMatchObject({ nextMsn: 4, nextEpoch: 3, filled: [], discontinuitySequence: 1 });
  expect(recovered.held.now).toBe(true);
  expect([...recovered.recorded.values()].flat()).toEqual([]);
  expect([...recovered.segments.values()].flat()).toEqual([]);
});

test('of what was open when the show had begun all is as ever, behind what was held', () => {
  const entries: JournalEntry[] = [
    { type: 'hold', fromMsn: 1 },
    { type: 'run', firstEpoch: 1, startedUnixMs: 0 },
    open(1, 1),
    { type: 'record', fromMsn: 2 },
    open(2, 1),
  ];
  const recovered = recover(entries, PROFILES.standard, LADDER);
  expect(recovered.filled.map(({ segment }) => segment.msn)).toEqual(LADDER.map(() => 2));
  for (const lists of [recovered.recorded, recovered.segments])
    expect([...lists.values()].map((list) => list.map(({ msn }) => msn))).toEqual(LADDER.map(() => [2]));
});
