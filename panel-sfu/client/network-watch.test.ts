import { jest } from '@jest/globals';
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
  const now = { lost: 0, answered: true, steady: true, ownWayDown: true };
  const count = { sent: 0, answered: 0, received: 0, lost: 0, reports: 0, silences: 0 };
  const stats = (reports: StatsRecord[]) => new Map(reports.map((r) => [r.id, r]));
  const send = {
    async getStats() {
      count.sent += 100;
      count.answered += now.answered ? 10 : 0;
      count.reports += 1;
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
          timestamp: count.reports,
          kind: 'video',
          localId: 'out',
          fractionLost: now.lost,
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
        },
      ]);
    },
  };
  const changes: NetworkState[] = [];
  const stop = watchNetwork(
    {
      transports: [send, receive] as unknown as Session['transports'],
      silent: () => {
        count.silences += 1;
      },
      steady: () => now.steady,
    },
    () => now.ownWayDown,
    (network) => changes.push(network),
  );
  return {
    now,
    count,
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
  await it.after(4000);
  expect(it.layers()).toEqual([
    [3, 3],
    [0, 0],
  ]);
  it.stop();
  it.now.lost = 0;
  await it.after(60_000);
  expect(it.layers()).toHaveLength(2);
});

test("leaves the way down as it is while its losses are somebody else's", async () => {
  const it = session();
  it.now.ownWayDown = false;
  it.now.lost = 0.5;
  await it.after(10_000);
  expect(it.layers().at(-1)).toEqual([0, 3]);
  it.now.ownWayDown = true;
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
