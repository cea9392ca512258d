import type { QualityReport } from '@rostrum/contracts/network-quality';
import {
  NEW_NETWORK,
  type NetworkVerdict,
  nextNetwork,
  QUALITY_REPORT_MS,
  uploadPicture,
  verdictOf,
} from '@rostrum/contracts/network-verdict';
import type { RoomClient } from '@rostrum/room-client/room';
import type { StageStats } from './stage-types.ts';

/** Two samples in a row make it worse; better it has to be for longer. */
const PACE = { riseMs: 2000, fallMs: 8000 } as const;
/** Timers are late now and then: a report is due this much early. */
const EARLY_MS = 500;

export interface QualityWatch {
  /** Takes the next sample; answers the same object until the word changes. */
  take(stats: StageStats, nowMs: number): NetworkVerdict;
}

/** Makes a word of a session's samples, and reports of them: at a steady pace, and at once when the word changes. */
export function watchQuality(report: (report: QualityReport) => void): QualityWatch {
  let network = NEW_NETWORK;
  let verdict = verdictOf(network);
  let since: StageStats[] = [];
  let reportedMs: number | null = null;
  return {
    take(stats, nowMs) {
      since.push(stats);
      network = nextNetwork(
        network,
        {
          uploadLoss: stats.uploadLoss,
          downloadLoss: stats.downloadLoss,
          uploadPicture: uploadPicture(stats.layers, stats.limitedBy),
          // Only the SFU knows what it holds back.
          downloadPicture: 'whole',
          roundTripMs: stats.roundTripMs,
          processorLimited: stats.limitedBy === 'cpu',
        },
        nowMs,
        PACE,
      );
      const next = verdictOf(network);
      const changed = next.word !== verdict.word || next.badly !== verdict.badly;
      if (changed) verdict = next;
      if (changed || reportedMs === null || nowMs - reportedMs >= QUALITY_REPORT_MS - EARLY_MS) {
        reportedMs = nowMs;
        const latest = reportOf(since);
        since = [];
        if (latest) report(latest);
      }
      return verdict;
    },
  };
}

/** The coordinator's word for this person's network; null: it has none. It knows what the SFU sees, and so stands before one's own. */
export function toldQuality(room: Pick<RoomClient, 'getState'>): NetworkVerdict | null {
  const { view, quality } = room.getState();
  return (view && quality[view.self.personId]) ?? null;
}

/**
 * Whether losses of what is received are this person's own. The SFU counts each way by itself, and its word decides; until it is told, what
 * one sender alone has lost may have been lost on their way up.
 *
 * @param senders how many people are received
 */
export function isOwnWayDown(told: NetworkVerdict | null, senders: number): boolean {
  return told === null ? senders > 1 : told.word === 'download-weak' || told.word === 'both-weak';
}

/** Samples that follow each other as one: means of what is measured, sums of what is counted, the rest as it is now. */
export function reportOf(samples: readonly StageStats[]): QualityReport | null {
  const latest = samples.at(-1);
  if (!latest) return null;
  const mean = (value: (s: StageStats) => number | null): number | null => {
    const known = samples.flatMap((s) => value(s) ?? []);
    return known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : null;
  };
  const rounded = (value: (s: StageStats) => number | null): number | null => {
    const of = mean(value);
    return of === null ? null : Math.round(of);
  };
  return {
    send: {
      loss: mean((s) => s.uploadLoss),
      roundTripMs: rounded((s) => s.sendRoundTripMs),
      jitterMs: rounded((s) => s.sendJitterMs),
      bitrate: rounded((s) => s.sendBitrate) ?? 0,
      availableBitrate: rounded((s) => s.availableSendBitrate),
      layers: latest.layers,
      limitedBy: latest.limitedBy,
      codec: latest.sendCodec,
    },
    receive: {
      loss: mean((s) => s.downloadLoss),
      roundTripMs: rounded((s) => s.receiveRoundTripMs),
      jitterMs: rounded((s) => s.receiveJitterMs),
      bitrate: rounded((s) => s.receiveBitrate) ?? 0,
      concealed: mean((s) => s.concealed),
      freezes: samples.reduce((n, s) => n + s.freezes, 0),
      layer: latest.receiveLayer,
      codec: latest.receiveCodec,
    },
    relay: latest.relay,
  };
}
