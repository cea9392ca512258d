import type { Keep } from '@rostrum/room-client/keep';
import { keepPlace, placeIn, placeToKeep } from './place.ts';

function memory(): Keep {
  const all = new Map<string, string>();
  return {
    read: (key) => all.get(key) ?? null,
    write: (key, value) => (value === null ? all.delete(key) : all.set(key, value)),
  };
}

test('a place is worth remembering once one is in it and until one is through', () => {
  expect(placeToKeep(5, 3600)).toBeNull();
  expect(placeToKeep(754.8, 3600)).toBe(754);
  expect(placeToKeep(3579, 3600)).toBe(3579);
  expect(placeToKeep(3581, 3600)).toBeNull();
  // A short one is not all beginning and end.
  expect(placeToKeep(10, 30)).toBe(10);
  expect(placeToKeep(29, 30)).toBeNull();
});

test('each recording has its own place, which goes at the end of it', () => {
  const keep = memory();
  keepPlace(keep, 'one', 100, 1000);
  keepPlace(keep, 'two', 200, 1000);
  expect([placeIn(keep, 'one'), placeIn(keep, 'two'), placeIn(keep, 'three')]).toEqual([100, 200, null]);
  keepPlace(keep, 'one', 995, 1000);
  expect([placeIn(keep, 'one'), placeIn(keep, 'two')]).toEqual([null, 200]);
});

test('of fifty recordings, and not of more', () => {
  const keep = memory();
  for (let i = 0; i < 51; i += 1) keepPlace(keep, `r${i}`, 100, 1000);
  expect(placeIn(keep, 'r0')).toBeNull();
  expect(placeIn(keep, 'r1')).toBe(100);
});

test('what another page left there breaks nothing', () => {
  const keep = memory();
  for (const wrong of ['{', '5', '[1,["one"],["one","x"],["one",-1]]']) {
    keep.write('places', wrong);
    expect(placeIn(keep, 'one')).toBeNull();
  }
});
