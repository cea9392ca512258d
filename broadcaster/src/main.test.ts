/** The process as the launcher runs it, and a coordinator that it dials. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  type ArchiveHealth,
  Heartbeat,
  NODE_NAMESPACE,
  NodeHandshake,
  type Result,
} from '@rostrum/contracts';
import { NO_SHAPE } from '@rostrum/contracts/recording';
import { openSmallDisk } from '@rostrum/service-kit/testing/small-disk';
import { Server, type Socket } from 'socket.io';
import { formatEntry, JOURNAL_NAME } from './archive/journal.ts';
import { makeBucket } from './archive/publish/testing/bucket.ts';
import { startSwift } from './archive/publish/testing/swift.ts';
import { sceneOf } from './compositor/testing/harness.ts';
import { removeFolders } from './isolated/testing/record.ts';
import {
  AGAIN,
  GOING,
  noteChannel,
  OF_BOB,
  recordTwo,
  tracksIn,
  WISH,
  wish,
} from './isolated/testing/two-people.ts';

let folder: string;
let http: HttpServer;
let io: Server;
const children: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-main-'));
  http = createServer();
  io = new Server(http);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
});
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  await io.close();
  await rm(folder, { recursive: true, force: true });
});

function start(env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      ROSTRUM_COORDINATOR_URL: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
      ROSTRUM_NODE_TOKEN: 'a token of the test',
      ROSTRUM_ORIGIN_PORT: '0',
      ROSTRUM_DATA_DIR: folder,
      ROSTRUM_LOG_LEVEL: 'error',
      ...env,
    },
  });
  children.push(child);
  return child;
}

async function ready(started: ChildProcess): Promise<{ ready: string; url: string; metrics: string }> {
  if (!started.stdout) throw new Error('no stdout');
  for await (const line of createInterface(started.stdout)) {
    const parsed = JSON.parse(line) as { ready?: string; url: string; metrics: string };
    if (parsed.ready !== undefined) return { ready: parsed.ready, url: parsed.url, metrics: parsed.metrics };
  }
  throw new Error('ended before it was ready');
}

const call = (socket: Socket, method: string, params: unknown): Promise<Result<Record<string, string>>> =>
  socket.timeout(15_000).emitWithAck('rpc', method, params);

test('it dials in, runs a channel that players can read, and leaves it to be continued on SIGTERM', async () => {
  const dialled = new Promise<Socket>((resolve) => io.of(NODE_NAMESPACE).once('connection', resolve));
  const process1 = start();
  const exit = once(process1, 'exit');
  const { ready: name, url, metrics } = await ready(process1);
  expect(name).toBe('broadcaster');
  expect((await fetch(new URL('/healthz', metrics))).status).toBe(200);
  const socket = await dialled;
  expect(NodeHandshake.parse(socket.handshake.auth).node).toEqual({
    kind: 'broadcaster',
    originUrl: url,
    channelIds: [],
  });
  expect((await fetch(new URL('/readyz', metrics))).status).toBe(200);

  expect(await call(socket, 'channel.begin', {})).toMatchObject({ ok: false, error: { code: 'bad-input' } });
  expect(await call(socket, 'channel.start', { channelId: 'x' })).toMatchObject({
    ok: false,
    error: { code: 'bad-input', field: 'channelId' },
  });
  expect(await call(socket, 'channel.scene', { channelId: 'nothing1', scene: sceneOf({}) })).toMatchObject({
    ok: false,
    error: { code: 'not-found' },
  });
  const params = { channelId: 'channel1', webinarId: 'webinar1', profile: 'fast', scene: sceneOf({}) };
  const started = await call(socket, 'channel.start', params);
  if (!started.ok) throw new Error(started.error.message);
  const playlistUrl = started.value.playlistUrl ?? '';
  expect(playlistUrl).toBe(`${url}/live/channel1/multivariant.m3u8`);
  expect(await call(socket, 'channel.start', params)).toEqual(started); // the same again is the same channel
  expect(await call(socket, 'channel.start', { ...params, profile: 'scale' })).toMatchObject({
    ok: false,
    error: { code: 'conflict' },
  });

  const media = new URL('720p.m3u8?_HLS_msn=2', playlistUrl);
  const playlist = await (await fetch(media)).text();
  expect(playlist).toContain('#EXT-X-PART:');
  const segment = playlist.match(/^(?!#).+\.mp4$/m)?.[0] ?? '';
  expect((await fetch(new URL(segment, media))).headers.get('content-type')).toBe('video/mp4');
  const text = await (await fetch(metrics)).text();
  expect(text).toMatch(/^rostrum_compositor_frames_total\{channel="[\w-]{8}"\} [1-9]/m);
  expect(text).toMatch(/^rostrum_compositor_restarts_total\{channel="[\w-]{8}"\} 0$/m);
  expect(text).not.toContain('channel1');
  process1.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);

  const dialledAgain = new Promise<Socket>((resolve) => io.of(NODE_NAMESPACE).once('connection', resolve));
  const process2 = start({ ROSTRUM_PARENT_PIPE: '1' });
  const exit2 = once(process2, 'exit');
  await ready(process2);
  const socket2 = await dialledAgain;
  for (;;) {
    const [beat] = (await once(socket2, 'heartbeat')) as [unknown];
    // What it was not told the end of, it asks about.
    if (String(Heartbeat.parse(beat).openArchives) === 'channel1') break;
  }
  expect(await call(socket2, 'channel.start', params)).toMatchObject({ ok: true });
  const ended = await call(socket2, 'channel.end', { channelId: 'channel1' });
  if (!ended.ok) throw new Error(ended.error.message);
  const recording = await fetch(ended.value.recordingUrl ?? '');
  expect(await recording.text()).toContain('#EXT-X-STREAM-INF');
  expect(await call(socket2, 'channel.start', params)).toMatchObject({
    ok: false,
    error: { code: 'conflict' },
  });
  expect(await call(socket2, 'channel.end', { channelId: 'unknown1' })).toEqual({
    ok: true,
    value: { recordingUrl: null },
  });
  process2.stdin?.end(); // its parent goes away
  expect(await exit2).toEqual([0, null]);
}, 90_000);

test('[R8] on a full disk the show goes on for viewers and the coordinator is told; with room the recording goes on', async () => {
  const disk = await openSmallDisk(64 * 1024 * 1024);
  try {
    const dialled = new Promise<Socket>((resolve) => io.of(NODE_NAMESPACE).once('connection', resolve));
    const running = start({ ROSTRUM_DATA_DIR: disk.folder });
    const { metrics } = await ready(running);
    const socket = await dialled;
    const archiveUntil = async (holds: (archive: ArchiveHealth) => boolean): Promise<void> => {
      for (;;) {
        const [beat] = (await once(socket, 'heartbeat')) as [unknown];
        const { archive } = Heartbeat.parse(beat);
        if (archive && holds(archive)) return;
      }
    };
    const params = { channelId: 'channel1', webinarId: 'webinar1', profile: 'fast', scene: sceneOf({}) };
    const started = await call(socket, 'channel.start', params);
    if (!started.ok) throw new Error(started.error.message);
    const media = new URL('720p.m3u8', started.value.playlistUrl);
    const playlist = async (msn: number): Promise<string> => {
      const answer = await fetch(new URL(`?_HLS_msn=${msn}`, media));
      expect(answer.status).toBe(200);
      return answer.text();
    };
    await playlist(2);
    await archiveUntil((archive) => archive.disk === 'ample' && archive.failingSinceUnixMs === null);
    await disk.leave(0);
    await archiveUntil((archive) => archive.disk === 'full' && archive.failingSinceUnixMs !== null);
    const text = await playlist(1 + Number(/s(\d+)\.p\d+\.mp4"\s*$/.exec(await playlist(2))?.[1] ?? 2));
    const part = /#EXT-X-PART:.*URI="([^"]+)"/.exec(text)?.[1] ?? '';
    expect((await fetch(new URL(part, media))).status).toBe(200);
    await disk.leave(32 * 1024 * 1024);
    await archiveUntil((archive) => archive.disk === 'ample' && archive.failingSinceUnixMs === null);
    const ended = await call(socket, 'channel.end', { channelId: 'channel1' });
    if (!ended.ok) throw new Error(ended.error.message);
    const recording = new URL('720p.m3u8', ended.value.recordingUrl);
    const segments = (await (await fetch(recording)).text()).match(/^\S+\/e\d+\/s\d+\.mp4$/gm) ?? [];
    expect(segments.length).toBeGreaterThan(4);
    for (const segment of segments) expect((await fetch(new URL(segment, recording))).status).toBe(200);
    expect(await (await fetch(metrics)).text()).toMatch(/^rostrum_archive_lost_segments_total 0$/m);
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  } finally {
    await disk.close();
  }
}, 90_000);

test('[R8] a second broadcaster on the same folder is refused, in words; a killed one holds nobody up', async () => {
  const first = start();
  await ready(first);
  const second = start();
  const said: Buffer[] = [];
  second.stdout?.on('data', (chunk: Buffer) => said.push(chunk));
  expect(await once(second, 'close')).toEqual([1, null]);
  expect(Buffer.concat(said).toString()).toContain(
    `another broadcaster writes to ${join(folder, 'channels')}`,
  );
  const gone = once(first, 'exit');
  first.kill('SIGKILL');
  await gone;
  expect((await ready(start())).ready).toBe('broadcaster');
}, 30_000);

test('an impossible setting ends it at once', async () => {
  const started = start({ ROSTRUM_ORIGIN_PORT: 'many' });
  const said: Buffer[] = [];
  started.stderr?.on('data', (chunk: Buffer) => said.push(chunk));
  expect(await once(started, 'close')).toEqual([2, null]);
  expect(Buffer.concat(said).toString()).toContain('ROSTRUM_ORIGIN_PORT is "many"');
});

test('what it shows is in the bucket of its settings while it is shown, with credentials as the SDK finds them; the coordinator is told how far, and has it deleted', async () => {
  const s3 = await startSwift();
  const bucket = await makeBucket(s3);
  try {
    const dialled = new Promise<Socket>((resolve) => io.of(NODE_NAMESPACE).once('connection', resolve));
    const running = start({
      ROSTRUM_S3_BUCKET: bucket.place.bucket,
      ROSTRUM_S3_PREFIX: 'shows',
      ROSTRUM_S3_REGION: s3.region,
      ROSTRUM_S3_ENDPOINT: s3.endpoint,
      ROSTRUM_S3_PATH_STYLE: '1',
      AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    });
    const { url, metrics } = await ready(running);
    const socket = await dialled;
    const params = { channelId: 'channel1', webinarId: 'webinar1', profile: 'fast', scene: sceneOf({}) };
    const started = await call(socket, 'channel.start', params);
    if (!started.ok) throw new Error(started.error.message);
    for (;;) {
      const [beat] = (await once(socket, 'heartbeat')) as [unknown];
      const publishing = Heartbeat.parse(beat).archive?.publishing;
      expect(publishing?.problem).toBeNull();
      if ((await bucket.names()).includes('shows/live/channel1/720p/e1/s2.mp4')) break;
    }
    const path = 'live/channel1/720p/e1/s2.mp4';
    const served = await fetch(new URL(`/${path}`, url));
    const stored = await bucket.get(`shows/${path}`);
    expect(stored.bytes.equals(Buffer.from(await served.arrayBuffer()))).toBe(true);
    expect(stored.contentType).toBe(served.headers.get('content-type'));
    expect(stored.cacheControl).toBe(served.headers.get('cache-control'));
    expect(await (await fetch(metrics)).text()).toMatch(
      /^rostrum_publish_objects_total\{kind="media"\} [1-9]/m,
    );
    expect(await (await fetch(new URL('/readyz', metrics))).json()).toMatchObject({
      publishing: { problem: null },
    });
    await call(socket, 'channel.end', { channelId: 'channel1' });
    while (!(await bucket.names()).includes('shows/recordings/channel1/multivariant.m3u8')) {
      await once(socket, 'heartbeat');
    }
    for (;;) {
      const [beat] = (await once(socket, 'heartbeat')) as [unknown];
      if (Heartbeat.parse(beat).heldRecordings?.includes('channel1')) break;
    }
    // Deleted: shown to nobody from then on, here or by the process that comes after one that is killed.
    const playlists = ['live', 'recordings'].map((area) => `/${area}/channel1/multivariant.m3u8`);
    const statuses = (base: string): Promise<number[]> =>
      Promise.all([`/${path}`, ...playlists].map(async (name) => (await fetch(new URL(name, base))).status));
    expect(await statuses(url)).toEqual([200, 200, 200]);
    const answer = await call(socket, 'recording.delete', { channelId: 'channel1' });
    expect(answer).toEqual({ ok: true, value: { left: expect.arrayContaining(['bucket']) } });
    expect(await statuses(url)).toEqual([404, 404, 404]);
    expect((await call(socket, 'recording.delete', { channelId: '../channel1' })).ok).toBe(false);
    for (;;) {
      const next = await call(socket, 'recording.delete', { channelId: 'channel1' });
      if (!next.ok) throw new Error(next.error.message);
      if (next.value.left?.length === 0) break;
      await once(socket, 'heartbeat');
    }
    expect(await bucket.names()).toEqual(['shows/rostrum-check.txt']);
    expect((await readdir(join(folder, 'channels'))).filter((name) => !name.startsWith('.'))).toEqual([]);
  } finally {
    bucket.close();
    await s3.stop();
  }
}, 90_000);

test('who wants their isolated tracks deleted has that once the show is over, and at the next start what was left of it', async () => {
  const s3 = await startSwift();
  const bucket = await makeBucket(s3);
  const env = {
    ROSTRUM_S3_BUCKET: bucket.place.bucket,
    ROSTRUM_S3_REGION: s3.region,
    ROSTRUM_S3_ENDPOINT: s3.endpoint,
    ROSTRUM_S3_PATH_STYLE: '1',
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
  };
  const show = join(folder, 'channels', 'show');
  const inBucket = async (): Promise<string[]> =>
    (await bucket.names()).flatMap((name) => /^tracks\/show\/(.*)$/.exec(name)?.[1] ?? []);
  const until = async (wanted: readonly string[]): Promise<void> => {
    for (;;) {
      if ((await inBucket()).join() === wanted.toSorted().join()) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  try {
    await mkdir(join(folder, 'channels'));
    await recordTwo(show);
    await noteChannel(show, { ended: false });
    const dialled = new Promise<Socket>((resolve) => io.of(NODE_NAMESPACE).once('connection', resolve));
    const first = start(env);
    await ready(first);
    const socket = await dialled;
    await until([...GOING, ...AGAIN, ...OF_BOB, 'manifest.json']);
    const shape = { ...NO_SHAPE, revision: 3, erase: [WISH] };
    const answer = await call(socket, 'recording.shape', { channelId: 'show', shape });
    expect(answer).toEqual({ ok: true, value: { revision: 3 } });
    await appendFile(join(show, JOURNAL_NAME), formatEntry({ type: 'end', endedUnixMs: Date.now() }));
    await until([...AGAIN, ...OF_BOB, 'manifest.json']);
    const later = { ...shape, revision: 4, erase: [{ ...WISH, beforeUnixMs: WISH.beforeUnixMs + 90_000 }] };
    expect((await call(socket, 'recording.shape', { channelId: 'show', shape: later })).ok).toBe(true);
    await until([...OF_BOB, 'manifest.json']);
    expect(Object.keys(await tracksIn(show)).sort()).toEqual(
      [...OF_BOB, 'manifest.json', 'journal.jsonl'].sort(),
    );
    const exit = once(first, 'exit');
    first.kill('SIGKILL');
    await exit;
    // Written down, and no more, by one that was killed.
    await wish(show, WISH, { ...WISH, personId: 'bob-1' });
    await ready(start(env));
    await until(['manifest.json']);
  } finally {
    bucket.close();
    await s3.stop();
    await removeFolders();
  }
}, 90_000);
