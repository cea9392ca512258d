/** Copies of tracks that were deleted, in a real S3 behind a front that fails; and the process that removes them, killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Registry } from 'prom-client';
import { eraseTracks } from '../../isolated/erase.ts';
import { TrackErasures } from '../../isolated/erasures.ts';
import { removeFolders } from '../../isolated/testing/record.ts';
import {
  AGAIN,
  GOING,
  NO_UNIX_MS,
  noteChannel,
  OF_BOB,
  recordTwo,
  tracksIn,
  WISH,
  wish,
} from '../../isolated/testing/two-people.ts';
import { recordingLogger, silentLogger } from '../../origin/testing/house.ts';
import { Publisher } from './publisher.ts';
import { s3Target } from './s3.ts';
import { makeBucket, type TestBucket } from './testing/bucket.ts';
import { FaultyFront } from './testing/faulty-front.ts';
import { type S3TestServer, startSwift } from './testing/swift.ts';
import { TrackCopies } from './track-copies.ts';
import { headersOf } from './wanted.ts';

const ERASER = fileURLToPath(new URL('../../isolated/testing/eraser.ts', import.meta.url));

let server: S3TestServer;
let front: FaultyFront;
let bucket: TestBucket;
let root: string;
let archiveDir: string;
let folder: string;
const closing: { close(): Promise<unknown> }[] = [];

beforeAll(async () => {
  server = await startSwift();
  root = await mkdtemp(join(tmpdir(), 'rostrum-track-copies-'));
  await recordTwo(join(root, 'recorded'));
  await noteChannel(join(root, 'recorded'));
});
beforeEach(async () => {
  front = await FaultyFront.open(server.port);
  bucket = await makeBucket(server, front.endpoint);
  archiveDir = join(root, 'archive');
  folder = join(archiveDir, 'show');
  await cp(join(root, 'recorded'), folder, { recursive: true });
});
afterEach(async () => {
  for (const one of closing.splice(0).reverse()) await one.close();
  bucket.close();
  front.close();
  await rm(archiveDir, { recursive: true });
});
afterAll(async () => {
  await rm(root, { recursive: true, force: true });
  await removeFolders();
  await server?.stop();
});

/** Puts all tracks where a publisher does, and one of another channel. */
async function fill(): Promise<void> {
  const target = s3Target({ ...bucket.place, endpoint: server.endpoint }, server.credentials);
  const put = (name: string, text: string): Promise<string> =>
    target.put(
      { name, bytes: Buffer.from(text, 'latin1'), ...headersOf('track') },
      AbortSignal.timeout(60_000),
    );
  for (const [name, text] of Object.entries(await tracksIn(folder)))
    if (name !== 'journal.jsonl') await put(`tracks/show/${name}`, text);
  await put('tracks/show-2/ada-1-mic/1.webm', 'another show');
  target.close();
}
function copies(complete: () => boolean = () => true): TrackCopies {
  const made = new TrackCopies({
    archiveDir,
    target: s3Target(bucket.place, server.credentials),
    complete,
    logger: silentLogger,
    backoff: { firstMs: 10, maxMs: 50 },
    lookIntervalMs: 10,
  });
  closing.push(made);
  return made;
}
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}
const settled = (own: TrackCopies): Promise<void> => until(() => !own.waits('show'));
const below = (names: readonly string[]): string[] => names.map((name) => `tracks/show/${name}`);
const OTHER = 'tracks/show-2/ada-1-mic/1.webm';
const LEFT = [...below([...AGAIN, ...OF_BOB, 'manifest.json']), OTHER].sort();

/** In the bucket is what is on disk, of the same bytes, and of other channels all. */
async function sameAsOnDisk(): Promise<void> {
  expect(await bucket.names()).toEqual(LEFT);
  for (const [name, text] of Object.entries(await tracksIn(folder)))
    if (name !== 'journal.jsonl')
      expect((await bucket.get(`tracks/show/${name}`)).bytes.toString('latin1')).toBe(text);
}

test('copies of what was deleted go, with the lists and the manifest; no other object is touched, and all of it once', async () => {
  await fill();
  const own = copies();
  own.want('show');
  await settled(own);
  expect(front.asked).toEqual([]); // nothing was deleted
  await eraseTracks(folder, 'show', [WISH]);
  own.want('show');
  await settled(own);
  await sameAsOnDisk();
  front.asked.length = 0;
  const next = copies();
  next.want('show');
  await settled(next);
  expect(front.asked).toEqual([]);
  // Of somebody else later.
  await eraseTracks(folder, 'show', [WISH, { personId: 'bob-1', beforeUnixMs: NO_UNIX_MS }]);
  next.want('show');
  await settled(next);
  expect(await bucket.names()).toEqual([...below([...AGAIN, 'manifest.json']), OTHER].sort());
});

