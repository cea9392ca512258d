import { layerForHeight } from '@rostrum/contracts/camera-layers';
import type { QualityCodec, QualityReport, Relay } from '@rostrum/contracts/network-quality';
import type { NetworkSample, Packets } from './adapt.ts';
import { ofType, pairOf, type StatsRecord } from './rtc-stats.ts';

/** What both transports said at one moment, and what was counted of the network since the moment before. */
export interface Look {
  readonly send: readonly StatsRecord[];
  readonly recv: readonly StatsRecord[];
  readonly sample: NetworkSample;
}

/** Consumers by producer: whose packets they are, and which track they play. */
export type Received = ReadonlyMap<
  string,
  { readonly track: { readonly id: string }; readonly rtpParameters: { readonly rtcp?: { cname?: string } } }
>;

/** A share of fewer packets says nothing. */
const ENOUGH_PACKETS = 20;

/** Of the time from the first look to the last; null: that is none. */
export function reportOf(looks: readonly Look[], consumers: Received): QualityReport | null {
  const [before, ...since] = looks;
  const now = since.at(-1);
  if (!before || !now) return null;
  const seconds = Math.max(1, now.sample.nowMs - before.sample.nowMs) / 1000;
  const grown = growth(before, now);
  const perSecond = (records: readonly StatsRecord[], counter: Counter): number =>
    Math.round(sum(records.map((r) => grown(r, counter))) / seconds);
  const samples = since.map((look) => look.sample);
  const outbound = ofType(now.send, 'outbound-rtp');
  const inbound = ofType(now.recv, 'inbound-rtp');
  const sending = outbound.filter((r) => grown(r, 'bytesSent') > 0);
  const receiving = inbound.filter((r) => grown(r, 'bytesReceived') > 0);
  const told = ofType(now.send, 'remote-inbound-rtp').filter((r) => sending.some((s) => s.id === r.localId));
  const pairs = { send: pairOf(now.send), recv: pairOf(now.recv) };
  const tallest = most(receiving.map((r) => (grown(r, 'framesDecoded') > 0 ? r.frameHeight : null)));
  return {
    send: {
      loss: lossOf(samples.map((s) => s.sent)),
      roundTripMs: inMs(pairs.send?.currentRoundTripTime),
      jitterMs: inMs(most(told.map((r) => r.jitter))),
      bitrate: perSecond(outbound, 'bytesSent') * 8,
      availableBitrate: rounded(pairs.send?.availableOutgoingBitrate),
      layers: layersOf(outbound, sending),
      limitedBy: limitOf(sending),
      codec: codecOf(now.send, sending),
    },
    receive: {
      loss: leastLossOfAPerson(inbound, samples, consumers),
      roundTripMs: inMs(pairs.recv?.currentRoundTripTime),
      jitterMs: inMs(most(receiving.map((r) => r.jitter))),
      bitrate: perSecond(inbound, 'bytesReceived') * 8,
      concealed: concealedOf(receiving, grown),
      freezes: sum(inbound.map((r) => grown(r, 'freezeCount'))),
      layer: tallest === null ? null : layerForHeight(tallest),
      codec: codecOf(now.recv, receiving),
    },
    relay: relayOf(now.send, pairs.send) ?? relayOf(now.recv, pairs.recv),
  };
}

type Counter = {
  [K in keyof StatsRecord]-?: NonNullable<StatsRecord[K]> extends number ? K : never;
}[keyof StatsRecord];
type Grown = (record: StatsRecord, counter: Counter) => number;

/** What a counter gained; what was not there before began from nothing. */
function growth(before: Look, now: Look): Grown {
  const known = (records: readonly StatsRecord[]) => new Map(records.map((r) => [r.id, r]));
  const [send, recv] = [known(before.send), known(before.recv)];
  const sent = new Set(now.send);
  return (record, counter) => {
    const last = (sent.has(record) ? send : recv).get(record.id);
    return Math.max(0, (record[counter] ?? 0) - (last?.[counter] ?? 0));
  };
}

/** null: too few packets to say. */
function lossOf(packets: readonly (Packets | undefined)[]): number | null {
  const of = sum(packets.map((p) => p?.of ?? 0));
  return of >= ENOUGH_PACKETS ? Math.max(0, sum(packets.map((p) => p?.lost ?? 0))) / of : null;
}

/**
 * Loss on the way here spares nobody; what only one person's tracks lose was lost on that person's way to the SFU. So it is the
 * loss of whoever fares best. null: too little came of everybody.
 */
function leastLossOfAPerson(
  inbound: readonly StatsRecord[],
  samples: readonly NetworkSample[],
  consumers: Received,
): number | null {
  const cnames = new Map([...consumers.values()].map((c) => [c.track.id, c.rtpParameters.rtcp?.cname]));
  const people = Map.groupBy(inbound, (r) => cnames.get(r.trackIdentifier ?? '') ?? r.id);
  const losses = [...people.values()].flatMap(
    (records) => lossOf(records.flatMap(({ id }) => samples.map((s) => s.received.get(id)))) ?? [],
  );
  return losses.length > 0 ? Math.min(...losses) : null;
}

/** Of the sound that was played; null: none was. */
function concealedOf(receiving: readonly StatsRecord[], grown: Grown): number | null {
  const sound = receiving.filter((r) => r.kind === 'audio');
  const audible = (counter: Counter): number =>
    sum(sound.map((r) => grown(r, counter) - grown(r, 'silentConcealedSamples')));
  const played = audible('totalSamplesReceived');
  return played > 0 ? Math.max(0, audible('concealedSamples')) / played : null;
}

/** Of the camera: what is sent in layers has a rid. Where none of them sends, it is off. */
function layersOf(
  outbound: readonly StatsRecord[],
  sending: readonly StatsRecord[],
): QualityReport['send']['layers'] {
  const camera = outbound.filter((r) => r.rid !== undefined && r.active !== false);
  const sent = camera.filter((r) => sending.includes(r)).length;
  return sent > 0 ? { sent, of: camera.length } : null;
}

function limitOf(sending: readonly StatsRecord[]): QualityReport['send']['limitedBy'] {
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

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
function most(values: readonly (number | null | undefined)[]): number | null {
  const known = values.flatMap((v) => v ?? []);
  return known.length > 0 ? Math.max(...known) : null;
}
const rounded = (value: number | null | undefined): number | null =>
  value == null ? null : Math.round(value);
const inMs = (seconds: number | null | undefined): number | null =>
  seconds == null ? null : Math.round(seconds * 1000);
