import { type QualityReport, QualityReport as reportSchema } from '@rostrum/contracts/network-quality';
import { NOTHING_YET, sampleOf } from './network-sample.ts';
import { type Look, type Received, reportOf } from './quality.ts';
import { isOwnWayDown, NOT_REPORTED, nextReport, toldQuality } from './quality-report.ts';
import type { StatsRecord } from './rtc-stats.ts';

const NOBODY: Received = new Map();
const layer = (rid: string, bytesSent: number, more: Partial<StatsRecord> = {}): StatsRecord => ({
  id: `out-${rid}`,
  type: 'outbound-rtp',
  kind: 'video',
  rid,
  packetsSent: bytesSent / 1000,
  bytesSent,
  codecId: 'vp8',
  ...more,
});
const VP8: StatsRecord = { id: 'vp8', type: 'codec', mimeType: 'video/VP8' };
/** What the far side says of a stream: how many packets it has missed so far. */
const told = (localId: string, timestamp: number, packetsLost: number, kind = 'video'): StatsRecord => ({
  id: `told-${localId}`,
  type: 'remote-inbound-rtp',
  timestamp,
  kind,
  localId,
  packetsLost,
  jitter: 0.004,
});
const track = (name: string, lost: number, came: number, more: Partial<StatsRecord> = {}): StatsRecord => ({
  id: `in-${name}`,
  type: 'inbound-rtp',
  kind: 'video',
  trackIdentifier: name,
  packetsLost: lost,
  packetsReceived: came,
  bytesReceived: came * 1000,
  ...more,
});
const from = (people: Readonly<Record<string, readonly string[]>>): Received =>
  new Map(
    Object.entries(people).flatMap(([cname, tracks]) =>
      tracks.map((id) => [`producer-${id}`, { track: { id }, rtpParameters: { rtcp: { cname } } }] as const),
    ),
  );

interface Reading {
  readonly second: number;
  readonly send: readonly StatsRecord[];
  readonly recv: readonly StatsRecord[];
}
const reading = (second: number, send: StatsRecord[], recv: StatsRecord[] = []): Reading => ({
  second,
  send,
  recv,
});
/** Readings that follow each other, each with what was counted since the one before. */
function looksAt(readings: readonly Reading[]): Look[] {
  let tally = NOTHING_YET;
  return readings.map(({ second, send, recv }) => {
    const seen = sampleOf(send, recv, tally, second * 1000);
    tally = seen.tally;
    return { send, recv, sample: seen.sample };
  });
}
function reportBetween(consumers: Received, ...readings: readonly Reading[]): QualityReport {
  const report = reportOf(looksAt(readings), consumers);
  if (!report) throw new Error('no report');
  return report;
}

