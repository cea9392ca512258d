/** Protection of RTP and RTCP between SFU and compositor: SRTP (RFC 3711), AES_CM_128_HMAC_SHA1_80, mediasoup's default. */
import { createCipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { RostrumError } from '@rostrum/contracts/errors';
import { parseRtp } from './rtp.ts';

export interface Protection {
  /** @returns the plain packet; null for one that is not authentic, or came before */
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

export const SUITE = 'AES_CM_128_HMAC_SHA1_80';
const KEY_BYTES = 16;
const SALT_BYTES = 14;
const TAG_BYTES = 10;
const INDEX_BYTES = 4;
const RTCP_HEADER_BYTES = 8;

interface SessionKeys {
  readonly cipher: Buffer;
  readonly auth: Buffer;
  readonly salt: Buffer;
}

const keystream = (key: Buffer, iv: Buffer, input: Buffer): Buffer =>
  createCipheriv('aes-128-ctr', key, iv).update(input);

/** Session keys (RFC 3711, 4.3). @param first label of the cipher key: 0 for RTP, 3 for RTCP */
export function deriveKeys(master: Buffer, first: 0 | 3): SessionKeys {
  const derive = (label: number, bytes: number): Buffer => {
    const iv = Buffer.alloc(16);
    master.copy(iv, 0, KEY_BYTES, KEY_BYTES + SALT_BYTES);
    iv.writeUInt8(iv.readUInt8(7) ^ label, 7);
    return keystream(master.subarray(0, KEY_BYTES), iv, Buffer.alloc(bytes));
  };
  return {
    cipher: derive(first, KEY_BYTES),
    auth: derive(first + 1, 20),
    salt: derive(first + 2, SALT_BYTES),
  };
}

/** En- or decrypts, which is the same. @param index the packet's 48-bit index (RTCP: 31 bits) */
function crypt({ cipher, salt }: SessionKeys, ssrc: number, index: number, data: Buffer): Buffer {
  const iv = Buffer.alloc(16);
  salt.copy(iv);
  iv.writeUInt32BE((iv.readUInt32BE(4) ^ ssrc) >>> 0, 4);
  const low = iv.readUIntBE(8, 6);
  const mix = Buffer.alloc(6);
  mix.writeUIntBE(index, 0, 6);
  const salted = Buffer.alloc(6);
  salted.writeUIntBE(low, 0, 6);
  for (let i = 0; i < 6; i += 1) iv.writeUInt8((salted[i] ?? 0) ^ (mix[i] ?? 0), 8 + i);
  return keystream(cipher, iv, data);
}

const tagOf = ({ auth }: SessionKeys, ...parts: readonly Buffer[]): Buffer => {
  const hmac = createHmac('sha1', auth);
  for (const part of parts) hmac.update(part);
  return hmac.digest().subarray(0, TAG_BYTES);
};

/** Indices that were seen: what comes twice, or from too long ago, is a replay. */
class Seen {
  readonly #slots = new Float64Array(1024).fill(-1);
  #highest = -1;
  has(index: number): boolean {
    return index <= this.#highest - this.#slots.length || this.#slots[index % this.#slots.length] === index;
  }
  add(index: number): void {
    this.#slots[index % this.#slots.length] = index;
    this.#highest = Math.max(this.#highest, index);
  }
}

/** One SSRC of RTP: its rollover counter follows its sequence numbers (RFC 3711, 3.3.1). */
interface Stream {
  rollovers: number;
  highest: number;
  readonly seen: Seen;
}

class AesCm implements Protection {
  readonly #rtp: SessionKeys;
  readonly #rtcpIn: SessionKeys;
  readonly #rtcpOut: SessionKeys;
  readonly #streams = new Map<number, Stream>();
  readonly #rtcpSeen = new Map<number, Seen>();
  #sent = 0;

  constructor(remote: Buffer, local: Buffer) {
    this.#rtp = deriveKeys(remote, 0);
    this.#rtcpIn = deriveKeys(remote, 3);
    this.#rtcpOut = deriveKeys(local, 3);
  }

  openRtp(packet: Buffer): Buffer | null {
    const header = parseRtp(packet);
    const end = packet.length - TAG_BYTES;
    if (!header || end < header.headerLength) return null;
    const { ssrc, sequenceNumber, headerLength } = header;
    const known = this.#streams.get(ssrc);
    const rollovers = known ? guessRollovers(known, sequenceNumber) : 0;
    if (rollovers < 0) return null;
    const index = rollovers * 0x1_0000 + sequenceNumber;
    if (known?.seen.has(index)) return null;
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(rollovers);
    const tag = tagOf(this.#rtp, packet.subarray(0, end), counter);
    if (!timingSafeEqual(tag, packet.subarray(end))) return null;
    // Only what is authentic may make or move a stream's state.
    const stream = known ?? { rollovers, highest: sequenceNumber, seen: new Seen() };
    if (!known) this.#streams.set(ssrc, stream);
    if (index > stream.rollovers * 0x1_0000 + stream.highest) {
      stream.rollovers = rollovers;
      stream.highest = sequenceNumber;
    }
    stream.seen.add(index);
    const payload = crypt(this.#rtp, ssrc, index, packet.subarray(headerLength, end));
    return Buffer.concat([packet.subarray(0, headerLength), payload]);
  }

  openRtcp(packet: Buffer): Buffer | null {
    const end = packet.length - TAG_BYTES - INDEX_BYTES;
    if (end < RTCP_HEADER_BYTES) return null;
    const tag = tagOf(this.#rtcpIn, packet.subarray(0, end + INDEX_BYTES));
    if (!timingSafeEqual(tag, packet.subarray(end + INDEX_BYTES))) return null;
    const word = packet.readUInt32BE(end);
    const [encrypted, index] = [word >= 0x8000_0000, word % 0x8000_0000];
    const ssrc = packet.readUInt32BE(4);
    const seen = this.#rtcpSeen.get(ssrc) ?? new Seen();
    if (seen.has(index)) return null;
    seen.add(index);
    this.#rtcpSeen.set(ssrc, seen);
    if (!encrypted) return Buffer.from(packet.subarray(0, end));
    const rest = crypt(this.#rtcpIn, ssrc, index, packet.subarray(RTCP_HEADER_BYTES, end));
    return Buffer.concat([packet.subarray(0, RTCP_HEADER_BYTES), rest]);
  }

  sealRtcp(packet: Buffer): Buffer {
    this.#sent = (this.#sent + 1) % 0x8000_0000;
    const rest = crypt(this.#rtcpOut, packet.readUInt32BE(4), this.#sent, packet.subarray(RTCP_HEADER_BYTES));
    const word = Buffer.alloc(INDEX_BYTES);
    word.writeUInt32BE(0x8000_0000 + this.#sent);
    const sealed = Buffer.concat([packet.subarray(0, RTCP_HEADER_BYTES), rest, word]);
    return Buffer.concat([sealed, tagOf(this.#rtcpOut, sealed)]);
  }
}

function guessRollovers({ rollovers, highest }: Stream, sequenceNumber: number): number {
  if (highest < 0x8000) return sequenceNumber - highest > 0x8000 ? rollovers - 1 : rollovers;
  return highest - 0x8000 > sequenceNumber ? rollovers + 1 : rollovers;
}

/**
 * @param remote the SFU's key; null for no protection
 * @returns what opens the SFU's packets and seals ours, and our key for the SFU
 * @throws RostrumError `media-unsupported` for another suite, `bad-input` for a key of the wrong length
 */
export function protectionFor(remote: SrtpKey | null): { protection: Protection; local: SrtpKey | null } {
  if (!remote) return { protection: plain, local: null };
  if (remote.cryptoSuite !== SUITE) {
    throw new RostrumError('media-unsupported', `SRTP with ${remote.cryptoSuite}: only ${SUITE}`);
  }
  const key = Buffer.from(remote.keyBase64, 'base64');
  if (key.length !== KEY_BYTES + SALT_BYTES) {
    throw new RostrumError('bad-input', `an SRTP key of ${key.length} bytes, not ${KEY_BYTES + SALT_BYTES}`, {
      field: 'source.srtp.keyBase64',
    });
  }
  const own = randomBytes(KEY_BYTES + SALT_BYTES);
  return {
    protection: new AesCm(key, own),
    local: { cryptoSuite: SUITE, keyBase64: own.toString('base64') },
  };
}
