import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { freePort } from '@rostrum/service-kit/free-port';
import { makeCertificate } from '@rostrum/service-kit/testing/certificate';
import { HoldingOrigin } from '../testing/holding-origin.ts';
import { allGone, processesBelow } from '../testing/processes.ts';
import { http1Get } from '../testing/viewers.ts';

/** The edge as the launcher starts it. */

let folder: string;
let temporary: string;
let origin: HoldingOrigin;
let service: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-edge-main-'));
  temporary = await mkdtemp(join(folder, 'tmp-'));
  origin = await HoldingOrigin.open();
});

afterEach(async () => {
  if (service && service.exitCode === null && service.signalCode === null) {
    service.kill('SIGTERM');
    await once(service, 'exit');
  }
  origin.close();
  await rm(folder, { recursive: true, force: true });
});

async function start(
  tls: { certFile: string; keyFile: string },
  env: Readonly<Record<string, string>> = {},
): Promise<{ ready: Record<string, string>; port: number }> {
  const port = await freePort();
  service = spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      ...process.env,
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
      TMPDIR: temporary,
      ROSTRUM_EDGE_PORT: String(port),
      ROSTRUM_ORIGIN_PORT: String(origin.port),
      ROSTRUM_EDGE_MEMORY_MB: '16',
      ROSTRUM_TLS_CERT: tls.certFile,
      ROSTRUM_TLS_KEY: tls.keyFile,
      ROSTRUM_PARENT_PIPE: '1',
      ROSTRUM_LOG_LEVEL: 'silent',
      ...env,
    },
  });
  if (!service.stdout) throw new Error('no stdout');
  const [line] = await once(createInterface({ input: service.stdout }), 'line');
  return { ready: JSON.parse(String(line)), port };
}

/** Pids of the service's programs, by name. */
const programs = (): Promise<Map<string, number>> => processesBelow(service?.pid ?? 0);

test.each(['haproxy', 'varnishd'])(
  'when %s is killed the service ends with the other, to be started again',
  async (victim) => {
    const { ready, port } = await start(await makeCertificate(folder));
    expect(ready).toMatchObject({ ready: 'edge', url: `https://localhost:${port}` });
    const found = await programs();
    expect([...found.keys()].sort()).toEqual(['cache-main', 'haproxy', 'varnishd']);
    expect((await http1Get(port, '/live/show/a/p.mp4')).status).toBe(200);
    expect(await (await fetch(ready.metrics ?? '')).text()).toMatch(/^rostrum_edge_origin_requests 1$/m);
    const ended = once(service as ChildProcess, 'exit');
    process.kill(found.get(victim) ?? 0, 'SIGKILL');
    expect((await ended)[0]).toBe(1);
    await allGone(found.values());
    expect(await readdir(temporary)).toEqual([]);
  },
  30_000,
);

test('no copy of a key lies on the disk while it runs, and nothing at all when its parent is gone', async () => {
  const { keyFile, certFile } = await makeCertificate(folder);
  const key = (await readFile(keyFile, 'utf8')).split('\n')[1] ?? '';
  const mediaKey = 'm'.repeat(32);
  await start({ keyFile, certFile }, { ROSTRUM_MEDIA_KEYS: `own:${mediaKey}` });
  const files = (await readdir(temporary, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  );
  expect(files.map(({ name }) => name)).toContain('edge.vcl');
  for (const { parentPath, name } of files) {
    const bytes = await readFile(join(parentPath, name));
    expect([name, bytes.includes(key), bytes.includes(mediaKey)]).toEqual([name, false, false]);
  }
  const found = await programs();
  const ended = once(service as ChildProcess, 'exit');
  service?.stdin?.end();
  expect((await ended)[0]).toBe(0);
  await allGone(found.values());
  expect(await readdir(temporary)).toEqual([]);
});
