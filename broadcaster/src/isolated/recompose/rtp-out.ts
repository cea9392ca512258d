/** RTP of one recorded stream to a compositor, as an SFU sends it: one SSRC that goes on over chunks, and sender reports. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { BroadcastSource, Endpoint } from '@rostrum/contracts/node-socket';

const IP = '127.0.0.1';
const NTP_UNIX_OFFSET_S = 2_208_988_800;
const REPORT_MS = 500;

export const FORMATS = {
  VP8: { payloadType: 101, clockRate: 90_000 },
  VP9: { payloadType: 103, clockRate: 90_000 },
  H264: { payloadType: 107, clockRate: 90_000 },
  OPUS: { payloadType: 100, clockRate: 48_000 },
} as const;

export class RtpOut {
  readonly source: BroadcastSource;
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  /** When what it sends first was said or shown, on the clock of now, Unix ms. */
  readonly #zeroUnixMs: number;
  #to: Endpoint | null = null;
  #sequence = 0;
  #octets = 0;
  #reporting: NodeJS.Timeout | null = null;

  private constructor(source: BroadcastSource, sockets: { rtp: Socket; rtcp: Socket }, zeroUnixMs: number) {
    this.source = source;
    this.#rtp = sockets.rtp;
    this.#rtcp = sockets.rtcp;
    this.#zeroUnixMs = zeroUnixMs;
  }

  static async open(
    of: Pick<BroadcastSource, 'sourceId' | 'personId' | 'source' | 'codec' | 'ssrc'>,
    zeroUnixMs: number,
  ): Promise<RtpOut> {
    const [rtp, rtcp] = await Promise.all([bound(), bound()]);
    const remote = { ip: IP, port: rtp.address().port, rtcpPort: rtcp.address().port };
    const source = {
      ...of,
      ...FORMATS[of.codec],
      rtx: null,
      cname: of.personId,
      fmtp: {},
      remote,
      srtp: null,
    };
    return new RtpOut(source, { rtp, rtcp }, zeroUnixMs);
  }

  /** The compositor listens there. */
  sendTo(endpoint: Endpoint): void {
    this.#to = endpoint;
    this.#reporting ??= setInterval(() => this.#report(), REPORT_MS);
  }

  /**
   * A packet whose timestamp counts from the beginning of its chunk, which began so long after the stream. The packet is changed.
   */
  packet(data: Buffer, chunkAfterMs: number): void {
    const { clockRate, ssrc } = this.source;
    const ticks = data.readUInt32BE(4) + Math.round((chunkAfterMs * clockRate) / 1000);
    data.writeUInt32BE(ticks % 2 ** 32, 4);
    data.writeUInt16BE(this.#sequence & 0xffff, 2);
    data.writeUInt32BE(ssrc, 8);
    this.#sequence += 1;
    this.#octets += data.byteLength;
    if (!this.#to) return;
    if (this.#sequence === 1) this.#report();
    this.#rtp.send(data, this.#to.port, this.#to.ip);
  }

  close(): void {
    if (this.#reporting) clearInterval(this.#reporting);
    this.#reporting = null;
    this.#to = null;
    this.#rtp.close();
    this.#rtcp.close();
  }

  #report(): void {
    if (!this.#to) return;
    const { ssrc, clockRate } = this.source;
    const nowUnixMs = performance.timeOrigin + performance.now();
    const packet = Buffer.alloc(44);
    packet.set([0x80, 200], 0);
    packet.writeUInt16BE(6, 2);
    packet.writeUInt32BE(ssrc, 4);
    const seconds = nowUnixMs / 1000 + NTP_UNIX_OFFSET_S;
    packet.writeUInt32BE(Math.floor(seconds), 8);
    packet.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), 12);
    const ticks = Math.round(((nowUnixMs - this.#zeroUnixMs) * clockRate) / 1000);
    packet.writeUInt32BE(((ticks % 2 ** 32) + 2 ** 32) % 2 ** 32, 16);
    packet.writeUInt32BE(this.#sequence >>> 0, 20);
    packet.writeUInt32BE(this.#octets % 2 ** 32, 24);
    // A name for the stream (SDES, CNAME), which reports have to come with.
    packet.set([0x81, 202, 0, 3], 28);
    packet.writeUInt32BE(ssrc, 32);
    packet.set([1, 4, 0x6e, 0x61, 0x6d, 0x65, 0, 0], 36);
    this.#rtcp.send(packet, this.#to.rtcpPort, this.#to.ip);
  }
}

async function bound(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, IP);
  await once(socket, 'listening');
  // The compositor may be gone for a moment.
  socket.on('error', () => undefined);
  return socket;
}
