/** `kill -9` of the deleting process at each of its steps, and at random moments; what counts is what is left afterwards. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { silentLogger } from '../../origin/testing/house.ts';
import { s3Target } from '../publish/s3.ts';
import { makeBucket, type TestBucket } from '../publish/testing/bucket.ts';
import { type S3TestServer, startSwift } from '../publish/testing/swift.ts';
import { Deletions } from './deletions.ts';
import { contentsOf, copiesOf, makeCopies, makeRecording } from './testing/house.ts';

const DELETER = fileURLToPath(new URL('./testing/deleter.ts', import.meta.url));
const RANDOM_KILLS = 6;

let server: S3TestServer;
let bucket: TestBucket;
let archiveDir: string;
/** What the edge was told. */
const told: string[] = [];
const edge = createServer((request, response) => {
  told.push(`${request.method} ${request.url}`);
  response.end();
});

beforeAll(async () => {
  server = await startSwift();
  edge.listen(0, '127.0.0.1');
  await once(edge, 'listening');
});
beforeEach(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-delete-kill-'));
  bucket = await makeBucket(server);
  told.length = 0;
  const target = s3Target(bucket.place, server.credentials);
  for (const id of ['show', 'show-2', 'other']) {
    await makeRecording(archiveDir, id);
    await makeCopies(target, id);
  }
  target.close();
});
afterEach(async () => {
  bucket.close();
  await rm(archiveDir, { recursive: true, force: true });
});
afterAll(async () => {
  edge.close();
  edge.closeAllConnections();
  await server?.stop();
});

/** Resolves with how many steps it took; null: it was killed. */
async function run(killAt: number, killAfterMs?: number): Promise<number | null> {
  const { port } = edge.address() as AddressInfo;
  const args = [archiveDir, JSON.stringify(bucket.place), `http://127.0.0.1:${port}`, String(killAt)];
  const child = spawn(process.execPath, [DELETER, ...args], {
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
  const timer = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  clearTimeout(timer);
  if (signal === 'SIGKILL') return null;
  expect(code).toBe(0);
  return Number(said);
}

/** A broadcaster that starts now serves either all of it or nothing. */
async function wholeOrGone(): Promise<void> {
  const next = await Deletions.open({
    ...{ archiveDir, removeCopies: null, caches: [], logger: silentLogger },
    letGo: async () => undefined,
    nowUnixMs: () => Date.now(),
  });
  const there = Object.keys(await contentsOf(archiveDir)).filter((name) => name.startsWith('show/'));
  if (!next.has('show')) expect([0, 6]).toContain(there.length);
  await next.close();
}

async function onlyOthersAreLeft(): Promise<void> {
  expect((await readdir(archiveDir)).sort()).toEqual(['.deleted', 'other', 'show-2']);
  expect(await readdir(join(archiveDir, '.deleted'))).toEqual([]);
  for (const id of ['other', 'show-2']) {
    const contents = await contentsOf(join(archiveDir, id));
    expect(Object.keys(contents)).toHaveLength(6);
    for (const [name, text] of Object.entries(contents)) expect(text).toBe(`${id} ${name}\n`);
  }
  expect(await bucket.names()).toEqual([...copiesOf('other'), ...copiesOf('show-2')].sort());
  expect(new Set(told)).toEqual(new Set(['POST /forget/show']));
}

test('whichever step of a deletion its process is killed at, nothing is left of the recording in the end, and all of the others', async () => {
  const whole = await run(0);
  if (whole === null) throw new Error('it was killed by somebody else');
  await onlyOthersAreLeft();
  expect(whole).toBeGreaterThan(8);
  const target = s3Target(bucket.place, server.credentials);
  for (let killAt = 1; killAt <= whole; killAt += 1) {
    await makeRecording(archiveDir, 'show');
    await makeCopies(target, 'show');
    told.length = 0;
    expect(await run(killAt)).toBeNull();
    await wholeOrGone();
    // Without another word where it was promised, and asked again where it was not.
    await run(0);
    await onlyOthersAreLeft();
  }
  target.close();
}, 300_000);

test('so it is when it is killed again and again at random', async () => {
  for (let kill = 0; kill < RANDOM_KILLS; kill += 1) {
    await run(0, 250 + Math.random() * 300);
    await wholeOrGone();
  }
  await run(0);
  await onlyOthersAreLeft();
}, 300_000);
