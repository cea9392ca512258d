/** What a network does to packets, and what a sender does to its clock, are told apart. */
import { microphone, type Sent, sourceOf } from './testing/packets.ts';
import { joined, probe, record, removeFolders } from './testing/record.ts';

afterEach(removeFolders);

let sent: readonly Sent[];
beforeAll(async () => {
  sent = await microphone([{ channels: 1, ms: 20_000 }]);
});

const takesOf = async (coming: readonly Sent[]) => {
  const recording = await record(sourceOf('OPUS'), coming);
  return { recording, takes: recording.manifest.tracks.flatMap(({ takes }) => takes) };
};

test('a network that stands still for four seconds and then delivers all at once changes nothing', async () => {
  const late = sent.map((one) => (one.atMs >= 8000 && one.atMs < 12_000 ? { ...one, atMs: 12_000 } : one));
  const { recording, takes } = await takesOf(late);
  expect(takes).toHaveLength(1);
  const { times } = await probe(await joined(recording, takes[0]!));
  expect(times).toHaveLength(sent.length);
  times.forEach((time, i) => {
    expect(Math.abs(time * 1000 - sent[i]!.atMs)).toBeLessThan(2);
  });
});

test('what comes through a full buffer half a second late, for a while, lies where it was sent', async () => {
  const late = sent.map((one) => {
    const fullMs = one.atMs < 5000 || one.atMs > 12_000 ? 0 : 500;
    return { ...one, atMs: one.atMs + fullMs };
  });
  const { takes } = await takesOf(late.toSorted((a, b) => a.atMs - b.atMs));
  expect(takes).toHaveLength(1);
  expect(Math.abs(takes[0]!.toMs - takes[0]!.fromMs - 20_000)).toBeLessThan(30);
});

test('a sender whose clock stood still while it was silent goes on as another take, at its time', async () => {
  const slept = sent.map((one) => (one.atMs >= 10_000 ? { ...one, atMs: one.atMs + 60_000 } : one));
  const { takes } = await takesOf(slept);
  expect(takes.map(({ fromMs }) => Math.round(fromMs / 100))).toEqual([0, 700]);
  expect(takes.map(({ fromMs, toMs }) => Math.round((toMs - fromMs) / 100))).toEqual([100, 100]);
});

test('a sender whose clock jumps ahead without a silence goes on as another take, at its time', async () => {
  const jumped = sent.map((one) => {
    if (one.atMs < 10_000) return one;
    const packet = Buffer.from(one.packet);
    packet.writeUInt32BE((packet.readUInt32BE(4) + 48_000 * 3600) >>> 0, 4);
    return { ...one, packet };
  });
  const { takes } = await takesOf(jumped);
  expect(takes.map(({ fromMs }) => Math.round(fromMs / 100))).toEqual([0, 100]);
});

test('a sender that counts its packets anew is gone on with', async () => {
  const anew = sent.map((one) => {
    if (one.atMs < 10_000) return one;
    const packet = Buffer.from(one.packet);
    packet.writeUInt16BE((packet.readUInt16BE(2) + 20_000) & 0xffff, 2);
    return { ...one, packet };
  });
  const { takes, recording } = await takesOf(anew);
  expect(takes).toHaveLength(1);
  expect(recording.counts.frames).toBe(sent.length);
});
