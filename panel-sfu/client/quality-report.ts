import type { QualityReport } from '@rostrum/contracts/network-quality';
import {
  NEW_NETWORK,
  type NetworkState,
  type NetworkVerdict,
  nextNetwork,
  QUALITY_REPORT_MS,
  uploadPicture,
  verdictOf,
} from '@rostrum/contracts/network-verdict';
import type { RoomClient } from '@rostrum/room-client/room';
import { type Look, type Received, reportOf } from './quality.ts';

/** Worse it has to be for some looks in a row; better it has to be for longer. */
const PACE = { riseMs: 1500, fallMs: 8000 } as const;
/** So many looks make the word: the time between two of them has too few packets. */
const OF_A_WORD = 3;
/** Timers are late now and then: a report is due this much early. */
const EARLY_MS = 500;

/** A session's word for its network, and what its next report is made of. */
export interface Reporting {
  readonly verdict: NetworkVerdict;
  readonly network: NetworkState;
  readonly looks: readonly Look[];
  readonly reportedMs: number;
}

export const NOT_REPORTED: Reporting = {
  verdict: verdictOf(NEW_NETWORK),
  network: NEW_NETWORK,
  looks: [],
  reportedMs: Number.NEGATIVE_INFINITY,
};

/**
 * With the next look: the word, which stays the same object until it changes, and a report where one is due: at a steady pace, and
 * at once when the word changes.
 */
export function nextReport(
  before: Reporting,
  look: Look,
  consumers: Received,
): { readonly reporting: Reporting; readonly report: QualityReport | null } {
  const { nowMs } = look.sample;
  const looks = [...before.looks, look];
  const latest = reportOf(looks.slice(-OF_A_WORD), consumers);
  if (latest === null) return { reporting: { ...before, looks }, report: null };
  const { send, receive } = latest;
  const network = nextNetwork(
    before.network,
    {
      uploadLoss: send.loss,
      downloadLoss: receive.loss,
      uploadPicture: uploadPicture(send.layers, send.limitedBy),
      // Only the SFU knows what it holds back.
      downloadPicture: 'whole',
      roundTripMs: Math.max(send.roundTripMs ?? 0, receive.roundTripMs ?? 0),
      processorLimited: send.limitedBy === 'cpu',
    },
    nowMs,
    PACE,
  );
  const next = verdictOf(network);
  const changed = next.word !== before.verdict.word || next.badly !== before.verdict.badly;
  const reporting = { ...before, network, looks, verdict: changed ? next : before.verdict };
  if (!changed && nowMs - before.reportedMs < QUALITY_REPORT_MS - EARLY_MS)
    return { reporting, report: null };
  return {
    reporting: { ...reporting, looks: looks.slice(1 - OF_A_WORD), reportedMs: nowMs },
    report: reportOf(
      looks.filter(({ sample }) => sample.nowMs >= before.reportedMs),
      consumers,
    ),
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
