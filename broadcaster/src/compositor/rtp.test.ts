import fc from 'fast-check';
import { looksLikeRtcp, parseRtp, pictureLossIndication, senderReports, unwrapRtx } from './rtp.ts';

/** An RTP packet: marker, payload type 96, sequence 7, timestamp 1000. */
function rtp(payload: Buffer, options: { csrc?: number; extension?: number; ssrc?: number } = {}): Buffer {
  const { csrc = 0, extension, ssrc = 0x1234_5678 } = options;
  const head = Buffer.alloc(12 + 4 * csrc);
  head.writeUInt8(0x80 | csrc | (extension === undefined ? 0 : 0x10), 0);
  head.writeUInt8(0x80 | 96, 1);
  head.writeUInt16BE(7, 2);
  head.writeUInt32BE(1000, 4);
  head.writeUInt32BE(ssrc, 8);
  const words = Buffer.alloc(extension === undefined ? 0 : 4 + 4 * extension);
  if (extension !== undefined) words.writeUInt16BE(extension, 2);
  return Buffer.concat([head, words, payload]);
}

test('a header is read with its CSRCs and extension', () => {
  expect(parseRtp(rtp(Buffer.from('x'), { csrc: 2, extension: 3 }))).toEqual({
    payloadType: 96,
    sequenceNumber: 7,
    ssrc: 0x1234_5678,
    headerLength: 12 + 8 + 4 + 12,
  });
});

test('what is no RTP is refused, and nothing makes the parsers throw', () => {
  expect(parseRtp(Buffer.alloc(11))).toBeNull();
  expect(parseRtp(Buffer.alloc(40))).toBeNull(); // version 0
  expect(parseRtp(rtp(Buffer.alloc(0), { extension: 3 }).subarray(0, 17))).toBeNull();
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
      const packet = Buffer.from(bytes);
      if (packet.length > 0) packet.writeUInt8((packet.readUInt8(0) & 0x3f) | 0x80, 0);
      const header = parseRtp(packet);
      if (header) {
        expect(header.headerLength).toBeLessThanOrEqual(packet.length);
        unwrapRtx(packet, header, { payloadType: 1, ssrc: 1 });
      }
      looksLikeRtcp(packet);
      senderReports(packet);
    }),
  );
});

test('a retransmission becomes the packet that was lost', () => {
  const original = rtp(Buffer.from('payload'), { extension: 1, ssrc: 5 });
  const wrapped = rtp(Buffer.concat([Buffer.from([0, 7]), Buffer.from('payload')]), {
    extension: 1,
    ssrc: 6,
  });
  wrapped.writeUInt8(0x80 | 97, 1);
  wrapped.writeUInt16BE(999, 2);
  const header = parseRtp(wrapped);
  if (!header) throw new Error('not parsed');
  expect(unwrapRtx(wrapped, header, { payloadType: 96, ssrc: 5 })).toEqual(original);
});

test('a retransmission that only probes the bandwidth is dropped', () => {
  const empty = rtp(Buffer.alloc(0));
  const padded = rtp(Buffer.from([0, 7, 0, 2]));
  padded.writeUInt8(padded.readUInt8(0) | 0x20, 0);
  for (const packet of [empty, padded]) {
    const header = parseRtp(packet);
    if (!header) throw new Error('not parsed');
    expect(unwrapRtx(packet, header, { payloadType: 96, ssrc: 5 })).toBeNull();
  }
});

test('sender reports are found in a compound packet, after other parts', () => {
  const other = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 9]);
  const report = Buffer.alloc(28);
  report.set([0x80, 200, 0, 6]);
  report.writeUInt32BE(77, 4);
  report.writeUInt32BE(10, 8);
  report.writeUInt32BE(0x8000_0000, 12);
  report.writeUInt32BE(4242, 16);
  expect(looksLikeRtcp(other)).toBe(true);
  expect(senderReports(Buffer.concat([other, report]))).toEqual([
    { ssrc: 77, ntpNs: 10_500_000_000n, rtpTimestamp: 4242 },
  ]);
  expect(senderReports(report.subarray(0, 27))).toEqual([]);
});

test('a request for a key frame is RFC 4585 feedback naming the stream', () => {
  const packet = pictureLossIndication(0xdead_beef);
  expect(packet.toString('hex')).toBe('81ce000200000001deadbeef');
  expect(looksLikeRtcp(packet)).toBe(true);
});
