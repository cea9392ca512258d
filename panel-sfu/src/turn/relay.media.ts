import { createHash, X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeCertificate } from '@rostrum/service-kit/testing/certificate';
import { turnCredentials } from '@rostrum/service-kit/turn-credentials';
import { build } from 'esbuild';
import { pino } from 'pino';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Service, startService } from '../service.ts';
import { findWorkerBin } from '../testing.ts';
import { startTestCoordinator, type TestCoordinator } from '../testing-coordinator.ts';
import { startTurn, type Turn } from './server.ts';
import { type Networks, openNetworks } from './testing/networks.ts';

/** People in Chromium behind a firewall that lets nothing through but a TURN server, on the stage over a real worker. */
const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
const SECRET = 'a-secret-of-the-test-of-relays';
const PORT = 3478;
const TLS_PORT = 443;

let folder: string;
let networks: Networks;
let coordinator: TestCoordinator;
let service: Service;
let turn: Turn;
let browser: Browser;
let certificate: { certFile: string; keyFile: string };
/** By which the client is told to reach the TURN server. */
let urls: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path(tmpdir(), 'rostrum-relay-'));
  networks = await openNetworks();
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('../../client/testing/page.ts', import.meta.url))],
    bundle: true,
    format: 'iife',
    write: false,
    logLevel: 'silent',
  });
  coordinator = await startTestCoordinator(
    {
      '/': '<!doctype html><title>stage</title><body><script src="/page.js"></script>',
      '/page.js': bundle.outputFiles[0]?.text ?? '',
    },
    {
      host: networks.houseIp,
      iceServers: (personId) => [
        { urls, ...turnCredentials({ secret: SECRET, personId, ttlS: 600, nowMs: Date.now() }) },
      ],
    },
  );
  service = await startService(
    {
      coordinatorUrl: coordinator.url,
      nodeToken: 'a token of the test',
      nodeId: 'test-node',
      rtcPort: 0,
      listenIp: networks.stageIp,
      announcedIp: undefined,
      metricsIp: '127.0.0.1',
      metricsPort: 0,
      workers: 1,
      orphanMs: 60_000,
      workerBin: findWorkerBin(),
      parentPipe: false,
      logLevel: 'silent',
    },
    pino({ level: 'silent' }),
  );
  certificate = await makeCertificate(folder, networks.turnIp);
  turn = await startTurn({
    policy: {
      realm: 'rostrum',
      secret: SECRET,
      listen: {
        ips: [networks.relayIp, networks.turnIp],
        port: PORT,
        tls: { port: TLS_PORT, ...certificate },
      },
      relay: { ip: networks.relayIp, announcedIp: networks.relayIp, minPort: 50_000, maxPort: 50_999 },
      peers: { reach: 'stages', stages: [networks.stageIp] },
      limits: { allocationsPerPerson: 20, allocations: 100, bytesPerSecond: 1_500_000 },
    },
    through: networks.turn,
    certificateEveryMs: 200,
    log: () => undefined,
  });
  const started = path(folder, 'chromium');
  await writeFile(started, `#!/bin/sh\nexec ${networks.client.join(' ')} ${CHROMIUM} "$@"\n`);
  await chmod(started, 0o755);
  const { publicKey } = new X509Certificate(await readFile(certificate.certFile));
  const spki = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
  browser = await chromium.launch({
    executablePath: started,
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      '--autoplay-policy=no-user-gesture-required',
      // As behind HTTPS, where a real one stands.
      `--unsafely-treat-insecure-origin-as-secure=${coordinator.url}`,
      `--ignore-certificate-errors-spki-list=${spki}`,
    ],
  });
});

afterAll(async () => {
  await browser?.close();
  await service?.close();
  await coordinator?.close();
  await turn?.close();
  await networks?.close();
  await rm(folder, { recursive: true, force: true });
});

async function until(what: string, look: () => Promise<unknown>, timeoutMs = 20_000): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!(await look())) {
    if (performance.now() > deadlineMs) throw new Error(`never: ${what}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

async function join(person: string, colour: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(`${coordinator.url}/?person=${person}&colour=${colour}&turn=1`);
  await until(`${person} connected`, async () => (await page.evaluate('probe.connection()')) === 'connected');
  expect(await page.evaluate('probe.join()')).toEqual({ ok: true, value: null });
  return page;
}

test.each([
  ['udp', 'udp', PORT, () => `turn:${networks.turnIp}:${PORT}?transport=udp`],
  ['tcp', 'tcp', PORT, () => `turn:${networks.turnIp}:${PORT}?transport=tcp`],
  ['tls', 'tcp', TLS_PORT, () => `turns:${networks.turnIp}:${TLS_PORT}?transport=tcp`],
] as const)(
  'where %s to the TURN server is all that passes, two people see each other',
  async (by, protocol, port, url) => {
    urls = [url()];
    await networks.onlyTo([
      { ip: networks.houseIp, protocol: 'tcp', port: Number(new URL(coordinator.url).port) },
      { ip: networks.turnIp, protocol, port },
    ]);
    const [ada, bob] = [await join(`ada-${by}`, 'red'), await join(`bob-${by}`, 'blue')];
    await bob.evaluate(`probe.show('ada-${by}', 'camera', 360)`);
    await until('ada is red to bob', async () => {
      const seen = (await bob.evaluate(`probe.picture('ada-${by}', 'camera')`)) as {
        red: number;
        blue: number;
      } | null;
      return seen && seen.red > 150 && seen.blue < 100;
    });
    expect(await bob.evaluate('probe.routes()')).toEqual([
      { type: 'relay', by },
      { type: 'relay', by },
    ]);
    for (const page of [ada, bob]) await page.close();
  },
);
