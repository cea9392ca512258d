import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as path } from 'node:path';
import { connect } from 'node:tls';
import { makeCertificate } from '@rostrum/service-kit/testing/certificate';
import { turnCredentials } from '@rostrum/service-kit/turn-credentials';
import type { Page } from 'playwright-core';
import {
  CHROMIUM,
  framesDecoded,
  startTestStage,
  type TestStage,
  until as untilWithin,
} from '../testing-stage.ts';
import { startTurn, type Turn, type TurnOptions } from './server.ts';
import { type Networks, openNetworks, whyNoNetworks } from './testing/networks.ts';

/** People in Chromium behind a firewall that lets nothing through but a TURN server, on the stage over a real worker. */
const SECRET = 'a-secret-of-the-test-of-relays';
const PORT = 3478;
const TLS_PORT = 443;
const PATIENCE_MS = 30_000;

// Without root there are no networks of our own: `./rostrum doctor --test` says so, and CI fails by it.
const lack = await whyNoNetworks();
if (lack !== null) process.stderr.write(`NOT RUN: relays where nothing else passes: ${lack}\n`);
const ring = lack === null ? test : test.skip;

let folder: string;
let networks: Networks;
let stage: TestStage;
let turn: Turn;
let certificate: { certFile: string; keyFile: string };
/** By which the client is told to reach the TURN server. */
let urls: string[] = [];
/** How often each person was told credentials. */
const told = new Map<string, number>();

beforeAll(async () => {
  if (lack !== null) return;
  folder = await mkdtemp(path(tmpdir(), 'rostrum-relay-'));
  networks = await openNetworks();
  certificate = await makeCertificate(folder, networks.turnIp);
  turn = await startTurn(turnOptions());
  stage = await startTestStage({
    coordinator: {
      host: networks.houseIp,
      iceServers: (personId) => {
        told.set(personId, (told.get(personId) ?? 0) + 1);
        return [{ urls, ...turnCredentials({ secret: SECRET, personId, ttlS: 600, nowMs: Date.now() }) }];
      },
    },
    node: {
      listenIp: networks.stageIp,
      relays: [{ ip: networks.relayIp, minPort: 50_000, maxPort: 50_999 }],
    },
    chromium: chromiumBehindTheFirewall,
    patienceMs: PATIENCE_MS,
  });
});

/** It takes the coordinator's origin for a secure one, as behind HTTPS where a real one stands, and the TURN server's certificate. */
async function chromiumBehindTheFirewall(
  coordinatorUrl: string,
): Promise<{ executablePath: string; args: readonly string[] }> {
  const executablePath = path(folder, 'chromium');
  await writeFile(executablePath, `#!/bin/sh\nexec ${networks.client.join(' ')} ${CHROMIUM} "$@"\n`);
  await chmod(executablePath, 0o755);
  const { publicKey } = new X509Certificate(await readFile(certificate.certFile));
  const spki = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64');
  return {
    executablePath,
    args: [
      `--unsafely-treat-insecure-origin-as-secure=${coordinatorUrl}`,
      `--ignore-certificate-errors-spki-list=${spki}`,
    ],
  };
}

