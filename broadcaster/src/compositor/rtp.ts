/** The few fields of RTP (RFC 3550), its retransmission format (RFC 4588) and RTCP that are needed before GStreamer. */

export interface RtpHeader {
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly ssrc: number;
  /** Bytes before the payload: fixed header, CSRCs and extension. */
  readonly headerLength: number;
}

/** @returns null for what is no RTP packet of version 2, or is RTCP (payload types 64-95 on a shared port, RFC 5761) */
export function parseRtp(packet: Buffer): RtpHeader | null {
  if (packet.length < 12) return null;
  const first = packet.readUInt8(0);
  if (first >> 6 !== 2) return null;
  let headerLength = 12 + 4 * (first & 0x0f);
  if (first & 0x10) {
    if (packet.length < headerLength + 4) return null;
    headerLength += 4 + 4 * packet.readUInt16BE(headerLength + 2);
  }
  if (packet.length < headerLength) return null;
  return {
    payloadType: packet.readUInt8(1) & 0x7f,
    sequenceNumber: packet.readUInt16BE(2),
    ssrc: packet.readUInt32BE(8),
    headerLength,
  };
}

/** Whether a packet is the last one of its picture: the marker. */
export const isLast = (packet: Buffer): boolean => (packet.readUInt8(1) & 0x80) !== 0;

/** What an RTP packet carries, without its padding. @returns null for one whose padding is longer than what it has */
export function payloadOf(packet: Buffer): Buffer | null {
  const header = parseRtp(packet);
  if (!header) return null;
  const padded = (packet.readUInt8(0) & 0x20) !== 0;
  const padding = padded ? packet.readUInt8(packet.length - 1) : 0;
  const end = packet.length - padding;
  if (end < header.headerLength || (padded && padding === 0)) return null;
  return packet.subarray(header.headerLength, end);
}

/**
 * The original packet inside a retransmission: its payload type and SSRC put back, and its sequence number from the
 * first two payload bytes. @returns null for one without content (probation and padding packets)
 */
export function unwrapRtx(
  packet: Buffer,
  header: RtpHeader,
  original: { readonly payloadType: number; readonly ssrc: number },
): Buffer | null {
  const padding = packet.readUInt8(0) & 0x20 ? packet.readUInt8(packet.length - 1) : 0;
  if (packet.length - padding < header.headerLength + 3) return null;
  const restored = Buffer.concat([
    packet.subarray(0, header.headerLength),
    packet.subarray(header.headerLength + 2),
  ]);
  restored.writeUInt8((packet.readUInt8(1) & 0x80) | original.payloadType, 1);
  restored.writeUInt16BE(packet.readUInt16BE(header.headerLength), 2);
  restored.writeUInt32BE(original.ssrc, 8);
  return restored;
}

export interface SenderReport {
  readonly ssrc: number;
  /** The sender's wall clock, nanoseconds since 1900. */
  readonly ntpNs: bigint;
  /** The same instant on the stream's RTP clock. */
  readonly rtpTimestamp: number;
}

const SENDER_REPORT = 200;

/** Sender reports in a compound RTCP packet; stops at the first malformed part. */
export function senderReports(packet: Buffer): SenderReport[] {
  const reports: SenderReport[] = [];
  for (let at = 0; at + 8 <= packet.length; ) {
    if (packet.readUInt8(at) >> 6 !== 2) break;
    const type = packet.readUInt8(at + 1);
    const end = at + 4 * (packet.readUInt16BE(at + 2) + 1);
    if (end > packet.length) break;
    if (type === SENDER_REPORT && end - at >= 28) {
      const seconds = BigInt(packet.readUInt32BE(at + 8));
      const fraction = BigInt(packet.readUInt32BE(at + 12));
      reports.push({
        ssrc: packet.readUInt32BE(at + 4),
        ntpNs: seconds * 1_000_000_000n + ((fraction * 1_000_000_000n) >> 32n),
        rtpTimestamp: packet.readUInt32BE(at + 16),
      });
    }
    at = end;
  }
  return reports;
}

/** Whether it can be RTCP at all: version 2, a known packet type, whole 32-bit words (RFC 3550, A.2). */
export function looksLikeRtcp(packet: Buffer): boolean {
  if (packet.length < 8 || packet.readUInt8(0) >> 6 !== 2) return false;
  const type = packet.readUInt8(1);
  return type >= 200 && type <= 207;
}

/**
 * A picture loss indication (RFC 4585, 6.3.1) as a reduced-size RTCP packet (RFC 5506): asks the sender of `mediaSsrc` for
 * a key frame.
 */
export function pictureLossIndication(mediaSsrc: number): Buffer {
  const packet = Buffer.alloc(12);
  packet.writeUInt8(0x81, 0); // version 2, format 1
  packet.writeUInt8(206, 1); // payload-specific feedback
  packet.writeUInt16BE(2, 2); // three words
  packet.writeUInt32BE(1, 4); // we send no media of our own
  packet.writeUInt32BE(mediaSsrc, 8);
  return packet;
}
