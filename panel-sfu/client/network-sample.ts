import type { NetworkSample, Packets } from './adapt.ts';
import { ofType, pairOf, type StatsRecord } from './rtc-stats.ts';

/** The stream by which mediasoup tries how much goes through; it is no media, and may be lost. */
const PROBES = 'probator';

/** What was counted up to the sample before, by report. */
export interface Tally {
  /** By report of a stream that is sent. */
  readonly sent: ReadonlyMap<string, Told>;
  readonly received: ReadonlyMap<string, Packets & { readonly askedAgain: number }>;
}
/** What the far side said last of a stream. */
interface Told {
  readonly atMs: number;
  /** Packets it had missed by then. */
  readonly lost: number;
  /** Packets that had been sent: media, and padding that nobody misses. */
  readonly sent: number;
  /** Packets of media it looked for in the report that told of it last; null: none did. */
  readonly expected: number | null;
}
export const NOTHING_YET: Tally = { sent: new Map(), received: new Map() };

/** Reports of the transport to send by and of the one to receive by, as a sample of the time since `before`. */
export function sampleOf(
  send: readonly StatsRecord[],
  receive: readonly StatsRecord[],
  before: Tally,
  nowMs: number,
): { readonly sample: NetworkSample; readonly tally: Tally } {
  const sent = sentOf(send, before);
  const received = receivedOf(receive, before);
  return {
    sample: {
      nowMs,
      sent: sent.packets,
      received: received.streams,
      availableSendBitrate: pairOf(send)?.availableOutgoingBitrate ?? null,
      // Simulcast is the camera's; a screen that is short is not made better by fewer layers.
      shortOfBandwidth: ofType(send, 'outbound-rtp').some(
        (r) => r.rid !== undefined && r.active !== false && r.qualityLimitationReason === 'bandwidth',
      ),
    },
    tally: { sent: sent.tally, received: received.tally },
  };
}

/**
 * By the video alone: of a microphone with in-band FEC the SFU reports the loss of whoever receives it worst, so that
 * the encoder protects it for them. Only reports that are new count: of a layer that rests the last one stays. What they sum
 * up to is what was lost, not the share in each: packets that overtake each other are missing in one and there in the next,
 * which the shares do not take back. Of how many it was lost the shares do say, and the browser does not: padding, of which the
 * smallest layer's stream carries ten times as much as pictures, is among the packets that it counts as sent.
 */
function sentOf(reports: readonly StatsRecord[], before: Tally): { packets: Packets; tally: Tally['sent'] } {
  const outbound = new Map(ofType(reports, 'outbound-rtp').map((r) => [r.id, r]));
  const tally = new Map(before.sent);
  const packets = { lost: 0, of: 0 };
  for (const report of ofType(reports, 'remote-inbound-rtp')) {
    const { id, kind, localId = '', timestamp = 0, packetsLost, fractionLost = 0 } = report;
    if (kind !== 'video' || packetsLost === undefined) continue;
    const { packetsSent = 0, retransmittedPacketsSent = 0 } = outbound.get(localId) ?? {};
    const told: Told = {
      atMs: timestamp,
      lost: packetsLost,
      sent: packetsSent - retransmittedPacketsSent,
      expected: null,
    };
    const last = tally.get(id);
    if (last?.atMs === timestamp) continue;
    const lost = told.lost - (last?.lost ?? 0);
    const expected = last && lost > 0 && fractionLost > 0 ? Math.round(lost / fractionLost) : null;
    tally.set(id, { ...told, expected: expected ?? last?.expected ?? null });
    if (!last) continue;
    const sent = Math.max(0, told.sent - last.sent);
    packets.lost += lost;
    packets.of += expected ?? Math.min(sent, last.expected ?? sent);
  }
  return { packets, tally };
}

/**
 * By stream: of those who send, each has a network of their own, whose losses arrive here too. Sound that is sent again comes in the
 * same stream and is taken back from what was lost; how often it was asked for says what the network did. (Pictures come again in a
 * stream of their own.)
 */
function receivedOf(
  reports: readonly StatsRecord[],
  before: Tally,
): { streams: NetworkSample['received']; tally: Tally['received'] } {
  const tally = new Map<string, Packets & { readonly askedAgain: number }>();
  const streams = new Map<string, Packets>();
  for (const record of ofType(reports, 'inbound-rtp')) {
    const { id, kind, mid, packetsLost = 0, packetsReceived = 0, nackCount = 0 } = record;
    if (mid === PROBES) continue;
    const askedAgain = kind === 'audio' ? nackCount : 0;
    const now = { lost: packetsLost, of: packetsLost + packetsReceived, askedAgain };
    tally.set(id, now);
    const last = before.received.get(id);
    if (!last) continue;
    const of = Math.max(0, now.of - last.of);
    const again = Math.min(of, now.askedAgain - last.askedAgain);
    // What came late is taken back from what was lost.
    const lost = now.lost - last.lost;
    streams.set(id, { lost: again > 0 ? Math.max(lost, again) : lost, of });
  }
  return { streams, tally };
}

/** What went over a transport's path so far. */
export interface Path {
  readonly id: string;
  readonly sent: number;
  readonly received: number;
}

export function pathOf(reports: readonly StatsRecord[]): Path | null {
  const pair = pairOf(reports);
  return pair ? { id: pair.id, sent: pair.bytesSent ?? 0, received: pair.bytesReceived ?? 0 } : null;
}

/** So much sent in half a second, bytes, is answered: the SFU reports what it gets ten times a second. */
const ANSWERED = 1000;

/** Since `before` there was nothing but silence in answer to what was sent. */
export const isSilent = (before: Path | null, now: Path | null): boolean =>
  before !== null &&
  now !== null &&
  before.id === now.id &&
  now.sent - before.sent >= ANSWERED &&
  now.received === before.received;
