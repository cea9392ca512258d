import { verdictOn, type Ways } from './use-reach.ts';

test.each<[Ways, ReturnType<typeof verdictOn>]>([
  [{ udp: 'waiting', tcp: 'waiting', relay: 'waiting' }, null],
  [{ udp: 'reached', tcp: 'trying', relay: 'waiting' }, null],
  [{ udp: 'reached', tcp: 'blocked', relay: 'none' }, 'good'],
  [{ udp: 'blocked', tcp: 'reached', relay: 'none' }, 'fair'],
  [{ udp: 'blocked', tcp: 'blocked', relay: 'reached' }, 'fair'],
  [{ udp: 'blocked', tcp: 'blocked', relay: 'none' }, 'bad'],
  [{ udp: 'refused', tcp: 'refused', relay: 'refused' }, null],
])('of %j the verdict is %s', (ways, verdict) => {
  expect(verdictOn(ways)).toBe(verdict);
});
