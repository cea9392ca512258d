import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HeadObjectCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3';
import { Registry } from 'prom-client';
import { recordingLogger, silentLogger } from '../../origin/testing/house.ts';
import { ZERO_UNIX_MS } from '../../packager/testing/synthetic.ts';
import { keyOf } from '../mp4/files.ts';
import { make } from '../mp4/make.ts';
import { writeLongShow } from '../mp4/testing/long-show.ts';
import { DownloadUploads } from './download-uploads.ts';
import { Gate } from './gate.ts';
import { publishMetrics } from './metrics.ts';
import { s3Client } from './s3.ts';
import { s3LargeTarget } from './s3-large.ts';
import { makeBucket, type TestBucket } from './testing/bucket.ts';
import { FaultyFront } from './testing/faulty-front.ts';
import { type S3TestServer, startSwift } from './testing/swift.ts';

const NAME = 'recordings/show/download/hi.mp4';
let server: S3TestServer;
let front: FaultyFront;
let bucket: TestBucket;
let source: string;
let archiveDir: string;
let folder: string;
let file: string;
const closing: { close(): Promise<unknown> }[] = [];
beforeAll(async () => {
  server = await startSwift();
  source = await mkdtemp(join(tmpdir(), 'rostrum-uploads-source-'));
  // Three pieces.
  await writeLongShow(source, 'show', 40, { padding: 6000 });
  await making(join(source, 'show'));
});
beforeEach(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-uploads-'));
  folder = join(archiveDir, 'show');
  file = join(folder, 'download/hi.mp4');
  await cp(join(source, 'show'), folder, { recursive: true });
  front = await FaultyFront.open(server.port);
  bucket = await makeBucket(server, front.endpoint);
});
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close();
  bucket.close();
  front.close();
  await rm(archiveDir, { recursive: true, force: true });
});
afterAll(async () => {
  await server?.stop();
  await rm(source, { recursive: true, force: true });
});

async function making(at: string, cuts: Parameters<typeof keyOf>[2] = []): Promise<void> {
  const key = await keyOf(at, 'hi', cuts);
  await make({ folder: at, rendition: 'hi', cuts, key, maxUsedShare: 1 }, () => undefined);
}
function open(logger = silentLogger): DownloadUploads {
  const gate = new Gate({
    atOnce: 4,
    backoff: { firstMs: 10, maxMs: 50 },
    onFailure: () => undefined,
    onRecovery: () => undefined,
  });
  const health = () => ({ segments: 0, bytes: 0, behindS: 0, problem: null });
  const uploads = new DownloadUploads({
    ...{ archiveDir, gate, logger, lookIntervalMs: 1e6 },
    target: s3LargeTarget(bucket.place, server.credentials),
    metrics: publishMetrics(new Registry(), health),
  });
  closing.push({
    close: () => {
      gate.stop();
      return uploads.close();
    },
  });
  return uploads;
}
const closeLast = async (): Promise<void> => void (await closing.pop()?.close());
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
/** Numbers of the pieces that the server took, in order. */
const pieces = (): number[] =>
  front.storedUrls.flatMap((url) => Number(/partNumber=(\d+)/.exec(url)?.[1] ?? Number.NaN) || []);
const asked = (): number => front.asked.length;
async function begun(): Promise<number> {
  const client = s3Client({ ...bucket.place, endpoint: server.endpoint }, server.credentials);
  try {
    const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket.place.bucket }));
    return (Uploads ?? []).length;
  } finally {
    client.destroy();
  }
}
async function expectThere(): Promise<void> {
  expect((await bucket.get(NAME)).bytes.equals(await readFile(file))).toBe(true);
  expect(await begun()).toBe(0);
}
const CUT = [{ fromUnixMs: ZERO_UNIX_MS, toUnixMs: ZERO_UNIX_MS + 10_000 }];

test('a download goes up piece by piece, one at a time, and once', async () => {
  await writeFile(join(folder, 'about.json'), JSON.stringify({ title: 'Größe' }));
  const uploads = open();
  await uploads.look();
  await expectThere();
  expect(pieces()).toEqual([1, 2, 3]);
  expect(front.mostInFlight).toBe(1);
  const client = s3Client({ ...bucket.place, endpoint: server.endpoint }, server.credentials);
  const head = await client.send(new HeadObjectCommand({ Bucket: bucket.place.bucket, Key: NAME }));
  client.destroy();
  expect(head).toMatchObject({
    ContentType: 'video/mp4',
    CacheControl: 'public, max-age=10',
    ContentDisposition: expect.stringContaining("filename*=UTF-8''Gr%C3%B6%C3%9Fe%20hi.mp4"),
    Metadata: { 'rostrum-key': (await keyOf(folder, 'hi', [])).toString('hex') },
  });
  const before = asked();
  await uploads.look();
  await closeLast();
  await open().look();
  expect(asked()).toBe(before);
});

