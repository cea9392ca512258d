import { QualityReport } from '@rostrum/contracts/network-quality';
import { type Reading, type Received, statsBetween } from './quality.ts';
import { isOwnWayDown, reportOf, toldQuality, watchQuality } from './quality-report.ts';
import type { StatsRecord } from './rtc-stats.ts';
import type { StageStats } from './stage-types.ts';

const NOBODY: Received = new Map();
const layer = (rid: string, bytesSent: number, more: Partial<StatsRecord> = {}): StatsRecord => ({
  id: `out-${rid}`,
  type: 'outbound-rtp',
  kind: 'video',
  rid,
  ssrc: rid.charCodeAt(0),
  packetsSent: bytesSent / 1000,
  bytesSent,
  codecId: 'vp8',
  ...more,
});
const VP8: StatsRecord = { id: 'vp8', type: 'codec', mimeType: 'video/VP8' };
const reading = (second: number, send: StatsRecord[], recv: StatsRecord[] = []): Reading => ({
  atMs: second * 1000,
  send,
  recv,
});
const track = (name: string, lost: number, came: number, more: Partial<StatsRecord> = {}): StatsRecord => ({
  id: `in-${name}`,
  type: 'inbound-rtp',
  kind: 'video',
  trackIdentifier: name,
  packetsLost: lost,
  packetsReceived: came,
  ...more,
});
const from = (people: Readonly<Record<string, readonly string[]>>): Received =>
  new Map(
    Object.entries(people).flatMap(([cname, tracks]) =>
      tracks.map((id) => [`producer-${id}`, { track: { id }, rtpParameters: { rtcp: { cname } } }] as const),
    ),
  );

describe('what a sample says', () => {
  test('of what is sent: the layers that flow, why not all, the bitrate, the codec', () => {
    const before = reading(0, [layer('q', 0), layer('h', 0), layer('f', 0), VP8]);
    const limited = { qualityLimitationReason: 'bandwidth' };
    const now = reading(2, [layer('q', 50_000, limited), layer('h', 100_000, limited), layer('f', 0), VP8]);
    expect(statsBetween(before, now, NOBODY)).toMatchObject({
      layers: { sent: 2, of: 3 },
      limitedBy: 'bandwidth',
      sendBitrate: 600_000,
      sendCodec: 'VP8',
      relay: null,
    });
  });

  test('what was not there before began from nothing', () => {
    const first = statsBetween(reading(0, []), reading(2, [layer('q', 50_000), VP8]), NOBODY);
    expect(first).toMatchObject({ layers: { sent: 1, of: 1 }, sendBitrate: 200_000, sendCodec: 'VP8' });
  });

  test('a camera that is off is none, and what limited it before is not told', () => {
    const stopped = [layer('q', 10, { qualityLimitationReason: 'bandwidth' }), layer('h', 10), VP8];
    const stats = statsBetween(reading(0, stopped), reading(2, stopped), NOBODY);
    expect(stats).toMatchObject({ layers: null, limitedBy: 'none', sendCodec: null, sendBitrate: 0 });
  });

  test('layers that are switched off on purpose are not counted', () => {
    const before = reading(0, [layer('q', 0), layer('h', 0), layer('f', 0)]);
    const now = reading(2, [layer('q', 9), layer('h', 9), layer('f', 0, { active: false })]);
    expect(statsBetween(before, now, NOBODY).layers).toEqual({ sent: 2, of: 2 });
  });

  test('loss on the way out counts where enough was sent to say', () => {
    const told = (ssrc: number, fractionLost: number): StatsRecord => ({
      id: `told-${ssrc}`,
      type: 'remote-inbound-rtp',
      ssrc,
      fractionLost,
      jitter: 0.004,
    });
    const q = 'q'.charCodeAt(0);
    const h = 'h'.charCodeAt(0);
    const before = reading(0, [layer('q', 0), layer('h', 0)]);
    const now = reading(2, [layer('q', 50_000), layer('h', 5000), told(q, 0.06), told(h, 0.5)]);
    expect(statsBetween(before, now, NOBODY)).toMatchObject({ uploadLoss: 0.06, sendJitterMs: 4 });
  });

  test('loss on the way here spares nobody: what one person’s tracks lose alone is theirs', () => {
    const people = from({ ada: ['a1', 'a2'], bob: ['b1'] });
    const zero = ['a1', 'a2', 'b1'].map((name) => track(name, 0, 0));
    const lossOf = (a1: number, a2: number, b1: number): StageStats =>
      statsBetween(
        reading(0, [], zero),
        reading(2, [], [track('a1', a1, 100), track('a2', a2, 100), track('b1', b1, 100)]),
        people,
      );
    expect(lossOf(30, 10, 0)).toMatchObject({ downloadLoss: 0 });
    expect(lossOf(30, 10, 0).receiveLoss).toBeGreaterThan(0.1);
    expect(lossOf(0, 0, 50).downloadLoss).toBe(0);
    expect(lossOf(25, 25, 25).downloadLoss).toBe(0.2);
  });

  test('too few packets say nothing of loss', () => {
    const stats = statsBetween(
      reading(0, [], [track('a1', 0, 0)]),
      reading(2, [], [track('a1', 5, 5)]),
      from({ ada: ['a1'] }),
    );
    expect(stats.downloadLoss).toBeNull();
  });

  test('sound that was made up, silence aside; freezes; the layer of the largest picture', () => {
    const sound = (concealed: number, silent: number, samples: number): StatsRecord =>
      track('s', 0, samples / 100, {
        kind: 'audio',
        concealedSamples: concealed,
        silentConcealedSamples: silent,
        totalSamplesReceived: samples,
      });
    const picture = (framesDecoded: number, frameHeight: number, freezeCount: number): StatsRecord =>
      track('v', 0, 0, { framesDecoded, frameHeight, freezeCount });
    const stats = statsBetween(
      reading(0, [], [sound(0, 0, 0), picture(0, 720, 1)]),
      reading(1, [], [sound(6000, 5000, 15_000), picture(25, 360, 3)]),
      NOBODY,
    );
    expect(stats).toMatchObject({ concealed: 0.1, freezes: 2, receiveLayer: 1 });
  });

  test.each([
    ['udp', 'relay', 'udp'],
    ['tls', 'relay', 'tls'],
    [null, 'srflx', undefined],
    [null, 'host', undefined],
  ] as const)('whether it is relayed: %s for %s', (relay, candidateType, relayProtocol) => {
    const records: StatsRecord[] = [
      { id: 't', type: 'transport', selectedCandidatePairId: 'p2' },
      { id: 'p1', type: 'candidate-pair', nominated: true, localCandidateId: 'old' },
      { id: 'p2', type: 'candidate-pair', localCandidateId: 'l', currentRoundTripTime: 0.08 },
      { id: 'old', type: 'local-candidate', candidateType: 'relay', relayProtocol: 'tcp' },
      { id: 'l', type: 'local-candidate', candidateType, ...(relayProtocol ? { relayProtocol } : {}) },
    ];
    const now = reading(0, records);
    expect(statsBetween(now, now, NOBODY)).toMatchObject({ relay, sendRoundTripMs: 80, roundTripMs: 80 });
  });
});

