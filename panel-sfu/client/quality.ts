import type { types } from 'mediasoup-client';
import type { StageState, StageStats } from './stage-types.ts';

/** Counters at one moment, from which the next sample takes differences. */
interface Counters {
  readonly atMs: number;
  readonly lost: number;
  readonly received: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

export interface Sampler {
  sample(consumers: ReadonlyMap<string, types.Consumer>): Promise<StageStats>;
}

/** Loss and round trip at which a talk begins to suffer, and at which it is hard to follow. */
const FAIR = { loss: 0.03, roundTripMs: 250 } as const;
const POOR = { loss: 0.1, roundTripMs: 500 } as const;

export function qualityOf(stats: StageStats): NonNullable<StageState['quality']> {
  const loss = Math.max(stats.sendLoss, stats.receiveLoss);
  const roundTripMs = stats.roundTripMs ?? 0;
  if (loss >= POOR.loss || roundTripMs >= POOR.roundTripMs) return 'poor';
  if (loss >= FAIR.loss || roundTripMs >= FAIR.roundTripMs) return 'fair';
  return 'good';
}

// The fields of RTCStats that are read here; lib.dom has only part of them.
interface Report {
  readonly type: string;
  readonly trackIdentifier?: string;
  readonly packetsLost?: number;
  readonly packetsReceived?: number;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
  readonly fractionLost?: number;
  readonly nominated?: boolean;
  readonly currentRoundTripTime?: number;
  readonly availableOutgoingBitrate?: number;
  readonly framesDecoded?: number;
}

/** Reads a session's two transports; each sample covers the time since the one before. */
export function createSampler(transports: readonly types.Transport[]): Sampler {
  let before: Counters | null = null;
  return {
    async sample(consumers) {
      const reports = (await Promise.all(transports.map((t) => t.getStats()))).flatMap(
        (stats) => [...stats.values()] as Report[],
      );
      const of = (type: string): Report[] => reports.filter((r) => r.type === type);
      const sum = (list: Report[], value: (r: Report) => number | undefined): number =>
        list.reduce((total, r) => total + (value(r) ?? 0), 0);
      const inbound = of('inbound-rtp');
      const pairs = of('candidate-pair').filter((r) => r.nominated);
      const now: Counters = {
        atMs: performance.now(),
        lost: sum(inbound, (r) => r.packetsLost),
        received: sum(inbound, (r) => r.packetsReceived),
        bytesSent: sum(of('outbound-rtp'), (r) => r.bytesSent),
        bytesReceived: sum(inbound, (r) => r.bytesReceived),
      };
      const last = before ?? { ...now, atMs: now.atMs - 1 };
      before = now;
      const lost = Math.max(0, now.lost - last.lost);
      const expected = lost + Math.max(0, now.received - last.received);
      const seconds = Math.max(0.001, (now.atMs - last.atMs) / 1000);
      const trips = pairs.flatMap((r) => r.currentRoundTripTime ?? []);
      const byTrack = new Map(inbound.map((r) => [r.trackIdentifier, r.framesDecoded ?? 0]));
      return {
        roundTripMs: trips.length > 0 ? Math.max(...trips) * 1000 : null,
        sendLoss: Math.max(0, ...of('remote-inbound-rtp').map((r) => r.fractionLost ?? 0)),
        receiveLoss: expected > 0 ? lost / expected : 0,
        sendBitrate: (Math.max(0, now.bytesSent - last.bytesSent) * 8) / seconds,
        receiveBitrate: (Math.max(0, now.bytesReceived - last.bytesReceived) * 8) / seconds,
        availableSendBitrate: pairs.find((r) => r.availableOutgoingBitrate)?.availableOutgoingBitrate ?? null,
        framesDecoded: Object.fromEntries(
          [...consumers].map(([producerId, c]) => [producerId, byTrack.get(c.track.id) ?? 0]),
        ),
      };
    },
  };
}