test('it waits until nothing of the recording is on its way, and for a bucket that fails', async () => {
  await fill();
  await eraseTracks(folder, 'show', [WISH]);
  let complete = false;
  let looks = 0;
  const own = copies(() => {
    looks += 1;
    return complete;
  });
  own.want('show');
  await until(() => looks > 3);
  expect([own.waits('show'), front.asked]).toEqual([true, []]);
  front.fault = () => ({ status: 503, code: 'SlowDown' });
  complete = true;
  await until(() => front.asked.length > 2);
  expect(own.waits('show')).toBe(true);
  front.fault = () => 'none';
  await settled(own);
  await sameAsOnDisk();
});

test('what is deleted does not go up later either, and is no damage', async () => {
  await eraseTracks(folder, 'show', [WISH]);
  const logger = recordingLogger();
  const metrics = new Registry();
  const publisher = new Publisher({
    ...{ archiveDir, logger, metrics, nowUnixMs: Date.now, lookIntervalMs: 10 },
    target: s3Target(bucket.place, server.credentials),
  });
  closing.push(publisher);
  await until(() => publisher.has('show'));
  expect((await bucket.names()).filter((name) => name.startsWith('tracks/'))).toEqual(
    LEFT.filter((name) => name !== OTHER),
  );
  expect(JSON.stringify(logger.lines)).not.toContain('damaged');
  const own = copies((): boolean => publisher.has('show'));
  own.want('show');
  await settled(own);
});

test('where the whole recording is deleted meanwhile, nothing of it comes back', async () => {
  await fill();
  await eraseTracks(folder, 'show', [WISH]);
  const own = copies();
  front.fault = () => ({ status: 503, code: 'SlowDown' });
  own.want('show');
  await until(() => front.asked.length > 0);
  await own.forget('show');
  front.fault = () => 'none';
  const asked = front.asked.length;
  expect(own.waits('show')).toBe(false);
  await own.close();
  expect(front.asked).toHaveLength(asked);
});

/** Resolves with how many steps it took; null: it was killed. */
async function run(killAt: number): Promise<number | null> {
  const place = JSON.stringify({ ...bucket.place, endpoint: server.endpoint });
  const child = spawn(process.execPath, [ERASER, archiveDir, 'show', place, String(killAt)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
      AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    },
  });
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (signal === 'SIGKILL') return null;
  expect(code).toBe(0);
  return Number(said);
}
async function anew(): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await cp(join(root, 'recorded'), folder, { recursive: true });
  await wish(folder, WISH);
  await fill();
}
async function othersAreWhole(): Promise<void> {
  const there = await tracksIn(folder);
  const recorded = await tracksIn(join(root, 'recorded'));
  for (const name of [...AGAIN, ...OF_BOB]) expect(there[name]).toBe(recorded[name]);
  expect(await bucket.names()).toEqual(expect.arrayContaining([OTHER, ...below([...AGAIN, ...OF_BOB])]));
}
async function allIsDone(): Promise<void> {
  await othersAreWhole();
  const there = Object.keys(await tracksIn(folder));
  expect(there.filter((name) => GOING.includes(name))).toEqual([]);
  await sameAsOnDisk();
}

/** Another process over the same folder and bucket. */
async function next(): Promise<void> {
  const own = copies();
  const erasures = new TrackErasures({
    ...{ archiveDir, logger: silentLogger, lookIntervalMs: 10 },
    inTurn: (_, task) => task(),
    erased: (channelId) => own.want(channelId),
  });
  closing.push(erasures);
  erasures.want('show');
  await until(() => !erasures.waits('show') && !own.waits('show'));
}

test('whichever step its process is killed at, the next one finishes it, and others have all of theirs', async () => {
  await anew();
  const whole = await run(0);
  if (whole === null) throw new Error('it was killed by somebody else');
  await allIsDone();
  expect(whole).toBeGreaterThan(10);
  for (let killAt = 1; killAt <= whole; killAt += 1) {
    await anew();
    expect(await run(killAt)).toBeNull();
    await othersAreWhole();
    await next();
    await allIsDone();
  }
}, 200_000);
