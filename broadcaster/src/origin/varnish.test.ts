/** The generated Varnish in front of the real origin: one object, one origin request, however many ask. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { varnishVcl } from '@rostrum/cdn-config';
import { House, request } from './testing/house.ts';

const VARNISHD = '/usr/sbin/varnishd';
const withVarnish = existsSync(VARNISHD) ? describe : describe.skip;

withVarnish('behind Varnish', () => {
  let house: House;
  let folder: string;
  let varnish: ChildProcess;
  let port: number;
  let varnishSays = '';

  beforeAll(async () => {
    house = await House.open();
    house.feedTo(48 * 8 + 16);
    folder = await mkdtemp(join(tmpdir(), 'rostrum-edge-'));
    await writeFile(
      join(folder, 'edge.vcl'),
      varnishVcl({ originHost: '127.0.0.1', originPort: house.port }),
    );
    // Port 0: Varnish says in a file which one the system gave it.
    varnish = spawn(VARNISHD, [
      ...[
        '-F',
        '-f',
        join(folder, 'edge.vcl'),
        '-a',
        '127.0.0.1:0',
        '-n',
        join(folder, 'work'),
        '-s',
        'default,64m',
      ],
      ...['-T', 'none', '-j', 'none', '-p', 'thread_pools=1', '-p', 'thread_pool_min=20'],
    ]);
    for (const stream of [varnish.stdout, varnish.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        varnishSays += chunk.toString();
      });
    }
    port = await listeningPort();
  }, 60_000);

  afterAll(async () => {
    const gone = new Promise((resolve) => varnish.on('close', resolve));
    varnish.kill('SIGTERM');
    await gone;
    await house.close();
    await rm(folder, { recursive: true, force: true });
  }, 20_000);

  /** The manager process writes no port anywhere when it is 0; the kernel knows which one its child listens on. */
  async function listeningPort(): Promise<number> {
    for (let i = 0; i < 300; i += 1) {
      const found = await portOfDescendant(varnish.pid ?? 0);
      if (found !== undefined) return found;
      if (varnish.exitCode !== null) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`varnishd does not listen: ${varnishSays}`);
  }

  const originRequests = async (): Promise<number> =>
    house.metric('rostrum_origin_responses_total', { class: 'playlist', status: '200' });

  test('[LL23] many who wait for one playlist make exactly one origin request', async () => {
    const before = await originRequests();
    const waiting = Array.from({ length: 200 }, (_, i) =>
      request(port, `/live/show/hi.m3u8?_HLS_msn=9&_HLS_part=2&CMCD=sid%3D${i}`),
    );
    await house.held(1);
    // All are in: the edge has one connection for each.
    await new Promise((resolve) => setTimeout(resolve, 300));
    house.feedTo(48 * 8 + 24);
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => body.toString())).size).toBe(1);
    expect(answers[0]?.body.toString()).toContain('hi/e1/s9.p2.mp4');
    expect((await originRequests()) - before).toBe(1);
    // [LL20] and whoever asks later gets it from the edge.
    const late = await request(port, '/live/show/hi.m3u8?_HLS_part=2&x=y&_HLS_msn=9');
    expect(late.body.equals(answers[0]?.body ?? Buffer.alloc(0))).toBe(true);
    expect((await originRequests()) - before).toBe(1);
  }, 20_000);

  test('[LL17] [LL23] the hinted part is asked for once', async () => {
    const metric = { class: 'media', status: '200' };
    const before = await house.metric('rostrum_origin_responses_total', metric);
    const waiting = Array.from({ length: 100 }, () => request(port, '/live/show/lo/e1/s9.p3.mp4'));
    await house.held(1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    house.feedTo(48 * 8 + 32);
    const answers = await Promise.all(waiting);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await house.metric('rostrum_origin_responses_total', metric)) - before).toBe(1);
  }, 20_000);

  test('[LL22] [LL14] methods, CORS and bad requests are as at the origin', async () => {
    const preflight = await request(port, '/live/show/hi.m3u8', { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, '*']);
    expect((await request(port, '/live/show/hi.m3u8', { method: 'POST' })).status).toBe(405);
    expect((await request(port, '/live/show/hi.m3u8?_HLS_part=3')).status).toBe(400);
    const { headers } = await request(port, '/live/show/hi/e1/s1.mp4?x=1');
    expect(headers['access-control-expose-headers']).toContain('Age');
    expect(headers.age).toBeDefined();
  });
});

/** The TCP port that a process or one of its children listens on, by /proc. */
async function portOfDescendant(pid: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  for (const id of [pid, ...children.split(' ').filter(Boolean).map(Number)]) {
    const files = await readdir(`/proc/${id}/fd`).catch(() => []);
    const links = await Promise.all(files.map((fd) => readlink(`/proc/${id}/fd/${fd}`).catch(() => '')));
    const inodes = new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []));
    for (const line of (await readFile('/proc/net/tcp', 'utf8')).split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const LISTEN = '0A';
      if (fields[3] === LISTEN && inodes.has(fields[9] ?? ''))
        return Number.parseInt(fields[1]?.split(':')[1] ?? '', 16);
    }
  }
  return undefined;
}
