/** How a recording is played, copied to a real S3 behind a front that fails. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROFILES } from '@rostrum/contracts/profile';
import { NO_SHAPE, RecordingAbout } from '@rostrum/contracts/recording';
import { Registry } from 'prom-client';
import { silentLogger } from '../../origin/testing/house.ts';
import { createChannelOutput } from '../../output/channel-output.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../../packager/testing/synthetic.ts';
import { Shapes } from '../shapes.ts';
import { s3Target } from './s3.ts';
import { ShapeCopies } from './shape-copies.ts';
import type { PublishTarget } from './target.ts';
import { makeBucket, type TestBucket } from './testing/bucket.ts';
import { FaultyFront } from './testing/faulty-front.ts';
import { type S3TestServer, startSwift } from './testing/swift.ts';

const profile = PROFILES.standard;
let server: S3TestServer;
let front: FaultyFront;
let bucket: TestBucket;
let archiveDir: string;
let complete: boolean;
const running: ShapeCopies[] = [];
const put: string[] = [];

beforeAll(async () => {
  server = await startSwift();
});
beforeEach(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-copies-'));
  front = await FaultyFront.open(server.port);
  bucket = await makeBucket(server, front.endpoint);
  complete = true;
  put.length = 0;
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
  bucket.close();
  front.close();
  await rm(archiveDir, { recursive: true, force: true });
});
afterAll(() => server?.stop());

function copies(): ShapeCopies {
  const real = s3Target(bucket.place, server.credentials);
  const target: PublishTarget = {
    close: () => real.close(),
    async remove(name, signal) {
      await real.remove(name, signal);
      put.push(name.replace('recordings/show/', ''));
    },
    async put(object, signal) {
      const md5 = await real.put(object, signal);
      put.push(object.name.replace('recordings/show/', ''));
      return md5;
    },
  };
  const made = new ShapeCopies({
    archiveDir,
    target,
    complete: () => complete,
    logger: silentLogger,
    backoff: { firstMs: 10, maxMs: 50 },
    lookIntervalMs: 20,
  });
  running.push(made);
  return made;
}

const folder = () => join(archiveDir, 'show');
async function record(): Promise<void> {
  const output = await createChannelOutput({
    archiveDir,
    channelId: 'show',
    profile,
    ladder: LADDER,
    clock: { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => 0 },
    logger: silentLogger,
    metrics: new Registry(),
  });
  for (const event of [...epochEvents(), ...perfect(profile, 0, 3 * 48)]) output.push(event);
  await output.end();
  await output.close();
}
/** What lies in the bucket of it, by name. */
const inBucket = (name: string): Promise<string> => bucket.text(`recordings/show/${name}`);
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}
const settled = (own: ShapeCopies): Promise<void> => until(() => !own.waits('show'));

test('each change goes up, and nothing that is there already; what is taken back is removed', async () => {
  await record();
  const shapes = new Shapes({ archiveDir, logger: silentLogger });
  let own = copies();
  own.want('show');
  await settled(own);
  expect(put.at(-1)).toBe('multivariant.m3u8');
  expect(put.toSorted()).toEqual(
    [...(await readdir(folder())).filter((name) => /m3u8$|about/.test(name))].toSorted(),
  );
  expect(await inBucket('hi.m3u8')).toContain('\n../../live/show/hi/e1/s1.mp4\n');

  put.length = 0;
  await shapes.set('show', {
    ...NO_SHAPE,
    revision: 1,
    title: 'Town hall',
    cuts: [{ fromUnixMs: ZERO_UNIX_MS, toUnixMs: ZERO_UNIX_MS + 10 }],
  });
  own.want('show');
  await settled(own);
  expect(await inBucket('hi.m3u8')).not.toContain('s1.mp4');
  expect(RecordingAbout.parse(JSON.parse(await inBucket('about.json'))).title).toBe('Town hall');
  await own.close();

  // Another process compares, and finds nothing to do.
  own = copies();
  put.length = 0;
  own.want('show');
  await settled(own);
  expect(put).toEqual([]);
  await shapes.set('show', { ...NO_SHAPE, revision: 2, published: false });
  own.want('show');
  await settled(own);
  await own.close();
  expect(put[0]).toBe('multivariant.m3u8');
  for (const name of ['multivariant.m3u8', 'hi.m3u8', 'hi-iframes.m3u8', 'about.json'])
    expect(await bucket.names()).not.toContain(`recordings/show/${name}`);

  own = copies();
  await shapes.set('show', { ...NO_SHAPE, revision: 3 });
  own.want('show');
  await settled(own);
  expect(await inBucket('multivariant.m3u8')).toContain('hi.m3u8');
  expect(await inBucket('hi.m3u8')).toContain('s1.mp4');
});

test('nothing goes up before the media is there, and while the bucket fails it waits', async () => {
  await record();
  complete = false;
  const own = copies();
  own.want('show');
  await new Promise((resolve) => setImmediate(resolve));
  expect([own.waits('show'), put]).toEqual([true, []]);
  front.fault = () => ({ status: 503, code: 'SlowDown' });
  complete = true;
  const asked = front.asked.length;
  await until(() => front.asked.length > asked + 2);
  expect(put).toEqual([]);
  front.fault = () => 'none';
  await until(() => put.includes('multivariant.m3u8'));
});

test('a recording that is gone is let go of', async () => {
  await record();
  await rm(folder(), { recursive: true });
  const own = copies();
  own.want('show');
  await settled(own);
  await own.close();
  expect(put).toEqual([]);
});

test('a note that cannot be read is none', async () => {
  await record();
  await writeFile(join(folder(), 'copied.json'), '{"hi.m3u8":');
  const own = copies();
  own.want('show');
  await until(() => put.includes('multivariant.m3u8'));
  await own.close();
  expect(JSON.parse(await readFile(join(folder(), 'copied.json'), 'utf8'))).toHaveProperty(['hi.m3u8']);
});

test('of a recording that is deleted nothing goes up any more, also where the bucket fails just then', async () => {
  await record();
  let failing = true;
  front.fault = () => (failing ? { status: 500, code: 'InternalError' } : 'none');
  const before = front.asked.length;
  const own = copies();
  own.want('show');
  await until(() => front.asked.length > before);
  await own.forget('show');
  failing = false;
  expect(own.waits('show')).toBe(false);
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(put).toEqual([]);
  expect(await bucket.names()).toEqual([]);
});
