/** One picture for a recording, of what it plays: real pictures, decoded by GStreamer, looked at by ffmpeg. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PROFILES } from '@rostrum/contracts/profile';
import { NO_SHAPE, RecordingAbout } from '@rostrum/contracts/recording';
import { Registry } from 'prom-client';
import { recordingLogger } from '../../origin/testing/house.ts';
import { createChannelOutput } from '../../output/channel-output.ts';
import { asEvents, encodeRealStream, SMALL_LADDER } from '../../packager/testing/real-samples.ts';
import { ZERO_UNIX_MS } from '../../packager/testing/synthetic.ts';
import { Shapes } from '../shapes.ts';
import { posterFrame } from './frame.ts';
import { Posters } from './posters.ts';
import { stillOf } from './still.ts';

const profile = PROFILES.standard;
let archiveDir: string;
let logger: ReturnType<typeof recordingLogger>;
const folder = () => join(archiveDir, 'show');
beforeEach(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-poster-'));
  logger = recordingLogger();
});
afterEach(() => rm(archiveDir, { recursive: true, force: true }));

/** An ended recording of so many segments. */
async function record(segments: number): Promise<void> {
  const output = await createChannelOutput({
    archiveDir,
    channelId: 'show',
    profile,
    ladder: SMALL_LADDER,
    clock: { nowUnixMs: () => ZERO_UNIX_MS },
    logger,
    metrics: new Registry(),
  });
  const stream = await encodeRealStream(profile, (segments * profile.segmentMs) / 1000);
  for (const event of asEvents(stream, { number: 1, timelineZeroUnixMs: ZERO_UNIX_MS })) output.push(event);
  await output.end();
  await output.close();
}

const posters = (still?: typeof stillOf): Posters =>
  new Posters({ archiveDir, logger, inTurn: (_, task) => task(), ...(still ? { still } : {}) });
const about = async () =>
  RecordingAbout.parse(JSON.parse(await readFile(join(folder(), 'about.json'), 'utf8')));
const noteOf = async (): Promise<string> => readFile(join(folder(), 'poster.json'), 'utf8');
const cut = (from: number, to: number) => ({
  fromUnixMs: ZERO_UNIX_MS + from * profile.segmentMs,
  toUnixMs: ZERO_UNIX_MS + to * profile.segmentMs,
});

test('a recording has a picture of the best rendition, some seconds in, and pages are told', async () => {
  await record(6);
  expect((await about()).poster).toBeNull();
  await posters().want('show');
  expect(logger.lines.filter(([level]) => level === 'warn')).toEqual([]);
  const { stdout } = await promisify(execFile)('ffprobe', [
    ...['-v', 'error', '-show_entries', 'stream=codec_name,width,height', '-of', 'csv=p=0'],
    join(folder(), 'poster.jpg'),
  ]);
  expect(stdout.trim()).toBe('mjpeg,320,180');
  expect((await about()).poster).toBe('poster.jpg');
  expect(JSON.parse(await noteOf())).toEqual({ segment: 'large/e1/s6.mp4' });
});

test('a picture of what was cut is gone with the cut, and another takes its place', async () => {
  await record(6);
  const made: Promise<void>[] = [];
  const own = posters();
  const shapes = new Shapes({ archiveDir, logger, changed: (id) => made.push(own.want(id)) });
  await own.want('show');
  const seen = new Map<string, unknown>();
  await shapes.set('show', { ...NO_SHAPE, revision: 1, cuts: [cut(3, 9)] });
  seen.set('poster of the cut', (await about()).poster);
  expect(await readdir(folder())).not.toContain('poster.jpg');
  await Promise.all(made);
  seen.set('after it', [(await about()).poster, JSON.parse(await noteOf()).segment]);
  await shapes.set('show', { ...NO_SHAPE, revision: 2, published: false });
  await Promise.all(made);
  expect(await readdir(folder())).not.toContain('about.json');
  await shapes.set('show', { ...NO_SHAPE, revision: 3 });
  await Promise.all(made);
  seen.set('at last', (await about()).poster);
  expect(Object.fromEntries(seen)).toEqual({
    'poster of the cut': null,
    'after it': ['poster.jpg', 'large/e1/s3.mp4'],
    'at last': 'poster.jpg',
  });
});

test('what cannot be decoded harms nothing', async () => {
  await record(2);
  const before = await about();
  await posters((_, signal) => stillOf(Buffer.from('no media at all'), signal, 1000)).want('show');
  expect(await about()).toEqual(before);
  expect(logger.lines).toContainEqual([
    'warn',
    expect.objectContaining({ channelId: 'show' }),
    'a recording has no poster',
  ]);
  await posters().want('no-such-recording');
  await writeFile(join(folder(), 'journal.jsonl'), '');
  await posters().want('show');
});

test('a picture that is being made is given up when the process ends', async () => {
  await record(2);
  const own = posters(
    (_, signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
  );
  const wanted = own.want('show');
  await own.close();
  await wanted;
  await own.want('show');
  expect((await about()).poster).toBeNull();
});

test('which picture: the first that is far enough, with the map that holds there, whatever address it has', () => {
  const piece = (msn: number, map?: string): string =>
    `${map ? `#EXT-X-MAP:URI="${map}"\n` : ''}#EXTINF:2.00000,\n#EXT-X-BYTERANGE:7@0\n../../live/show/hi/e1/s${msn}.mp4\n`;
  const pieces = [piece(1, '../../live/show/hi/e1/init.mp4'), piece(2), piece(3, 'lo/e2/init.mp4'), piece(4)];
  expect(posterFrame(pieces, 2000)).toEqual({ init: 'hi/e1/init.mp4', segment: 'hi/e1/s2.mp4' });
  expect(posterFrame(pieces, 60_000)).toEqual({ init: 'lo/e2/init.mp4', segment: 'hi/e1/s4.mp4' });
  expect(posterFrame([])).toBeNull();
});
