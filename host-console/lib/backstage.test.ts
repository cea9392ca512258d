import type { BackstageMessage } from '@rostrum/contracts';
import { reordered, saidSince } from './backstage.ts';

test('what others said after one has read is new; one’s own words are not', () => {
  const said = (personId: string, saidUnixMs: number): BackstageMessage => ({
    ...{ messageId: `message-${saidUnixMs}`, name: 'N', role: 'panelist', text: 'T' },
    ...{ personId, saidUnixMs },
  });
  const messages = [said('pia', 1), said('me', 2), said('pia', 3), said('me', 4), said('hana', 5)];
  expect(saidSince(messages, 'me', 1).map((m) => m.saidUnixMs)).toEqual([3, 5]);
  expect(saidSince(messages, 'me', 5)).toEqual([]);
});

test.each([
  [0, 2, ['b', 'c', 'a']],
  [2, 0, ['c', 'a', 'b']],
  [1, 1, ['a', 'b', 'c']],
  [0, -1, ['a', 'b', 'c']],
  [2, 3, ['a', 'b', 'c']],
  [7, 0, ['a', 'b', 'c']],
])('of a, b and c the one at %d put at %d gives %j', (from, to, list) => {
  expect(reordered(['a', 'b', 'c'], from, to)).toEqual(list);
});
