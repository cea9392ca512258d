import type { RtcpPacket, RtpHeader } from 'werift';
import {
  GenericNack,
  PictureLossIndication,
  RtcpPayloadSpecificFeedback,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
  RtcpTransportLayerFeedback,
} from 'werift';
import { Pacer } from './pacer.ts';
import { Sending } from './sending.ts';
import { OutgoingStream } from './stream.ts';
import { ManualClock } from './testing/manual-clock.ts';

const ORIGIN_UNIX_MS = 1_750_000_000_000;

function setup() {
  const clock = new ManualClock();
  const pacer = new Pacer(clock);
  const sent: Buffer[] = [];
  const reports: RtcpPacket[][] = [];
  const stream = (ssrc: number, clockRate: number): OutgoingStream =>
    new OutgoingStream({
      ssrc,
      payloadType: 101,
      clockRate,
      cname: 'ada',
      firstSequence: 0xfffe - 0x8000,
      timestampOffset: 1000,
      // No cipher: the packet as it would be read on the other side.
      seal: (payload: Buffer, header: RtpHeader) =>
        Buffer.concat([header.serialize(header.serializeSize), payload]),
    });
  const sending = new Sending({
    camera: [stream(1, 90_000), stream(2, 90_000)],
    mic: stream(3, 48_000),
    levelExtensionId: 6,
    pacer,
    send: (packet) => sent.push(packet),
    sendRtcp: (packets) => reports.push(packets),
    originUnixMs: ORIGIN_UNIX_MS,
  });
  return { clock, sent, reports, sending };
}

const frame = (bytes: number) => ({ data: Buffer.alloc(bytes, 7), keyframe: true });
const ssrcOf = (packet: Buffer): number => packet.readUInt32BE(8);
const sequenceOf = (packet: Buffer): number => packet.readUInt16BE(2);
const marked = (packet: Buffer): boolean => (packet.readUInt8(1) & 0x80) !== 0;

test('the layers count their packets and pictures each for itself, and the last packet of a picture is marked', () => {
  const { sent, sending } = setup();
  sending.video(0, frame(2000), 40);
  sending.video(1, frame(100), 40);
  sending.video(0, frame(100), 80);
  expect(
    sent.map((p) => [ssrcOf(p), sequenceOf(p) - 0x7ffe, marked(p), p.readUInt16BE(14) & 0x7fff]),
  ).toEqual([
    [1, 0, false, 0],
    [1, 1, true, 0],
    [2, 0, true, 0],
    [1, 2, true, 1],
  ]);
  expect(sent.map((p) => p.readUInt32BE(4))).toEqual([4600, 4600, 4600, 8200]);
});

test('the many packets of a key frame are spread over some milliseconds, in order, and sound passes them', () => {
  const { clock, sent, sending } = setup();
  sending.video(0, frame(30 * 1144), 0);
  expect(sent).toHaveLength(12);
  sending.audio(Buffer.from([1]), 0, -30);
  expect(ssrcOf(sent[12] ?? Buffer.alloc(12))).toBe(3);
  clock.advance(20);
  const pictures = sent.filter((p) => ssrcOf(p) === 1).map((p) => sequenceOf(p) - 0x7ffe);
  expect(pictures).toEqual(Array.from({ length: 30 }, (_, i) => i));
});

test('a report of every stream goes out at once and each second, in which all clocks show the same instant', () => {
  const { clock, reports, sending } = setup();
  clock.advance(3000);
  sending.close();
  clock.advance(3000);
  expect(reports).toHaveLength(4 * 3);
  const last = reports.slice(-3).map(([report, names]) => {
    if (!(report instanceof RtcpSrPacket && names instanceof RtcpSourceDescriptionPacket))
      throw new Error('no report');
    return { ...report.senderInfo, ssrc: report.ssrc, cname: names.chunks[0]?.items[0]?.text };
  });
  expect(new Set(last.map(({ ntpTimestamp }) => ntpTimestamp)).size).toBe(1);
  expect(Number((last[0]?.ntpTimestamp ?? 0n) >> 32n) - 2_208_988_800).toBe(ORIGIN_UNIX_MS / 1000 + 3);
  expect(last.map(({ rtpTimestamp }) => rtpTimestamp)).toEqual([271_000, 271_000, 145_000]);
  expect(last.map(({ cname }) => cname)).toEqual(['ada', 'ada', 'ada']);
});

test('[RFC 4585, 6.2.1] a packet that was lost is sent again as it was, while it is kept', () => {
  const { clock, sent, sending } = setup();
  for (let i = 0; i < 600; i += 1) {
    sending.video(0, frame(100), i * 40);
    clock.advance(40);
  }
  const original = sent[590];
  const nack = (lost: number[]): RtcpTransportLayerFeedback =>
    new RtcpTransportLayerFeedback({
      feedback: new GenericNack({ mediaSourceSsrc: 1, senderSsrc: 9, lost }),
    });
  const before = sent.length;
  // Kept, too old, and never sent.
  sending.feedback(nack([(0x7ffe + 590) % 0x1_0000, 0x7ffe + 10, 0x7ffe + 700]));
  expect(sent.slice(before)).toEqual([original]);
  sending.feedback(
    new RtcpTransportLayerFeedback({
      feedback: new GenericNack({ mediaSourceSsrc: 77, senderSsrc: 9, lost: [1] }),
    }),
  );
  expect(sent).toHaveLength(before + 1);
});

test('[RFC 4585, 6.3.1] a picture loss indication names the layer of which a key frame is wanted', () => {
  const { sending } = setup();
  const pli = (mediaSsrc: number) =>
    sending.feedback(
      new RtcpPayloadSpecificFeedback({ feedback: new PictureLossIndication({ senderSsrc: 9, mediaSsrc }) }),
    );
  expect([pli(1), pli(2), pli(77)]).toEqual([0, 1, null]);
});

test('a muted microphone sends nothing; the camera goes on', () => {
  const { sent, sending } = setup();
  sending.muted = true;
  sending.audio(Buffer.from([1]), 0);
  sending.video(0, frame(10), 0);
  expect(sent.map(ssrcOf)).toEqual([1]);
});