test('whatever goes wrong on the way, it arrives whole', async () => {
  const faults = ['cut-body', 'none', 'garbled', 'lost-answer', 'closed', 'none'] as const;
  let n = 0;
  front.fault = () => {
    n += 1;
    if (n % 7 === 0) return { status: 503, code: 'SlowDown' };
    return faults[n % faults.length] ?? 'none';
  };
  const uploads = open();
  for (let look = 0; look < 5; look += 1) await uploads.look();
  front.fault = () => 'none';
  await uploads.look();
  await expectThere();
});

test('after a restart it goes on behind the pieces that are there', async () => {
  front.fault = (_, url) => (url.includes('partNumber=3') ? 'silence' : 'none');
  void open().look();
  await until(() => pieces().length === 2);
  await closeLast();
  expect(await begun()).toBe(1);
  front.fault = () => 'none';
  await open().look();
  await expectThere();
  expect(pieces()).toEqual([1, 2, 3]);
});

test('an end whose answer is lost is an end', async () => {
  let ended = false;
  front.fault = (_, url) => {
    if (ended) return 'silence';
    ended = /^POST .*uploadId=/.test(url);
    return ended ? 'lost-answer' : 'none';
  };
  void open().look();
  await until(async () => (await bucket.names()).includes(NAME));
  await closeLast();
  // As Amazon's answers; Swift still tells the pieces of one that has ended.
  const unknown = { status: 404, code: 'NoSuchUpload' };
  front.fault = (_, url) => (/^GET .*uploadId=/.test(url) ? unknown : 'none');
  await open().look();
  await expectThere();
  expect(pieces()).toEqual([1, 2, 3]);
});

test('with another cut the copy goes, and what was begun of it, and the new one comes', async () => {
  const uploads = open();
  await uploads.look();
  await rm(file);
  await uploads.look();
  expect(await bucket.names()).toEqual([]);
  await making(folder, CUT);
  front.fault = (_, url) => (url.includes('partNumber=2') ? { status: 503, code: 'SlowDown' } : 'none');
  const first = uploads.look();
  await until(() => pieces().length === 4);
  await making(folder);
  await first;
  front.fault = () => 'none';
  await uploads.look();
  await expectThere();
});

test('what is not wanted any more leaves nothing behind, here or there', async () => {
  const uploads = open();
  await uploads.look();
  expect((await readdir(join(folder, 'download'))).sort()).toEqual(['hi.mp4', 'hi.upload.json']);
  await rm(file);
  await uploads.look();
  expect(await bucket.names()).toEqual([]);
  expect(await readdir(folder)).not.toContain('download');
});

test('a recording that is about to be deleted goes up no further, and nothing that was begun stays', async () => {
  front.fault = (_, url) => (url.includes('partNumber=2') ? { status: 503, code: 'SlowDown' } : 'none');
  const uploads = open();
  void uploads.look();
  await until(() => pieces().length === 1);
  const forgotten = uploads.forget('show');
  front.fault = () => 'none';
  await forgotten;
  expect(await begun()).toBe(0);
  await uploads.look();
  expect(await bucket.names()).toEqual([]);
});

test('credentials that may write alone are enough; what they may not remove is told once', async () => {
  // As without s3:GetObject, s3:DeleteObject and those on multipart uploads.
  front.fault = (_, url) =>
    /^(HEAD|DELETE|GET) /.test(url) ? { status: 403, code: 'AccessDenied' } : 'none';
  const logger = recordingLogger();
  const uploads = open(logger);
  await uploads.look();
  await expectThere();
  await rm(file);
  await uploads.look();
  await uploads.look();
  const errors = logger.lines.filter(([level]) => level === 'error');
  expect(errors).toHaveLength(1);
  expect(errors[0]?.[1]).toMatchObject({ err: { message: expect.stringContaining('stays in the bucket') } });
  front.fault = () => 'none';
  await uploads.look();
  expect(await bucket.names()).toEqual([]);
});
