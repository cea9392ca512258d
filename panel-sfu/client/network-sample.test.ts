import { isSilent, NOTHING_YET, pathOf, sampleOf } from './network-sample.ts';
import type { StatsRecord } from './rtc-stats.ts';

const sent = (id: string, packetsSent: number, more: Partial<StatsRecord> = {}): StatsRecord => ({
  id,
  type: 'outbound-rtp',
  timestamp: 0,
  kind: 'video',
  packetsSent,
  ...more,
});
/** What the far side says of a stream, at a time. */
const told = (localId: string, timestamp: number, packetsLost: number, kind = 'video'): StatsRecord => ({
  id: `told-${localId}`,
  type: 'remote-inbound-rtp',
  timestamp,
  kind,
  localId,
  packetsLost,
});
const got = (id: string, packetsReceived: number, packetsLost: number): StatsRecord => ({
  id,
  type: 'inbound-rtp',
  timestamp: 0,
  packetsReceived,
  packetsLost,
});

describe('a sample of the network', () => {
  test('counts what was sent and lost of each layer since it was told of last', () => {
    const first = sampleOf(
      [sent('low', 100), sent('top', 1000), told('low', 1, 50), told('top', 1, 0)],
      [],
      NOTHING_YET,
      1000,
    );
    expect(first.sample.sent).toEqual({ lost: 0, of: 0 });
    const reports = [sent('low', 120), sent('top', 1180), told('low', 2, 55), told('top', 2, 18)];
    const second = sampleOf(reports, [], first.tally, 2000);
    expect(second.sample.sent).toEqual({ lost: 5 + 18, of: 200 });
    // Nothing new: a layer that rests keeps its last report, and it says nothing any more.
    expect(sampleOf(reports, [], second.tally, 3000).sample.sent).toEqual({ lost: 0, of: 0 });
  });

  test('takes back what came later than others that were sent after it', () => {
    const at = (timestamp: number, packets: number, lost: number): StatsRecord[] => [
      sent('low', packets),
      told('low', timestamp, lost),
    ];
    const first = sampleOf(at(1, 100, 3), [], NOTHING_YET, 1000);
    const second = sampleOf(at(2, 200, 9), [], first.tally, 2000);
    const third = sampleOf(at(3, 300, 2), [], second.tally, 3000);
    expect([second.sample.sent, third.sample.sent]).toEqual([
      { lost: 6, of: 100 },
      { lost: -7, of: 100 },
    ]);
  });

  test('counts no padding among the packets that could be lost: of how many it was is what the share says', () => {
    const at = (timestamp: number, packets: number, lost: number, fractionLost: number): StatsRecord[] => [
      sent('low', packets, { retransmittedPacketsSent: packets / 10 }),
      { ...told('low', timestamp, lost), fractionLost },
    ];
    const first = sampleOf(at(1, 100, 0, 0), [], NOTHING_YET, 1000);
    const second = sampleOf(at(2, 1100, 3, 0.1), [], first.tally, 2000);
    // Nothing was lost of as many as before, whatever padding there was.
    const third = sampleOf(at(3, 1600, 3, 0), [], second.tally, 3000);
    // It rests.
    const fourth = sampleOf(at(4, 1610, 3, 0), [], third.tally, 4000);
    expect([second, third, fourth].map(({ sample }) => sample.sent)).toEqual([
      { lost: 3, of: 30 },
      { lost: 0, of: 30 },
      { lost: 0, of: 9 },
    ]);
  });

  test("leaves out the microphone's: it may be the loss of somebody who receives it", () => {
    const mic = (packets: number, at: number): StatsRecord[] => [
      sent('mic', packets, { kind: 'audio' }),
      told('mic', at, packets * 0.4, 'audio'),
    ];
    const first = sampleOf(mic(50, 1), [], NOTHING_YET, 1000);
    expect(sampleOf(mic(100, 2), [], first.tally, 2000).sample.sent).toEqual({ lost: 0, of: 0 });
  });

  test('counts what was received and lost of each stream since, also when streams come and go', () => {
    const first = sampleOf([], [got('a', 100, 10), got('b', 500, 0)], NOTHING_YET, 1000);
    expect([...first.sample.received]).toEqual([]);
    const second = sampleOf([], [got('a', 180, 30), got('c', 7, 3)], first.tally, 2000);
    expect([...second.sample.received]).toEqual([['a', { lost: 20, of: 100 }]]);
    const late = sampleOf([], [got('a', 185, 25), got('c', 7, 3)], second.tally, 3000);
    expect([...late.sample.received]).toEqual([
      ['a', { lost: -5, of: 0 }],
      ['c', { lost: 0, of: 0 }],
    ]);
  });

  test('counts sound that was asked for again as lost, though it came', () => {
    const sound = (received: number, lost: number, nackCount: number): StatsRecord => ({
      ...got('s', received, lost),
      kind: 'audio',
      nackCount,
    });
    const first = sampleOf([], [sound(100, 0, 0)], NOTHING_YET, 1000);
    const second = sampleOf([], [sound(147, 3, 13)], first.tally, 2000);
    expect([...second.sample.received]).toEqual([['s', { lost: 13, of: 50 }]]);
    expect([...sampleOf([], [sound(197, 3, 13)], second.tally, 3000).sample.received]).toEqual([
      ['s', { lost: 0, of: 50 }],
    ]);
  });

  test('leaves out what mediasoup sends to try how much goes through', () => {
    const probes = (packets: number): StatsRecord => ({ ...got('p', packets, packets), mid: 'probator' });
    const first = sampleOf([], [probes(10)], NOTHING_YET, 1000);
    expect([...sampleOf([], [probes(99)], first.tally, 2000).sample.received]).toEqual([]);
  });

  test('says that the camera is short of bandwidth, not that a screen is, nor a layer that rests', () => {
    const short = (more: Partial<StatsRecord>): boolean =>
      sampleOf([sent('x', 1, { qualityLimitationReason: 'bandwidth', ...more })], [], NOTHING_YET, 0).sample
        .shortOfBandwidth;
    expect([short({ rid: 'r2' }), short({}), short({ rid: 'r2', active: false })]).toEqual([
      true,
      false,
      false,
    ]);
    expect(short({ rid: 'r2', qualityLimitationReason: 'cpu' })).toBe(false);
  });

  test('takes the bandwidth from the path in use', () => {
    const pair = (id: string, nominated: boolean, availableOutgoingBitrate: number): StatsRecord => ({
      id,
      type: 'candidate-pair',
      timestamp: 0,
      nominated,
      availableOutgoingBitrate,
    });
    const { sample } = sampleOf([pair('a', false, 1), pair('b', true, 900_000)], [], NOTHING_YET, 5);
    expect([sample.availableSendBitrate, sample.nowMs]).toEqual([900_000, 5]);
    expect(sampleOf([], [], NOTHING_YET, 5).sample.availableSendBitrate).toBe(null);
  });

  test('knows silence: much is sent over the same path, and nothing comes back', () => {
    const path = (id: string, bytesSent: number, bytesReceived: number) =>
      pathOf([
        { id: 'old', type: 'candidate-pair', timestamp: 0, nominated: false, bytesSent: 9 },
        { id, type: 'candidate-pair', timestamp: 0, nominated: true, bytesSent, bytesReceived },
      ]);
    expect(isSilent(path('a', 0, 500), path('a', 5000, 500))).toBe(true);
    expect(isSilent(path('a', 0, 500), path('a', 5000, 501))).toBe(false);
    expect(isSilent(path('a', 0, 500), path('a', 90, 500))).toBe(false);
    expect(isSilent(path('a', 0, 0), path('b', 5000, 0))).toBe(false);
    expect([isSilent(null, path('a', 5000, 0)), pathOf([])]).toEqual([false, null]);
  });
});
