import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@rostrum/service-kit/free-port';
import { makeCertificate } from '@rostrum/service-kit/testing/certificate';
import { haproxyConfig } from '../generators/haproxy.ts';
import { HoldingOrigin } from '../testing/holding-origin.ts';
import { allGone, processesBelow } from '../testing/processes.ts';
import { startEdge } from './edge.ts';

let folder: string;
let origin: HoldingOrigin;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-edge-test-'));
  origin = await HoldingOrigin.open();
});
afterAll(async () => {
  origin.close();
  await rm(folder, { recursive: true, force: true });
});

const edgeAt = (port: number) => ({
  ...{ host: '127.0.0.1', port, originHost: '127.0.0.1', originPort: origin.port, memoryMb: 16 },
  log: () => undefined,
});

test('an edge that cannot have its port says what Varnish said, and leaves nothing behind', async () => {
  await expect(startEdge(edgeAt(origin.port))).rejects.toMatchObject({
    code: 'program',
    message: expect.stringContaining('in use'),
  });
});

test('a folder of its own is emptied of what a killed edge left there, and taken away at the end', async () => {
  const workDir = join(folder, 'varnish');
  await mkdir(join(workDir, '_.vsm_child'), { recursive: true });
  await writeFile(join(workDir, '_.vsm_child/left'), 'of an earlier one');
  const edge = await startEdge({ ...edgeAt(await freePort()), workDir });
  expect(await readdir(join(workDir, '_.vsm_child'))).not.toContain('left');
  expect((await edge.counters()).size).toBeGreaterThan(0);
  await edge.close();
  expect(await readdir(folder)).not.toContain('varnish');
});

test('so does one over TLS, with what HAProxy said', async () => {
  await expect(
    startEdge({ ...edgeAt(origin.port), tls: await makeCertificate(folder) }),
  ).rejects.toMatchObject({ code: 'program', message: expect.stringContaining('Address already in use') });
});

test('a key that is not the certificate’s is refused with what HAProxy said', async () => {
  const { certFile } = await makeCertificate(folder);
  const other = await mkdtemp(join(folder, 'other-'));
  const { keyFile } = await makeCertificate(other);
  await expect(startEdge({ ...edgeAt(await freePort()), tls: { certFile, keyFile } })).rejects.toMatchObject({
    code: 'program',
    message: expect.stringContaining('private key'),
  });
});

test.each([{ host: 'a b' }, { port: 0 }, { pem: "/tmp/it's.pem" }, { varnishSocket: '/tmp/a\nb' }])(
  '%j does not get into the configuration of HAProxy',
  (wrong) => {
    const right = {
      host: '::',
      port: 443,
      pem: '/a.pem',
      varnishSocket: '/v.sock',
      controlSocket: '/c.sock',
      mediaKeys: [],
    };
    expect(haproxyConfig(right)).toContain('bind [::]:443 ssl');
    expect(() => haproxyConfig({ ...right, ...wrong })).toThrow(RangeError);
  },
);

test.each(['haproxy', 'varnishd', 'cache-main'])(
  'when %s hangs the edge ends with all that belongs to it',
  async (victim) => {
    const hanging = await startEdge({
      ...edgeAt(await freePort()),
      tls: await makeCertificate(folder),
      silence: { everyMs: 20, withinMs: 500, misses: 2, enoughMs: 3000 },
    });
    const all = await processesBelow(process.pid);
    process.kill(all.get(victim) ?? 0, 'SIGSTOP');
    // The manager of Varnish answers nobody: without it the rest goes on.
    if (victim !== 'varnishd') expect(await hanging.died).toBe('the edge does not answer');
    await hanging.close();
    expect([...all.keys()]).toEqual(expect.arrayContaining(['haproxy', 'varnishd', 'cache-main']));
    await allGone(all.values());
  },
  30_000,
);
