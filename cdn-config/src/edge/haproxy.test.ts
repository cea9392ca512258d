import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@rostrum/service-kit/free-port';
import { type Program, startProgram } from '@rostrum/service-kit/program';
import { makeCertificate } from '@rostrum/service-kit/testing/certificate';
import { haproxyConfig } from '../generators/haproxy.ts';
import { http1Get } from '../testing/viewers.ts';
import { answersControl } from './haproxy-control.ts';

/** HAProxy alone: there is no Varnish behind it. */

let folder: string;
let port: number;
let haproxy: Program;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-haproxy-'));
  port = await freePort();
  const { certFile, keyFile } = await makeCertificate(folder);
  const pem = join(folder, 'edge.pem');
  await writeFile(pem, `${await readFile(certFile, 'utf8')}\n${await readFile(keyFile, 'utf8')}`);
  const controlSocket = join(folder, 'control.sock');
  const config = join(folder, 'haproxy.cfg');
  const varnishSocket = join(folder, 'varnish.sock');
  await writeFile(
    config,
    haproxyConfig({ host: '127.0.0.1', port, pem, varnishSocket, controlSocket, mediaKeys: [] }),
  );
  haproxy = startProgram('haproxy', ['-db', '-f', config], () => undefined);
  const asking = new AbortController();
  await haproxy.ready(answersControl(controlSocket, asking.signal));
  asking.abort();
});
afterAll(async () => {
  await haproxy?.stop();
  await rm(folder, { recursive: true, force: true });
});

test('[LL22] a Varnish that is gone: any page can read HAProxy’s own answer, and when to ask again', async () => {
  const answer = await http1Get(port, '/live/show/hi.m3u8');
  expect(answer.status).toBe(503);
  expect(answer.headers).toMatchObject({
    'access-control-allow-origin': '*',
    'access-control-expose-headers': expect.stringContaining('Retry-After'),
    'retry-after': '1',
  });
  expect(JSON.parse(answer.body)).toEqual({ error: 'edge-unavailable' });
});
