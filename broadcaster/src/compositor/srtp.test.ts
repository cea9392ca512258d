/** Against RFC 3711's own vectors, and both ways against libsrtp inside GStreamer. */
import { attachSink, init, parseLaunch, pushBuffer } from '@rostrum/node-gst';
import { deriveKeys, protectionFor, SUITE } from './srtp.ts';
import { until } from './testing/harness.ts';

const MASTER = Buffer.from('e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6', 'hex');
const remoteKey = { cryptoSuite: SUITE, keyBase64: MASTER.toString('base64') };

const rtp = (sequenceNumber: number, payload: string): Buffer => {
  const header = Buffer.alloc(12);
  header.set([0x80, 96]);
  header.writeUInt16BE(sequenceNumber & 0xffff, 2);
  header.writeUInt32BE(0xdead_beef, 8);
  return Buffer.concat([header, Buffer.from(payload)]);
};
const report = (): Buffer => {
  const packet = Buffer.alloc(28, 7);
  packet.set([0x80, 200, 0, 6]);
  packet.writeUInt32BE(0xdead_beef, 4);
  return packet;
};

/** Runs packets through a pipeline of one appsrc and one appsink. */
async function through(description: string, packets: readonly Buffer[]): Promise<Buffer[]> {
  init();
  const pipeline = parseLaunch(description);
  try {
    const [source, sink] = [pipeline.element('in'), pipeline.element('out')];
    if (!source || !sink) throw new Error('incomplete');
    const out: Buffer[] = [];
    attachSink(sink, ({ data }) => out.push(Buffer.from(data)));
    await pipeline.play();
    for (const packet of packets) pushBuffer(source, packet, { ptsNs: 0 });
    await until('all packets', () => out.length === packets.length, 5000);
    return out;
  } finally {
    await pipeline.close();
  }
}

const encoder = (kind: 'rtp' | 'rtcp'): string =>
  `appsrc name=in format=time caps=application/x-${kind} ! enc.${kind}_sink_0 srtpenc name=enc key=${MASTER.toString('hex')} ` +
  `rtp-cipher=aes-128-icm rtp-auth=hmac-sha1-80 rtcp-cipher=aes-128-icm rtcp-auth=hmac-sha1-80 ` +
  `enc.${kind}_src_0 ! appsink name=out sync=false async=false`;

test('session keys are those of RFC 3711, B.3', () => {
  const { cipher, auth, salt } = deriveKeys(MASTER, 0);
  expect(cipher.toString('hex')).toBe('c61e7a93744f39ee10734afe3ff7a087');
  expect(salt.toString('hex')).toBe('30cbbc08863d8c85d49db34a9ae1');
  expect(auth.toString('hex')).toBe('cebe321f6ff7716b6fd4ab49af256a156d38baa4');
});

test('what libsrtp seals is opened, over a rollover and out of order; replays and forgeries are not', async () => {
  const plain = [65_533, 65_534, 65_535, 65_536, 65_537, 65_538].map((n) => rtp(n, `payload ${n}`));
  const sealed = await through(encoder('rtp'), plain);
  const { protection } = protectionFor(remoteKey);
  const order = [0, 1, 3, 2, 5, 4];
  for (const i of order) {
    const packet = sealed[i] ?? Buffer.alloc(0);
    expect(packet.equals(plain[i] ?? Buffer.alloc(0))).toBe(false);
    const forged = Buffer.from(packet);
    forged.writeUInt8(forged.readUInt8(14) ^ 1, 14);
    expect(protection.openRtp(forged)).toBeNull();
    expect(protection.openRtp(packet)).toEqual(plain[i]);
    expect(protection.openRtp(packet)).toBeNull();
  }
  expect(protection.openRtp(Buffer.alloc(3))).toBeNull();
  expect(protection.openRtp(rtp(1, ''))).toBeNull();
});

test('RTCP that libsrtp seals is opened once', async () => {
  const [sealed = Buffer.alloc(0)] = await through(encoder('rtcp'), [report()]);
  const { protection } = protectionFor(remoteKey);
  expect(protection.openRtcp(Buffer.from(sealed).fill(0, 10, 12))).toBeNull();
  expect(protection.openRtcp(sealed)).toEqual(report());
  expect(protection.openRtcp(sealed)).toBeNull();
  expect(protection.openRtcp(Buffer.alloc(5))).toBeNull();
});

test('RTCP that we seal is opened by libsrtp with our key', async () => {
  const { protection, local } = protectionFor(remoteKey);
  if (!local) throw new Error('no key of our own');
  const key = Buffer.from(local.keyBase64, 'base64').toString('hex');
  const caps =
    `application/x-srtcp,ssrc=(uint)${0xdead_beef},srtp-key=(buffer)${key},srtp-cipher=aes-128-icm,srtp-auth=hmac-sha1-80,` +
    'srtcp-cipher=aes-128-icm,srtcp-auth=hmac-sha1-80';
  const opened = await through(
    `appsrc name=in format=time caps="${caps}" ! dec.rtcp_sink srtpdec name=dec dec.rtcp_src ! appsink name=out sync=false async=false`,
    [protection.sealRtcp(report()), protection.sealRtcp(report())],
  );
  expect(opened).toEqual([report(), report()]);
});

test('another suite, or a key that is none, is refused', () => {
  expect(() => protectionFor({ ...remoteKey, cryptoSuite: 'AEAD_AES_256_GCM' })).toThrow('only AES_CM_128');
  expect(() => protectionFor({ ...remoteKey, keyBase64: 'AAAA' })).toThrow('an SRTP key of 3 bytes');
});
