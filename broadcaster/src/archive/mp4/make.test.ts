/** Judged by readers that nobody here wrote: FFmpeg, mp4box.js and GStreamer. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createFile, MP4BoxBuffer } from 'mp4box';
import { keyOf } from './files.ts';
import { make } from './make.ts';
import { packetsOf, packetsOfSegments, planFor, stretchesOf, writeShow } from './testing/show.ts';

const run = promisify(execFile);
/** Half a frame of sound. */
const HALF_FRAME_S = 512 / 48_000 + 0.0001;
let archiveDir: string;
let folder: string;
beforeAll(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-mp4-'));
  folder = join(archiveDir, 'show');
  await writeShow(archiveDir);
});
afterAll(() => rm(archiveDir, { recursive: true, force: true }));

async function made(rendition: string, cuts: Parameters<typeof keyOf>[2] = []): Promise<string> {
  const key = await keyOf(folder, rendition, cuts);
  await make({ folder, rendition, cuts, key, maxUsedShare: 1 }, () => undefined);
  return join(folder, 'download', `${rendition}.mp4`);
}
const durationsOf = async (path: string): Promise<number[]> => {
  const { stdout } = await run('ffprobe', [
    ...['-v', 'error', '-of', 'json', '-show_entries', 'format=duration:stream=duration', path],
  ]);
  const read = JSON.parse(stdout) as { format: { duration: string }; streams: { duration: string }[] };
  return [read.format, ...read.streams].map(({ duration }) => Number(duration));
};
async function playlistS(rendition: string): Promise<number> {
  const text = await readFile(join(folder, `${rendition}.m3u8`), 'utf8');
  return [...text.matchAll(/#EXTINF:([\d.]+)/g)].reduce((sum, [, s]) => sum + Number(s), 0);
}

test.each(['large', 'small'])(
  'every picture of %s is there at the moment that the playlist gives it, and no other',
  async (rendition) => {
    const path = await made(rendition);
    const told = (await packetsOfSegments(folder, await planFor(folder, rendition), archiveDir)).filter(
      ({ kind }) => kind === 'video',
    );
    const found = (await packetsOf(path)).filter(({ kind }) => kind === 'video');
    expect(found.map(({ hash }) => hash)).toEqual(told.map(({ hash }) => hash));
    expect(found.map(({ key }) => key)).toEqual(told.map(({ key }) => key));
    for (const [i, { ptsS }] of found.entries()) expect(ptsS).toBeCloseTo(told[i]?.ptsS ?? Number.NaN, 4);
  },
);

test.each(['large', 'audio'])(
  'the sound of %s is where it belongs, to half a frame, on one grid without holes',
  async (rendition) => {
    const path = await made(rendition);
    const plan = await planFor(folder, rendition);
    const told = (await packetsOfSegments(folder, plan, archiveDir)).filter(({ kind }) => kind === 'audio');
    const found = (await packetsOf(path)).filter(({ kind }) => kind === 'audio');
    const known = new Set(told.map(({ hash }) => hash));
    const silent = found.filter(({ hash }) => !known.has(hash));
    // Half a second of it, and where two stretches meet.
    expect(silent.length).toBeGreaterThanOrEqual(23);
    expect(silent.length).toBeLessThanOrEqual(23 + plan.length);
    for (const [i, { ptsS }] of found.entries()) expect(ptsS).toBeCloseTo((i * 1024) / 48_000, 4);
    const heard = found.filter(({ hash }) => known.has(hash));
    for (const { hash, ptsS } of heard) {
      const apart = Math.min(
        ...told.filter((one) => one.hash === hash).map((one) => Math.abs(one.ptsS - ptsS)),
      );
      expect(apart).toBeLessThanOrEqual(HALF_FRAME_S);
    }
    const stretches = plan.filter(({ goesOn }) => !goesOn).length;
    expect(told.length - heard.length).toBeLessThanOrEqual(stretches);
  },
);

test.each(['large', 'small', 'audio'])(
  '%s is decoded to its end without a complaint, and is as long as the playlist says',
  async (rendition) => {
    const path = await made(rendition);
    const { stderr } = await run('ffmpeg', ['-v', 'warning', '-i', path, '-f', 'null', '-']);
    // Pictures of another size come where a lesser rendition stands in: what plays it is told so.
    expect(stderr.replaceAll(/.*(changing video frame properties|Changing video frame).*\n/g, '')).toBe('');
    const expected = await playlistS(rendition);
    for (const duration of await durationsOf(path)) expect(duration).toBeCloseTo(expected, 2);
  },
);

test('the pictures that are decoded are those of the segments, bit for bit', async () => {
  const decoded = async (input: string): Promise<string[]> => {
    const each = ['-map', '0:v', '-fps_mode', 'passthrough', '-f', 'framemd5', '-'];
    const { stdout } = await run('ffmpeg', ['-v', 'error', '-i', input, ...each], { maxBuffer: 2 ** 26 });
    return stdout
      .split('\n')
      .flatMap((line) => (line.startsWith('0,') ? (line.split(',').at(-1)?.trim() ?? '') : []));
  };
  const found = await decoded(await made('small'));
  const told: string[] = [];
  for (const { path } of await stretchesOf(folder, await planFor(folder, 'small'), archiveDir)) {
    told.push(...(await decoded(path)));
  }
  expect(found.length).toBeGreaterThan(380);
  expect(found).toEqual(told);
});

test('mp4box.js reads its head first, several descriptions, and samples that fill the media data exactly', async () => {
  const bytes = await readFile(await made('large'));
  const file = createFile(true);
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(bytes).buffer, 0));
  file.flush();
  const info = file.getInfo();
  expect(info).toMatchObject({ isFragmented: false, isProgressive: true, hasIOD: false });
  expect(file.boxes.map(({ type }) => type)).toEqual(['ftyp', 'free', 'moov', 'mdat']);
  expect(info.tracks.map(({ codec }) => codec)).toEqual([expect.stringMatching(/^avc1/), 'mp4a.40.2']);
  const samples = info.tracks.flatMap(({ id }) => file.getTrackSamplesInfo(id));
  const mdat = file.boxes.at(-1);
  expect(samples.reduce((sum, { size }) => sum + size, 0)).toBe((mdat?.size ?? 0) - 16);
  const descriptions = new Set(file.getTrackSamplesInfo(1).map(({ description_index }) => description_index));
  expect(descriptions.size).toBe(2);
  const created = (info.created as Date).getTime();
  expect(created).toBe(Date.UTC(2026, 0, 2, 3, 4, 5));
});

