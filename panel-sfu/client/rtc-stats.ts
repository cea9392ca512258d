/** The fields of RTCStats that are read here; lib.dom has only part of them, and browsers leave some out. */
export interface StatsRecord {
  readonly id: string;
  readonly type: string;
  /** Milliseconds; of a report that the far side sent, of when it came. */
  readonly timestamp?: number;
  readonly kind?: string;
  readonly trackIdentifier?: string;
  readonly ssrc?: number;
  readonly mid?: string;
  /** Of what the far side reports: the stream's own record. */
  readonly localId?: string;
  readonly rid?: string;
  readonly codecId?: string;
  readonly mimeType?: string;
  readonly packetsLost?: number;
  readonly packetsReceived?: number;
  readonly packetsSent?: number;
  readonly retransmittedPacketsSent?: number;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
  readonly fractionLost?: number;
  readonly nackCount?: number;
  /** Seconds. */
  readonly jitter?: number;
  readonly active?: boolean;
  readonly qualityLimitationReason?: string;
  readonly totalSamplesReceived?: number;
  readonly concealedSamples?: number;
  readonly silentConcealedSamples?: number;
  readonly freezeCount?: number;
  readonly frameHeight?: number;
  readonly framesDecoded?: number;
  readonly nominated?: boolean;
  readonly selectedCandidatePairId?: string;
  readonly localCandidateId?: string;
  readonly candidateType?: string;
  readonly relayProtocol?: string;
  /** Seconds. */
  readonly currentRoundTripTime?: number;
  readonly availableOutgoingBitrate?: number;
}

export const ofType = (records: readonly StatsRecord[], type: string): StatsRecord[] =>
  records.filter((r) => r.type === type);

/** The path in use. After a restart of ICE there may be others that were nominated once. */
export function pairOf(records: readonly StatsRecord[]): StatsRecord | null {
  const pairs = ofType(records, 'candidate-pair');
  const selected = ofType(records, 'transport').flatMap((r) => r.selectedCandidatePairId ?? []);
  return pairs.find((r) => selected.includes(r.id)) ?? pairs.find((r) => r.nominated) ?? null;
}
