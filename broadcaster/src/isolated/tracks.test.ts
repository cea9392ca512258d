import { join } from 'node:path';
import { camera, microphone, type Sent, sourceOf } from './testing/packets.ts';
import { decode, joined, probe, record, removeFolders } from './testing/record.ts';

afterEach(removeFolders);

/** Times of packets of sound by their sender's clock, seconds. */
const saidBy = (sent: readonly Sent[]): number[] =>
  sent.map(({ packet }) => ((packet.readUInt32BE(4) - sent[0]!.packet.readUInt32BE(4)) >>> 0) / 48_000);

const farthest = (times: readonly number[], expected: readonly number[]): number =>
  Math.max(...times.map((time, i) => Math.abs(time - (expected[i] ?? Number.POSITIVE_INFINITY))));

const seconds = (n: number, fps: number, size = { width: 160, height: 90 }) => ({ ...size, frames: n * fps });

for (const codec of ['VP8', 'VP9', 'H264'] as const) {
  test(`${codec} is there as it was sent: every frame, at its time`, async () => {
    const sent = await camera(codec, 25, [seconds(4, 25)], 50);
    const { folder, chunks, manifest, counts } = await record(sourceOf(codec), sent);
    expect(chunks).toHaveLength(1);
    const file = join(folder, chunks[0]!.file);
    const probed = await probe(file);
    expect(probed).toMatchObject({ codec: codec.toLowerCase(), width: 160, height: 90 });
    expect(probed.times).toEqual(Array.from({ length: 100 }, (_, i) => (i * 40) / 1000));
    expect(probed.durationS).toBeCloseTo(4, 3);
    expect(await decode(file)).toEqual({ frames: 100, complaints: '' });
    expect(counts).toMatchObject({ frames: 100, lost: 0, refused: 0 });
    expect(manifest.tracks).toMatchObject([
      {
        id: 'ada-1-camera',
        name: 'Ada',
        takes: [{ codec, fromMs: 0, toMs: 4000, chunks: [{ frames: 100 }] }],
      },
    ]);
  });
}

for (const fps of [1, 16, 25, 60]) {
  test(`a camera of ${fps} pictures a second lasts as long as the clock on the wall, in chunks that begin with key frames`, async () => {
    const sent = await camera('VP8', fps, [seconds(65, fps)], 5 * fps);
    const recording = await record(sourceOf('VP8'), sent);
    const [take] = recording.manifest.tracks[0]!.takes;
    expect(take!.chunks.length).toBeGreaterThanOrEqual(3);
    for (const chunk of take!.chunks) {
      const probed = await probe(join(recording.folder, 'tracks', chunk.file));
      expect(probed.keys[0]).toBe(true);
      expect(chunk.toMs - chunk.fromMs).toBeLessThanOrEqual(31_000);
    }
    const probed = await probe(await joined(recording, take!));
    expect(probed.times).toHaveLength(65 * fps);
    expect(
      farthest(
        probed.times,
        probed.times.map((_, i) => i / fps),
      ),
    ).toBeLessThan(0.0021);
    expect(Math.abs(take!.toMs - 65_000)).toBeLessThan(1);
  });
}

for (const codec of ['VP8', 'H264'] as const) {
  test(`a phone that is turned while it sends ${codec} begins another chunk, and all of it can be played`, async () => {
    const [wide, tall] = [
      { width: 320, height: 180 },
      { width: 180, height: 320 },
    ];
    const shots = [seconds(3, 25, wide), seconds(3, 25, tall), seconds(3, 25, wide)];
    const recording = await record(sourceOf(codec), await camera(codec, 25, shots, 250));
    const [take, ...others] = recording.manifest.tracks[0]!.takes;
    expect(others).toEqual([]);
    expect(take!.chunks.map(({ size }) => size)).toEqual([wide, tall, wide]);
    for (const chunk of take!.chunks) {
      const file = join(recording.folder, 'tracks', chunk.file);
      expect(await probe(file)).toMatchObject(chunk.size!);
      expect((await decode(file)).frames).toBe(75);
    }
    expect((await decode(await joined(recording, take!))).frames).toBe(225);
    expect(take!.toMs - take!.fromMs).toBeCloseTo(9000, 0);
  });
}