test('GStreamer plays it to its end', async () => {
  const path = await made('large');
  const pipeline = `filesrc location=${path} ! qtdemux name=d d.video_0 ! queue ! h264parse ! avdec_h264 ! fakesink d.audio_0 ! queue ! aacparse ! avdec_aac ! fakesink`;
  const { stdout } = await run('gst-launch-1.0', pipeline.split(' '));
  expect(stdout).toContain('Got EOS');
});

test('what a cut touches is left out, and what follows comes at once', async () => {
  const plan = await planFor(folder, 'small');
  const third = plan[2];
  const cut = {
    fromUnixMs: (third?.programDateTimeMs ?? 0) + 1000,
    toUnixMs: (third?.programDateTimeMs ?? 0) + 2500,
  };
  const path = await made('small', [cut]);
  const [durationS] = await durationsOf(path);
  expect(durationS).toBeCloseTo((await playlistS('small')) - 2 * 1.92, 2);
  const kept = plan.filter((_, i) => i !== 2 && i !== 3);
  const own = kept.map((one, i) => (i === 2 ? { ...one, goesOn: false } : one));
  const told = await packetsOfSegments(folder, own, archiveDir);
  const found = await packetsOf(path);
  const videos = (packets: typeof found): unknown[] =>
    packets.flatMap(({ kind, hash, ptsS }) => (kind === 'video' ? [[hash, Math.round(ptsS * 1000)]] : []));
  expect(videos(found)).toEqual(videos(told));
});

test('it is the same file whenever it is made, and another where it is made of something else', async () => {
  const one = await readFile(await made('small'));
  const other = await readFile(await made('small'));
  expect(one.equals(other)).toBe(true);
  const keys = await Promise.all([
    keyOf(folder, 'small', []),
    keyOf(folder, 'large', []),
    keyOf(folder, 'small', [{ fromUnixMs: 1, toUnixMs: 2 }]),
  ]);
  expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(3);
});
