import { judge, type Signs } from './liveness.ts';

const well: Signs = { silentMs: 300, loopAgoMs: 0, closedMs: null, alternative: false };

test.each<[string, Partial<Signs>, string]>([
  ['beats', {}, 'here'],
  ['misses three beats', { silentMs: 1900 }, 'here'],
  ['is silent on an open connection, the only one of its kind', { silentMs: 2000 }, 'late silent'],
  ['is silent for long, the only one', { silentMs: 29_000 }, 'late silent'],
  ['is silent for too long', { silentMs: 30_000 }, 'lost silent'],
  ['is silent, and another can take over', { silentMs: 2000, alternative: true }, 'lost silent'],
  ['misses three beats, and another could take over', { silentMs: 1900, alternative: true }, 'here'],
  ['beats, its main loop is behind', { loopAgoMs: 2500 }, 'late loop'],
  ['beats, its main loop stands, nothing to go to', { loopAgoMs: 19_500 }, 'late loop'],
  ['beats, its main loop hangs', { loopAgoMs: 20_000 }, 'lost hung'],
  [
    'beats, its main loop is behind, and another can take over',
    { loopAgoMs: 4500, alternative: true },
    'late loop',
  ],
  [
    'beats, its main loop hangs, and another can take over',
    { loopAgoMs: 5000, alternative: true },
    'lost hung',
  ],
  ['was cut off just now', { closedMs: 300 }, 'late cut'],
  ['was cut off, and nobody else is there', { closedMs: 9000, silentMs: 9000 }, 'late cut'],
  ['is gone', { closedMs: 10_000, silentMs: 10_200 }, 'lost closed'],
  ['is gone, and another can take over', { closedMs: 750, silentMs: 900, alternative: true }, 'lost closed'],
  ['is slow to connect again but beats', { closedMs: 4000, silentMs: 400, alternative: true }, 'late cut'],
])('a node that %s', (_what, signs, verdict) => {
  const state = judge({ ...well, ...signs });
  expect(state.is === 'here' ? state.is : `${state.is} ${state.why}`).toBe(verdict);
});