test('a microphone that goes from two channels to one and back is one track without a seam', async () => {
  const sent = await microphone([
    { channels: 2, ms: 3000 },
    { channels: 1, ms: 3000 },
    { channels: 2, ms: 3000 },
  ]);
  const recording = await record(sourceOf('OPUS'), sent);
  const [take] = recording.manifest.tracks[0]!.takes;
  expect(take!.chunks).toHaveLength(1);
  const file = await joined(recording, take!);
  const { times, durationS } = await probe(file);
  expect(times.length).toBe(sent.length);
  expect(farthest(times, saidBy(sent))).toBeLessThan(0.0011);
  expect(Math.abs(durationS - (saidBy(sent).at(-1)! + 0.02))).toBeLessThan(0.0011);
  expect((await decode(file)).complaints).toBe('');
});

/** Without what was sent in this time. */
const without = (sent: readonly Sent[], fromMs: number, toMs: number): Sent[] =>
  sent.filter(({ atMs }) => atMs < fromMs || atMs >= toMs);

test('what a network loses stays a gap, in pictures until the next key frame; what comes after lies at its own time', async () => {
  const pictures = await record(
    sourceOf('VP8'),
    without(await camera('VP8', 25, [seconds(12, 25)], 25), 3000, 7500),
  );
  const [seen] = pictures.manifest.tracks[0]!.takes;
  const { times } = await probe(await joined(pictures, seen!));
  expect(times.filter((time) => time > 2.97 && time < 7.9)).toEqual([]);
  expect(times.at(-1)).toBeCloseTo(11.96, 3);
  expect(times).toHaveLength(75 + 100);
  // Since what came last was whole, until the key frame at 8 s.
  expect(pictures.asked.some(({ kind }) => kind === 'pli')).toBe(true);

  const said = await microphone([{ channels: 1, ms: 60_000 }]);
  const sound = await record(sourceOf('OPUS'), without(said, 5000, 45_000));
  const [heard, ...others] = sound.manifest.tracks[0]!.takes;
  expect(others).toEqual([]);
  const places = (await probe(await joined(sound, heard!))).times;
  expect(places.filter((time) => time > 5 && time < 44.9)).toEqual([]);
  expect(places.at(-1)).toBeCloseTo(saidBy(said).at(-1)!, 2);
  expect(heard!.toMs).toBeGreaterThan(59_900);
});

test('who leaves and comes back goes on with the same track, as another take', async () => {
  const sent = await microphone([{ channels: 1, ms: 2000 }]);
  const first = await record(sourceOf('OPUS'), sent);
  const again = await record(sourceOf('OPUS', { sourceId: 'source-2' }), sent, {
    folder: first.folder,
    beganUnixMs: 1_700_000_060_000,
  });
  expect(again.manifest.tracks).toHaveLength(1);
  const { takes } = again.manifest.tracks[0]!;
  expect(takes.map(({ sourceId, fromMs }) => [sourceId, Math.round(fromMs)])).toEqual([
    ['source-1', 0],
    ['source-2', 60_000],
  ]);
  expect(takes.flatMap(({ chunks }) => chunks.map(({ file }) => file))).toEqual([
    'ada-1-mic/1.webm',
    'ada-1-mic/2.webm',
  ]);
});

test('a key frame is asked for once a chunk is long enough, and not before', async () => {
  const { asked, chunks } = await record(sourceOf('VP8'), await camera('VP8', 25, [seconds(36, 25)], 10_000));
  const plis = asked.filter(({ kind }) => kind === 'pli');
  expect(Math.min(...plis.map(({ atMs }) => atMs))).toBeGreaterThanOrEqual(30_000);
  expect(plis.length).toBeGreaterThan(0);
  // Nobody answered: the chunk goes on rather than lose a picture.
  expect(chunks.map(({ frames }) => frames)).toEqual([900]);
});

test('packets that overtake each other, and come twice, are put in order', async () => {
  const sent = await camera('VP8', 25, [seconds(3, 25, { width: 640, height: 360 })], 50);
  const jumbled = sent.flatMap((one, i) => {
    if (i % 7 === 3) return [];
    const missed = i % 7 === 4 ? sent[i - 1] : undefined;
    return missed ? [one, { ...missed, atMs: one.atMs }, one] : [one];
  });
  const { counts, chunks, folder } = await record(sourceOf('VP8'), jumbled);
  expect(counts).toMatchObject({ frames: 75, lost: 0 });
  expect(await decode(join(folder, chunks[0]!.file))).toEqual({ frames: 75, complaints: '' });
});