afterAll(async () => {
  await stage?.close();
  await turn?.close();
  await networks?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const turnOptions = (): TurnOptions => ({
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

const until = (
  what: string,
  look: () => Promise<boolean | null>,
  timeoutMs = PATIENCE_MS,
): Promise<unknown> => untilWithin(what, look, timeoutMs);
const join = (person: string, colour: string): Promise<Page> => stage.open(person, colour, '&turn=1');

const WAYS = {
  udp: { protocol: 'udp', port: PORT, scheme: 'turn' },
  tcp: { protocol: 'tcp', port: PORT, scheme: 'turn' },
  tls: { protocol: 'tcp', port: TLS_PORT, scheme: 'turns' },
} as const;

/** Two people on the stage, by a TURN server over this alone; `ada` is seen by `bob`. */
async function meet(by: keyof typeof WAYS, name: string): Promise<{ ada: Page; bob: Page; adaId: string }> {
  const { protocol, port, scheme } = WAYS[by];
  urls = [`${scheme}:${networks.turnIp}:${port}?transport=${protocol}`];
  await networks.onlyTo([
    { ip: networks.houseIp, protocol: 'tcp', port: Number(new URL(stage.coordinator.url).port) },
    { ip: networks.turnIp, protocol, port },
  ]);
  const adaId = `ada-${name}`;
  const [ada, bob] = [await join(adaId, 'red'), await join(`bob-${name}`, 'blue')];
  await bob.evaluate(`probe.show('${adaId}', 'camera', 360)`);
  await until('ada is red to bob', async () => {
    const seen = (await bob.evaluate(`probe.picture('${adaId}', 'camera')`)) as {
      red: number;
      blue: number;
    } | null;
    return seen && seen.red > 150 && seen.blue < 100;
  });
  return { ada, bob, adaId };
}

/** Resolves when so many more frames of the others have been decoded. */
async function moves(page: Page, frames = 20): Promise<void> {
  const decoded = async (): Promise<number> =>
    Object.values(await framesDecoded(page)).reduce((sum, count) => sum + count, 0);
  let before = await decoded();
  const first = before;
  await until('the picture moves', async () => {
    const now = await decoded();
    // Another decoder counts from nothing.
    if (now < before) before = now;
    return now - Math.min(first, before) >= frames;
  });
}

ring.each(['udp', 'tcp', 'tls'] as const)(
  'where %s to the TURN server is all that passes, two people see each other, and the stage knows the way',
  async (by) => {
    const { ada, bob, adaId } = await meet(by, by);
    // The browser's statistics have a way only some time after it is gone.
    let routes: unknown;
    await until('both of Bob’s connections to have a way', async () => {
      routes = await bob.evaluate('probe.routes()');
      return (routes as unknown[]).length === 2;
    });
    expect(routes).toEqual([
      { type: 'relay', by },
      { type: 'relay', by },
    ]);
    await until('the stage counts relayed connections, Bob’s two at least, and no other', async () => {
      const told = await (await fetch(stage.service.metricsUrl)).text();
      const count = (way: string): number =>
        Number(
          new RegExp(`^rostrum_sfu_connections\\{way="${way}",protocol="udp"\\} (\\d+)$`, 'm').exec(
            told,
          )?.[1],
        );
      return count('relayed') >= 2 && count('direct') === 0;
    });
    await until('Ada says it of herself', async () => stage.coordinator.reports.get(adaId)?.relay === by);
    for (const page of [ada, bob]) {
      await page.evaluate('probe.leave()');
      await page.close();
    }
  },
);

ring('who reaches the stage without the TURN server comes directly, though a relay is offered', async () => {
  urls = [`turn:${networks.turnIp}:${PORT}?transport=udp`];
  const [slot] = stage.service.pool.alive();
  const [udp] = (await slot?.webRtcServer.dump())?.udpSockets ?? [];
  await networks.onlyTo([
    { ip: networks.houseIp, protocol: 'tcp', port: Number(new URL(stage.coordinator.url).port) },
    { ip: networks.turnIp, protocol: 'udp', port: PORT },
    { ip: networks.stageIp, protocol: 'udp', port: udp?.port ?? 0 },
  ]);
  const ada = await stage.open('ada-direct', 'red');
  await until('a direct way', async () => {
    const routes = (await ada.evaluate('probe.routes()')) as { type: string }[];
    return routes.length > 0 && routes.every(({ type }) => type !== 'relay');
  });
  await until('Ada says so', async () => {
    const report = stage.coordinator.reports.get('ada-direct');
    return report !== undefined && report.send.bitrate > 0 && report.relay === null;
  });
  await ada.evaluate('probe.leave()');
  await ada.close();
});

ring('a certificate that is renewed drops no call', async () => {
  const { ada, bob } = await meet('tls', 'renewed');
  const producerOf = async (): Promise<unknown> =>
    ((await ada.evaluate('probe.state()')) as { camera: { producerId: string } }).camera.producerId;
  const producer = await producerOf();
  const renewed = await makeCertificate(await mkdtemp(path(folder, 'renewed-')), 'renewed.example.org');
  await copyFile(renewed.certFile, certificate.certFile);
  await copyFile(renewed.keyFile, certificate.keyFile);
  await until('the other certificate is shown', async () => {
    const socket = connect({ host: networks.relayIp, port: TLS_PORT, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    const { subject } = socket.getPeerCertificate();
    socket.destroy();
    return subject.CN === 'renewed.example.org';
  });
  await moves(bob);
  expect(await producerOf()).toBe(producer);
  expect(await bob.evaluate('probe.routes()')).toMatchObject([{ by: 'tls' }, { by: 'tls' }]);
  for (const page of [ada, bob]) {
    await page.evaluate('probe.leave()');
    await page.close();
  }
});

ring(
  'when the TURN server is started anew, an ICE restart with fresh credentials brings everybody back to their seat',
  async () => {
    const { ada, bob, adaId } = await meet('udp', 'anew');
    // Ada is seen before Bob's microphone is on its way.
    await until('cameras and microphones of both', async () => stage.coordinator.producers.size === 4);
    const before = [...stage.coordinator.producers.keys()];
    const toldBefore = told.get(adaId) ?? 0;
    await turn.close();
    turn = await startTurn(turnOptions());
    await until('fresh credentials', async () => (told.get(adaId) ?? 0) > toldBefore, 40_000);
    await until(
      'both ways stand',
      async () => ((await bob.evaluate('probe.routes()')) as unknown[]).length === 2,
      40_000,
    );
    await moves(bob);
    // Nobody joined anew.
    expect([...stage.coordinator.producers.keys()]).toEqual(before);
    for (const page of [ada, bob]) await page.close();
  },
);
