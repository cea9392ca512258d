import { nextShow, type ShowIs, type ShowWord, wordOf } from './lifecycle.ts';

const STATES: readonly ShowIs[] = [
  'idle',
  'opening',
  'doors',
  'starting',
  'dormant',
  'onAir',
  'ending',
  'over',
];
const LOG: readonly ShowWord[] = ['scheduled', 'doors', 'live', 'found-live', 'ended', 'settled'];
const CHANNEL = { channelId: 'c', originUrl: 'http://o', sinceUnixMs: 1 };

test('a show goes from its start to its recording', () => {
  const words: ShowWord[] = ['start', 'live', 'ended', 'settled'];
  let now: ShowIs = 'idle';
  const seen = words.map((word) => {
    now = nextShow(now, word);
    return now;
  });
  expect(seen).toEqual(['starting', 'onAir', 'ending', 'over']);
});

test('one whose doors are open goes live in the same channel; closed, it is as if they never were', () => {
  expect(nextShow('idle', 'open')).toBe('opening');
  expect(nextShow('opening', 'doors')).toBe('doors');
  expect(nextShow('doors', 'start')).toBe('starting');
  expect(nextShow('starting', 'doors')).toBe('starting');
  expect(nextShow('doors', 'scheduled')).toBe('idle');
  expect(nextShow('idle', 'doors')).toBe('doors');
  const doors = { channelId: 'c', originUrl: 'http://o', sinceUnixMs: 1 };
  expect([wordOf({ phase: 'scheduled' }), wordOf({ phase: 'scheduled', doors })]).toEqual([
    'scheduled',
    'doors',
  ]);
});

test('who goes live while the doors are about to open does not wait for it', () => {
  expect(nextShow('opening', 'start')).toBe('starting');
  expect(nextShow('opening', 'withdraw')).toBe('idle');
});

test('one that a restarted coordinator finds live sleeps until somebody comes', () => {
  expect(nextShow('idle', 'found-live')).toBe('dormant');
  expect(nextShow('dormant', 'found-live')).toBe('dormant');
  expect(nextShow('dormant', 'attend')).toBe('onAir');
  expect(nextShow('dormant', 'ended')).toBe('ending');
});

test('what the log says again changes nothing', () => {
  for (const state of STATES) {
    for (const word of LOG) {
      const once = nextShow(state, word);
      expect([state, word, nextShow(once, word)]).toEqual([state, word, once]);
    }
  }
});

test('nothing that has ended runs again, and nothing that is live is started or withdrawn', () => {
  const all: readonly ShowWord[] = [...LOG, 'start', 'open', 'withdraw', 'attend'];
  for (const word of all) expect(nextShow('over', word)).toBe('over');
  for (const word of all) expect(['ending', 'over']).toContain(nextShow('ending', word));
  for (const word of ['start', 'open', 'withdraw'] as const) expect(nextShow('onAir', word)).toBe('onAir');
});

test('an end without a channel, and one whose recording is known, leave nothing to do', () => {
  const ended = { phase: 'ended', endedUnixMs: 2, cancelled: false } as const;
  expect(wordOf({ ...ended, channel: CHANNEL, recording: 'pending' })).toBe('ended');
  expect(wordOf({ ...ended, channel: CHANNEL, recording: 'ready' })).toBe('settled');
  expect(wordOf({ ...ended, channel: null, recording: 'pending' })).toBe('settled');
});
