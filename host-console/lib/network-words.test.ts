import { NETWORK_WORDS, type PersonQuality } from '@rostrum/contracts';
import { NETWORK } from './messages.ts';
import { describeNumbers } from './network-words.ts';

const QUALITY: PersonQuality = {
  personId: 'bo-1',
  word: 'upload-weak',
  badly: false,
  send: {
    loss: 0.062,
    roundTripMs: 45.4,
    jitterMs: 3,
    bitrate: 640_000,
    availableBitrate: 700_000,
    layers: { sent: 2, of: 3 },
    limitedBy: 'bandwidth',
    codec: 'VP8',
  },
  receive: {
    loss: 0.004,
    roundTripMs: 45,
    jitterMs: 3,
    bitrate: 3_400_000,
    concealed: 0.03,
    freezes: 0,
    layer: 2,
    codec: 'VP8',
  },
  relay: 'tls',
};

test('what somebody sends and gets is said in a line each, and a relay where there is one', () => {
  expect(describeNumbers(QUALITY)).toEqual([
    'Sends 0.6 Mbit/s, 2 of 3 sizes, 6 % lost, 45 ms there and back',
    'Gets 3.4 Mbit/s, 0.4 % lost, 3 % of the sound made up',
    'Through a relay, over TLS',
  ]);
});

test('what is not known is left out', () => {
  const { send, receive } = QUALITY;
  const quiet = { bitrate: 0, loss: null, roundTripMs: null };
  expect(
    describeNumbers({
      ...QUALITY,
      send: { ...send, ...quiet, layers: null },
      receive: { ...receive, ...quiet, concealed: 0 },
      relay: null,
    }),
  ).toEqual(['Sends 0.0 Mbit/s', 'Gets 0.0 Mbit/s']);
});

test('every word has a text, for oneself and for the crew', () => {
  for (const word of NETWORK_WORDS) {
    for (const text of [NETWORK.en.short[word], NETWORK.en.own[word], NETWORK.en.of('Bo', word, false)]) {
      expect(text).toMatch(/\S/);
    }
  }
  expect(NETWORK.en.of('Bo', 'upload-weak', false)).toBe('Bo’s upload is weak');
  expect(NETWORK.en.of('Bo', 'upload-weak', true)).toBe('Bo’s upload is very weak');
});
