import { jest } from '@jest/globals';
import type { QualityReport } from '@rostrum/contracts/network-quality';
import type { NetworkVerdict } from '@rostrum/contracts/network-verdict';
import type { RoomClient } from '@rostrum/room-client/room';
import type { NetworkState } from './adapt.ts';
import { watchNetwork } from './network-watch.ts';
import type { StatsRecord } from './rtc-stats.ts';
import type { Session } from './session.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A session that sends and receives 100 packets in half a second, of which so many are lost, and is answered or not. */
function session() {
  const now = {
    lost: 0,
    answered: true,
    steady: true,
    told: 'download-weak' as 'download-weak' | 'fine' | null,
  };
  const count = {
    sent: 0,
    sentLost: 0,
    answered: 0,
    received: 0,
    lost: 0,
    frozen: 0,
    asked: 0,
    silences: 0,
  };
  const stats = (reports: StatsRecord[]) => new Map(reports.map((r) => [r.id, r]));
  const send = {
    async getStats() {
      count.sent += 100;
      count.sentLost += 100 * now.lost;
      count.answered += now.answered ? 10 : 0;
      count.asked += 1;
      return stats([
        {
          id: 'pair',
          type: 'candidate-pair',
          timestamp: 0,
          nominated: true,
          bytesSent: count.sent * 1000,
          bytesReceived: count.answered,
        },
        { id: 'out', type: 'outbound-rtp', timestamp: 0, kind: 'video', packetsSent: count.sent },
        {
          id: 'told',
          type: 'remote-inbound-rtp',
          timestamp: count.asked,
          kind: 'video',
          localId: 'out',
          packetsLost: count.sentLost,
        },
      ]);
    },
  };
  const receive = {
    async getStats() {
      count.received += 100;
      count.lost += 100 * now.lost;
      return stats([
        {
          id: 'in',
          type: 'inbound-rtp',
          timestamp: 0,
          packetsReceived: count.received - count.lost,
          packetsLost: count.lost,
          freezeCount: count.frozen,
        },
      ]);
    },
  };
  const changes: NetworkState[] = [];
  const words: NetworkVerdict[] = [];
  const reports: QualityReport[] = [];
  const room = {
    getState: () => ({
      view: { self: { personId: 'ada' } },
      quality: now.told === null ? {} : { ada: { word: now.told, badly: false } },
    }),
    async command(name: string, report: QualityReport) {
      expect(name).toBe('media:quality');
      reports.push(report);
    },
  };
  const stop = watchNetwork(
    {
      transports: [send, receive] as unknown as Session['transports'],
      receiver: { tracks: () => [], consumers: () => new Map() } as unknown as Session['receiver'],
      silent: () => {
        count.silences += 1;
      },
      steady: () => now.steady,
    },
    room as unknown as RoomClient,
    { network: (network) => changes.push(network), quality: (word) => words.push(word) },
  );
  return {
    now,
    count,
    words,
    reports,
    stop,
    layers: () => changes.map(({ send: s, receive: r }) => [s.layers, r.layers]),
    after: (ms: number) => jest.advanceTimersByTimeAsync(ms),
  };
}

test('says at once what goes over a network, and then each change', async () => {
  const it = session();
  expect(it.layers()).toEqual([[3, 3]]);
  await it.after(10_000);
  expect(it.layers()).toEqual([[3, 3]]);
  it.now.lost = 0.5;
  await it.after(2000);
  expect(it.layers()).toEqual([
    [3, 3],
    [1, 1],
  ]);
  it.stop();
  it.now.lost = 0;
  await it.after(60_000);
  expect(it.layers()).toHaveLength(2);
});

test("leaves the way down as it is while its losses are somebody else's", async () => {
  const it = session();
  it.now.told = 'fine';
  it.now.lost = 0.5;
  await it.after(10_000);
  expect(it.layers().at(-1)).toEqual([0, 3]);
  it.now.told = 'download-weak';
  await it.after(10_000);
  expect(it.layers().at(-1)).toEqual([0, 0]);
  it.stop();
});

test('leaves aside what is lost while the connection is mended', async () => {
  const it = session();
  await it.after(10_000);
  it.now.steady = false;
  it.now.lost = 1;
  await it.after(10_000);
  it.now.steady = true;
  it.now.lost = 0;
  await it.after(10_000);
  expect(it.layers()).toEqual([[3, 3]]);
  it.stop();
});

test('tells of a second of silence, and again while it lasts, but of no shorter one', async () => {
  const it = session();
  await it.after(5000);
  it.now.answered = false;
  await it.after(500);
  it.now.answered = true;
  await it.after(5000);
  expect(it.count.silences).toBe(0);
  it.now.answered = false;
  await it.after(1000);
  expect(it.count.silences).toBe(1);
  it.now.lost = 0.9;
  await it.after(5000);
  expect(it.count.silences).toBe(11);
  expect(it.layers()).toEqual([[3, 3]]);
  it.stop();
});

test('says how it fares, in the coordinator’s word where there is one, and reports it every five seconds', async () => {
  const it = session();
  await it.after(12_500);
  expect(it.reports.map(({ send: { loss } }) => loss)).toEqual([0, 0, 0]);
  expect(it.words.at(-1)).toMatchObject({ word: 'download-weak' });
  it.now.told = null;
  await it.after(1000);
  expect(it.words.at(-1)).toMatchObject({ word: 'fine' });
  it.stop();
});

test('what is lost while the connection is mended makes no word and no report', async () => {
  const it = session();
  it.now.told = null;
  await it.after(4000);
  const before = it.reports.length;
  it.now.steady = false;
  it.now.lost = 1;
  it.count.frozen = 3;
  await it.after(30_000);
  expect(it.reports).toHaveLength(before);
  it.now.steady = true;
  it.now.lost = 0;
  await it.after(10_000);
  expect(it.reports.length).toBeGreaterThan(before);
  expect(it.reports.map(({ send, receive }) => [send.loss, receive.loss, receive.freezes])).toEqual(
    it.reports.map(() => [0, 0, 0]),
  );
  expect(new Set(it.words.map(({ word }) => word))).toEqual(new Set(['fine']));
  it.stop();
});

test('reads each transport once for all of them, and the one to send by between, for silence', async () => {
  const it = session();
  await it.after(10_000);
  expect([it.count.asked, it.count.received]).toEqual([20, 1000]);
  it.stop();
});
