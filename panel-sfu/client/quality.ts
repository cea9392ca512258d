import { layerForHeight } from '@rostrum/contracts/camera-layers';
import type { QualityCodec, Relay } from '@rostrum/contracts/network-quality';
import type { types } from 'mediasoup-client';
import { ofType, pairOf, type StatsRecord } from './rtc-stats.ts';
import type { StageStats } from './stage-types.ts';

type Direction = 'send' | 'recv';

/** What both transports said at one moment. */
export interface Reading {
  readonly atMs: number;
  readonly send: readonly StatsRecord[];
  readonly recv: readonly StatsRecord[];
}

/** Consumers by producer: whose packets they are, and which track they play. */
export type Received = ReadonlyMap<
  string,
  { readonly track: { readonly id: string }; readonly rtpParameters: { readonly rtcp?: { cname?: string } } }
>;

export interface Sampler {
  sample(consumers: Received): Promise<StageStats>;
}

/** A share of fewer packets says nothing: a muted microphone sends two or three a second. */
const ENOUGH_PACKETS = 20;

/** Reads a session's two new transports; each sample covers the time since the one before, the first all of it. */
export function createSampler(
  transports: readonly Pick<types.Transport, 'direction' | 'getStats'>[],
): Sampler {
  let before: Reading = { atMs: performance.now(), send: [], recv: [] };
  const read = async (direction: Direction): Promise<StatsRecord[]> => {
    const of = transports.filter((t) => t.direction === direction);
    const reports = await Promise.all(of.map((t) => t.getStats()));
    return reports.flatMap((stats) => [...stats.values()] as StatsRecord[]);
  };
  return {
    async sample(consumers) {
      const [send, recv] = await Promise.all([read('send'), read('recv')]);
      const now: Reading = { atMs: performance.now(), send, recv };
      const last = before;
      before = now;
      return statsBetween(last, now, consumers);
    },
  };
}

export function statsBetween(before: Reading, now: Reading, consumers: Received): StageStats {
  const seconds = Math.max(0.001, (now.atMs - before.atMs) / 1000);
  const grown = growth(before, now);
  const outbound = ofType(now.send, 'outbound-rtp');
  const inbound = ofType(now.recv, 'inbound-rtp');
  const pairs = { send: pairOf(now.send), recv: pairOf(now.recv) };
  const trips = {
    send: roundTripMs(pairs.send),
    recv: roundTripMs(pairs.recv),
  };
  const lost = sum(inbound, (r) => grown(r, 'packetsLost'));
  const came = sum(inbound, (r) => grown(r, 'packetsReceived'));
  const sound = inbound.filter((r) => r.kind === 'audio');
  const played = sum(sound, (r) => grown(r, 'totalSamplesReceived') - grown(r, 'silentConcealedSamples'));
  const madeUp = sum(sound, (r) => grown(r, 'concealedSamples') - grown(r, 'silentConcealedSamples'));
  const heard = ofType(now.send, 'remote-inbound-rtp').filter(
    (remote) =>
      sum(
        outbound.filter((r) => r.ssrc === remote.ssrc),
        (r) => grown(r, 'packetsSent'),
      ) >= ENOUGH_PACKETS,
  );
  const pictures = inbound.filter((r) => r.kind === 'video' && grown(r, 'framesDecoded') > 0);
  const tallest = most(pictures.map((r) => r.frameHeight));
  const byTrack = new Map(inbound.map((r) => [r.trackIdentifier, r.framesDecoded ?? 0]));
  return {
    roundTripMs: most([trips.send, trips.recv]),
    sendRoundTripMs: trips.send,
    receiveRoundTripMs: trips.recv,
    sendLoss: most(ofType(now.send, 'remote-inbound-rtp').map((r) => r.fractionLost)) ?? 0,
    uploadLoss: most(heard.map((r) => r.fractionLost)),
    receiveLoss: lost + came > 0 ? lost / (lost + came) : 0,
    downloadLoss: leastLossOfAPerson(inbound, consumers, grown),
    sendJitterMs: inMs(most(heard.map((r) => r.jitter))),
    receiveJitterMs: inMs(most(inbound.filter((r) => grown(r, 'packetsReceived') > 0).map((r) => r.jitter))),
    sendBitrate: (sum(outbound, (r) => grown(r, 'bytesSent')) * 8) / seconds,
    receiveBitrate: (sum(inbound, (r) => grown(r, 'bytesReceived')) * 8) / seconds,
    availableSendBitrate: pairs.send?.availableOutgoingBitrate ?? null,
    layers: layersOf(outbound, grown),
    limitedBy: limitOf(outbound.filter((r) => grown(r, 'bytesSent') > 0)),
    concealed: played > 0 ? Math.max(0, madeUp) / played : null,
    freezes: sum(inbound, (r) => grown(r, 'freezeCount')),
    receiveLayer: tallest === null ? null : layerForHeight(tallest),
    sendCodec: codecOf(
      now.send,
      outbound.filter((r) => grown(r, 'bytesSent') > 0),
    ),
    receiveCodec: codecOf(
      now.recv,
      inbound.filter((r) => grown(r, 'bytesReceived') > 0),
    ),
    relay: relayOf(now.send, pairs.send) ?? relayOf(now.recv, pairs.recv),
    framesDecoded: Object.fromEntries(
      [...consumers].map(([producerId, c]) => [producerId, byTrack.get(c.track.id) ?? 0]),
    ),
  };
}

