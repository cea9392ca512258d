import { emptyState } from '../fold.ts';
import { ALL_COUNT } from '../turnout.ts';
import { FEATURES } from './all.ts';
import type { Look } from './look.ts';
import type { Kept } from './parts.ts';

// The compiler sees that every line is there; of two for one thing the latter would hold without a word.
const twice = (names: readonly string[]): string[] => names.filter((name, i) => names.indexOf(name) !== i);

test('no two features have an event, a command, a touch or a part of the state in common', () => {
  for (const table of ['apply', 'touches', 'decide', 'deltas', 'empty', 'kept'] as const) {
    expect({ [table]: twice(FEATURES.flatMap((feature) => Object.keys(feature[table]))) }).toEqual({
      [table]: [],
    });
  }
});

test('no two features have a part of a view in common', () => {
  const state = emptyState('webinar-1');
  const look: Look = {
    state,
    viewerClass: 'crew',
    personId: null,
    changedSides: false,
    originUrl: null,
    counted: ALL_COUNT,
  };
  const shown = FEATURES.map((feature) => ('view' in feature ? feature.view(look) : {}));
  const told = FEATURES.map((feature) => ('self' in feature ? feature.self(state, 'person-1') : {}));
  expect(twice(shown.flatMap(Object.keys))).toEqual([]);
  expect(twice(told.flatMap(Object.keys))).toEqual([]);
});

test('no two features have a kind of snapshot part in common, nor one that snapshots have themselves', () => {
  const kinds = FEATURES.flatMap((feature) => {
    const kept: readonly Kept<never>[] = Object.values(feature.kept);
    return kept.flatMap((one) => (one.in === 'parts' ? Object.keys(one.read) : []));
  });
  expect(twice([...kinds, 'frame', 'ids'])).toEqual([]);
  expect(kinds).toContain('voters');
});
