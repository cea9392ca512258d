import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@rostrum/service-kit/free-port';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './lib/browser.ts';
import { joinAsCrew } from './lib/crew.ts';
import { drawnCamera, installSyntheticMedia } from './lib/synthetic-media.ts';
import { System } from './lib/system.ts';
import { eventually } from './lib/viewer.ts';

/** `./rostrum up --turn`: a panelist whose browser is let go by the relay alone, on the page that everybody has. */

let system: System;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  const env = { ROSTRUM_TURN_PORT: String(await freePort()) };
  system = await System.start({ args: ['--turn'], env });
  browser = await launchChromium();
}, 90_000);

afterAll(async () => {
  await browser?.close();
  await system?.stop();
}, 60_000);

/** Runs in the page: every connection goes by a relay or not at all, and what it was told is kept for the test. */
function relayOnly(): void {
  const kept: { connections: RTCPeerConnection[] } = Object.assign(globalThis, { connections: [] });
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super({ ...configuration, iceTransportPolicy: 'relay' });
      kept.connections.push(this);
    }
  };
}

const metric = async (line: RegExp): Promise<boolean> => {
  const texts = await Promise.all(
    system.addresses.metrics.map(async (url) => (await fetch(url)).text().catch(() => '')),
  );
  return texts.some((text) => line.test(text));
};

test('comes on stage by it, with credentials of the coordinator', async () => {
  const { webinarId } = await system.api.createWebinar({ title: 'By a relay', profile: 'standard' });
  const host = await joinAsCrew(
    system.api.baseUrl,
    (await system.api.createLink(webinarId, { role: 'host', name: 'Host' })).token,
  );
  const ada = await system.api.createLink(webinarId, { role: 'panelist', name: 'Ada' });
  const context = await browser.newContext({ viewport: { width: 960, height: 640 } });
  await context.addInitScript(installSyntheticMedia, drawnCamera('Ada', 255));
  await context.addInitScript(relayOnly);
  page = await context.newPage();
  await page.goto(ada.url);
  await page.getByRole('button', { name: 'Join the stage' }).click({ timeout: 20_000 });
  await eventually('Ada on stage', 20_000, async () => host.onStage().includes(ada.personId) || null);
  await eventually('a relayed connection', 20_000, () =>
    metric(/^rostrum_sfu_connections\{way="relayed",protocol="udp"\} [12]$/m).then((seen) => seen || null),
  );
  expect(await metric(/^rostrum_sfu_connections\{way="direct",protocol="udp"\} 0$/m)).toBe(true);
  host.close();
}, 60_000);

test('the credentials are in no log, nor is the secret they are made with', async () => {
  const servers = (await page.evaluate(
    'connections.flatMap((connection) => connection.getConfiguration().iceServers)',
  )) as { urls: string[]; username: string; credential: string }[];
  expect(servers[0]?.urls).toContainEqual(expect.stringMatching(/^turn:127\.0\.0\.1:\d+\?transport=udp$/));
  const secret = await readFile(join(system.home, 'data', 'turn-secret'), 'utf8');
  const hidden = [secret, ...servers.flatMap(({ username, credential }) => [username, credential])];
  const logs = join(system.home, 'log');
  for (const name of await readdir(logs)) {
    const text = await readFile(join(logs, name), 'utf8');
    for (const word of hidden) expect([name, text.includes(word)]).toEqual([name, false]);
  }
});