type Counter = {
  [K in keyof StatsRecord]-?: NonNullable<StatsRecord[K]> extends number ? K : never;
}[keyof StatsRecord];
type Grown = (record: StatsRecord, counter: Counter) => number;

/** What a counter gained; what was not there before began from nothing. */
function growth(before: Reading, now: Reading): Grown {
  const known = (records: readonly StatsRecord[]) => new Map(records.map((r) => [r.id, r]));
  const [send, recv] = [known(before.send), known(before.recv)];
  const sent = new Set(now.send);
  return (record, counter) => {
    const last = (sent.has(record) ? send : recv).get(record.id);
    return Math.max(0, (record[counter] ?? 0) - (last?.[counter] ?? 0));
  };
}

/**
 * Loss on the way here spares nobody; what only one person's tracks lose was lost on that person's way to the SFU. So it is the
 * loss of whoever fares best. null: too little came of everybody.
 */
function leastLossOfAPerson(
  inbound: readonly StatsRecord[],
  consumers: Received,
  grown: Grown,
): number | null {
  const cnames = new Map([...consumers.values()].map((c) => [c.track.id, c.rtpParameters.rtcp?.cname]));
  const people = new Map<string, { lost: number; came: number }>();
  for (const record of inbound) {
    const person = cnames.get(record.trackIdentifier ?? '') ?? record.id;
    const { lost, came } = people.get(person) ?? { lost: 0, came: 0 };
    people.set(person, {
      lost: lost + grown(record, 'packetsLost'),
      came: came + grown(record, 'packetsReceived'),
    });
  }
  const losses = [...people.values()].flatMap(({ lost, came }) =>
    lost + came >= ENOUGH_PACKETS ? lost / (lost + came) : [],
  );
  return losses.length > 0 ? Math.min(...losses) : null;
}

/** Of the camera: what is sent in layers has a rid. Where none of them sends, it is off. */
function layersOf(outbound: readonly StatsRecord[], grown: Grown): StageStats['layers'] {
  const camera = outbound.filter((r) => r.rid !== undefined && r.active !== false);
  const sent = camera.filter((r) => grown(r, 'bytesSent') > 0).length;
  return sent > 0 ? { sent, of: camera.length } : null;
}

function limitOf(sending: readonly StatsRecord[]): StageStats['limitedBy'] {
  const reasons = new Set(sending.map((r) => r.qualityLimitationReason ?? 'none'));
  if (reasons.has('cpu')) return 'cpu';
  if (reasons.has('bandwidth')) return 'bandwidth';
  return reasons.has('other') ? 'other' : 'none';
}

const CODECS: Readonly<Partial<Record<string, QualityCodec>>> = {
  'video/vp8': 'VP8',
  'video/vp9': 'VP9',
  'video/h264': 'H264',
  'video/av1': 'AV1',
  'audio/opus': 'OPUS',
};

/** Of the picture, where there is one. */
function codecOf(all: readonly StatsRecord[], flowing: readonly StatsRecord[]): QualityCodec | null {
  const one = flowing.find((r) => r.kind === 'video') ?? flowing[0];
  const mimeType = all.find((r) => r.type === 'codec' && r.id === one?.codecId)?.mimeType;
  return CODECS[mimeType?.toLowerCase() ?? ''] ?? null;
}

function relayOf(records: readonly StatsRecord[], pair: StatsRecord | null): Relay {
  const local = records.find((r) => r.id === pair?.localCandidateId);
  if (local?.candidateType !== 'relay') return null;
  return local.relayProtocol === 'tcp' || local.relayProtocol === 'tls' ? local.relayProtocol : 'udp';
}

const sum = (records: readonly StatsRecord[], value: (r: StatsRecord) => number): number =>
  records.reduce((total, r) => total + value(r), 0);
function most(values: readonly (number | null | undefined)[]): number | null {
  const known = values.flatMap((v) => v ?? []);
  return known.length > 0 ? Math.max(...known) : null;
}
const inMs = (seconds: number | null): number | null => (seconds === null ? null : seconds * 1000);
const roundTripMs = (pair: StatsRecord | null): number | null => inMs(pair?.currentRoundTripTime ?? null);
