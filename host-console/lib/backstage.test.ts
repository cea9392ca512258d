import type { BackstageMessage } from '@rostrum/contracts';
import { saidSince } from './backstage.ts';

test('what others said after one has read is new; one’s own words are not', () => {
  const said = (personId: string, saidUnixMs: number): BackstageMessage => ({
    ...{ messageId: `message-${saidUnixMs}`, name: 'N', role: 'panelist', text: 'T' },
    ...{ personId, saidUnixMs },
  });
  const messages = [said('pia', 1), said('me', 2), said('pia', 3), said('me', 4), said('hana', 5)];
  expect(saidSince(messages, 'me', 1).map((m) => m.saidUnixMs)).toEqual([3, 5]);
  expect(saidSince(messages, 'me', 5)).toEqual([]);
});
