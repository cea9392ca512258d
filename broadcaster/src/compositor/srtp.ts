import { RostrumError } from '@rostrum/contracts/errors';

/** Protection of RTP and RTCP on the way from the SFU. */
export interface Protection {
  /** @returns the plain packet; null for one that is not authentic */
  openRtp(packet: Buffer): Buffer | null;
  openRtcp(packet: Buffer): Buffer | null;
  sealRtcp(packet: Buffer): Buffer;
}

/** None: both ends are on one machine. */
export const plain: Protection = {
  openRtp: (packet) => packet,
  openRtcp: (packet) => packet,
  sealRtcp: (packet) => packet,
};

export interface SrtpKey {
  readonly cryptoSuite: string;
  readonly keyBase64: string;
}

/** @returns what opens the SFU's packets and seals ours, and our key for the SFU */
export function protectionFor(remote: SrtpKey | null): { protection: Protection; local: SrtpKey | null } {
  if (!remote) return { protection: plain, local: null };
  throw new RostrumError('media-unsupported', `no SRTP with ${remote.cryptoSuite} yet`);
}