describe('a report', () => {
  test('of what is sent: the layers that flow, why not all, the bitrate, the codec', () => {
    const limited = { qualityLimitationReason: 'bandwidth' };
    expect(
      reportBetween(
        NOBODY,
        reading(0, [layer('q', 0), layer('h', 0), layer('f', 0), VP8]),
        reading(2, [layer('q', 50_000, limited), layer('h', 100_000, limited), layer('f', 0), VP8]),
      ),
    ).toMatchObject({
      send: { layers: { sent: 2, of: 3 }, limitedBy: 'bandwidth', bitrate: 600_000, codec: 'VP8' },
      relay: null,
    });
  });

  test('what was not there before began from nothing', () => {
    const { send } = reportBetween(NOBODY, reading(0, []), reading(2, [layer('q', 50_000), VP8]));
    expect(send).toMatchObject({ layers: { sent: 1, of: 1 }, bitrate: 200_000, codec: 'VP8' });
  });

  test('a camera that is off is none, and what limited it before is not told', () => {
    const stopped = [layer('q', 10, { qualityLimitationReason: 'bandwidth' }), layer('h', 10), VP8];
    const { send } = reportBetween(NOBODY, reading(0, stopped), reading(2, stopped));
    expect(send).toMatchObject({ layers: null, limitedBy: 'none', codec: null, bitrate: 0 });
  });

  test('layers that are switched off on purpose are not counted', () => {
    const before = reading(0, [layer('q', 0), layer('h', 0), layer('f', 0)]);
    const now = reading(2, [layer('q', 9), layer('h', 9), layer('f', 0, { active: false })]);
    expect(reportBetween(NOBODY, before, now).send.layers).toEqual({ sent: 2, of: 2 });
  });

  test('loss on the way out is of all the packets since the first look, not of the last one alone', () => {
    const { send } = reportBetween(
      NOBODY,
      reading(0, [layer('q', 0), told('out-q', 1, 0)]),
      reading(1, [layer('q', 50_000), told('out-q', 2, 10)]),
      reading(2, [layer('q', 100_000), told('out-q', 3, 10)]),
    );
    expect(send).toMatchObject({ loss: 0.1, jitterMs: 4 });
  });

  test("leaves out the microphone's: the SFU tells of it what the worst of those who hear it loses", () => {
    const mic = (bytesSent: number): StatsRecord => ({ ...layer('mic', bytesSent), kind: 'audio' });
    const { send } = reportBetween(
      NOBODY,
      reading(0, [layer('q', 0), mic(0), told('out-q', 1, 0), told('out-mic', 1, 0, 'audio')]),
      reading(2, [layer('q', 50_000), mic(99_000), told('out-q', 2, 0), told('out-mic', 2, 30, 'audio')]),
    );
    expect(send.loss).toBe(0);
  });

  test('loss on the way here spares nobody: what one person’s tracks lose alone is theirs', () => {
    const people = from({ ada: ['a1', 'a2'], bob: ['b1'] });
    const zero = ['a1', 'a2', 'b1'].map((name) => track(name, 0, 0));
    const lossOf = (a1: number, a2: number, b1: number): number | null =>
      reportBetween(
        people,
        reading(0, [], zero),
        reading(2, [], [track('a1', a1, 100), track('a2', a2, 100), track('b1', b1, 100)]),
      ).receive.loss;
    expect(lossOf(30, 10, 0)).toBe(0);
    expect(lossOf(0, 0, 50)).toBe(0);
    expect(lossOf(25, 25, 25)).toBe(0.2);
  });

  test('sound that was sent again was lost all the same, and what tries the bandwidth is nobody', () => {
    const sound = (came: number, nackCount: number) => track('s', 0, came, { kind: 'audio', nackCount });
    const probes = (came: number) => track('p', 0, came, { mid: 'probator' });
    const { receive } = reportBetween(
      from({ ada: ['s'] }),
      reading(0, [], [sound(0, 0), probes(0)]),
      reading(2, [], [sound(100, 10), probes(100)]),
    );
    expect(receive.loss).toBe(0.1);
  });

  test('too few packets say nothing of loss', () => {
    const { send, receive } = reportBetween(
      from({ ada: ['a1'] }),
      reading(0, [layer('q', 0), told('out-q', 1, 0)], [track('a1', 0, 0)]),
      reading(2, [layer('q', 5000), told('out-q', 2, 1)], [track('a1', 5, 5)]),
    );
    expect([send.loss, receive.loss]).toEqual([null, null]);
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
      track('v', 0, framesDecoded, { framesDecoded, frameHeight, freezeCount });
    const { receive } = reportBetween(
      NOBODY,
      reading(0, [], [sound(0, 0, 0), picture(0, 720, 1)]),
      reading(1, [], [sound(6000, 5000, 15_000), picture(25, 360, 3)]),
    );
    expect(receive).toMatchObject({ concealed: 0.1, freezes: 2, layer: 1 });
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
    expect(reportBetween(NOBODY, reading(0, records), reading(1, records))).toMatchObject({
      relay,
      send: { roundTripMs: 80 },
      receive: { roundTripMs: null },
    });
  });

  test('is one the contract takes, and there is none of a single look', () => {
    const report = reportBetween(NOBODY, reading(0, []), reading(1, []));
    expect(reportSchema.parse(report)).toEqual(report);
    expect(reportOf(looksAt([reading(0, [])]), NOBODY)).toBeNull();
  });
});

describe('what a page reports of itself', () => {
  /** A look each second at a camera of 50 packets a second whose sender is told of such losses. */
  function run(losses: readonly number[]) {
    let lost = 0;
    const looks = looksAt(
      losses.map((loss, second) => {
        lost += 50 * loss;
        return reading(second, [layer('q', second * 50_000), told('out-q', second, lost)]);
      }),
    );
    let reporting = NOT_REPORTED;
    return looks.map((look) => {
      const next = nextReport(reporting, look, NOBODY);
      reporting = next.reporting;
      return { verdict: reporting.verdict, report: next.report };
    });
  }

  test('comes every five seconds, and at once when the word changes', () => {
    const losses = [...Array(12).fill(0), ...Array(6).fill(0.2), ...Array(16).fill(0)];
    const told = run(losses);
    expect(told.map(({ verdict: { word } }) => (word === 'fine' ? '-' : 'u')).join('')).toBe(
      '--------------uuuuuuuuuuuuu-------',
    );
    expect(told.flatMap(({ report }, second) => (report ? second : []))).toEqual([
      1, 6, 11, 14, 17, 22, 27, 32,
    ]);
  });

  test('is of the time since the report before', () => {
    const reports = run([0, 0, 0.02, 0, 0, 0, 0, 0]).flatMap(({ report }) => report ?? []);
    expect(reports.map(({ send }) => send.loss)).toEqual([0, 0.004]);
  });

  test('is the same word, as the same object, until it changes', () => {
    const words = new Set(run(Array(20).fill(0)).map(({ verdict }) => verdict));
    expect(words.size).toBe(1);
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