const FINE = statsBetween(reading(0, []), reading(1, []), NOBODY);

describe('what a page reports of itself', () => {
  test('is a report the contract takes', () => {
    expect(QualityReport.safeParse(reportOf([FINE])).success).toBe(true);
    expect(reportOf([])).toBeNull();
  });

  test('sums up the samples since the report before', () => {
    const report = reportOf([
      { ...FINE, uploadLoss: 0.1, freezes: 2, sendRoundTripMs: 20 },
      { ...FINE, uploadLoss: null, freezes: 1, sendRoundTripMs: 41 },
      { ...FINE, uploadLoss: 0.2, freezes: 0, sendRoundTripMs: null, relay: 'tcp' },
    ]);
    expect(report?.send.loss).toBeCloseTo(0.15);
    expect(report).toMatchObject({ send: { roundTripMs: 31 }, receive: { freezes: 3 }, relay: 'tcp' });
  });

  test('comes every five seconds, and at once when the word changes', () => {
    const sentAt: number[] = [];
    let nowMs = 0;
    const watch = watchQuality(() => sentAt.push(nowMs / 1000));
    const words: string[] = [];
    const losses = [0, 0, 0, 0, 0.2, 0.2, 0, 0, 0, 0, 0, 0];
    for (const uploadLoss of losses) {
      words.push(watch.take({ ...FINE, uploadLoss }, nowMs).word);
      nowMs += 2500;
    }
    expect(words.map((w) => (w === 'fine' ? '-' : 'u')).join('')).toBe('-----uuuuu--');
    expect(sentAt).toEqual([0, 5, 10, 12.5, 17.5, 22.5, 25]);
  });

  test('is the same word, as the same object, until it changes', () => {
    const watch = watchQuality(() => undefined);
    const first = watch.take(FINE, 0);
    expect(watch.take(FINE, 2500)).toBe(first);
  });
});

test('the coordinator’s word for oneself is found among all it tells the crew', () => {
  const view = { self: { personId: 'bo-1' } };
  const quality = { 'ada-1': { word: 'fine' }, 'bo-1': { word: 'upload-weak' } };
  const told = (state: object): unknown => toldQuality({ getState: () => state as never });
  expect(told({ view, quality })).toBe(quality['bo-1']);
  expect(told({ view, quality: {} })).toBeNull();
  expect(told({ view: null, quality })).toBeNull();
});

test('what is missing is of the own way down by the word of the SFU, or where it is missing of more than one sender', () => {
  const told = (word: 'fine' | 'upload-weak' | 'download-weak' | 'both-weak') => ({ word, badly: false });
  expect([isOwnWayDown(null, 1), isOwnWayDown(null, 2)]).toEqual([false, true]);
  expect([isOwnWayDown(told('fine'), 5), isOwnWayDown(told('upload-weak'), 5)]).toEqual([false, false]);
  expect([isOwnWayDown(told('download-weak'), 1), isOwnWayDown(told('both-weak'), 1)]).toEqual([true, true]);
});
