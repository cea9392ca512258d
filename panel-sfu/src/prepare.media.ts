import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { pino } from 'pino';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Service, startService } from './service.ts';
import { findWorkerBin } from './testing.ts';
import { startTestCoordinator, type TestCoordinator } from './testing-coordinator.ts';

/** Chromium connects to a real worker before it joins: by a section of the description that is for data alone. */
const FLAGS = [
  ...['--headless=new', '--no-sandbox', '--disable-gpu', '--autoplay-policy=no-user-gesture-required'],
  // Without a camera permission Chromium hides its loopback address behind mDNS names, which need a resolver.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

let coordinator: TestCoordinator;
let service: Service;
let browser: Browser;

beforeAll(async () => {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('../client/testing/page.ts', import.meta.url))],
    ...{ bundle: true, format: 'iife', write: false, logLevel: 'silent' },
  });
  coordinator = await startTestCoordinator({
    '/': '<!doctype html><title>stage</title><body><script src="/page.js"></script>',
    '/page.js': bundle.outputFiles[0]?.text ?? '',
  });
  const where = { listenIp: '127.0.0.1', announcedIp: undefined, metricsIp: '127.0.0.1' };
  service = await startService(
    {
      ...where,
      ...{ coordinatorUrl: coordinator.url, nodeToken: 'a token of the test', nodeId: 'test-node' },
      ...{ rtcPort: 0, metricsPort: 0, workers: 1, orphanMs: 60_000, workerBin: findWorkerBin() },
      ...{ parentPipe: false, logLevel: 'silent' },
    },
    pino({ level: 'silent' }),
  );
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
    args: FLAGS,
  });
});

afterAll(async () => {
  await browser?.close();
  await service?.close();
  await coordinator?.close();
});

async function until<T>(what: string, look: () => Promise<T | null | false>): Promise<T> {
  const deadlineMs = performance.now() + 20_000;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > deadlineMs) throw new Error(`never: ${what}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

/** The page's peer connections that are not closed. */
interface Connections {
  readonly states: string[];
  /** RTP streams, either way. */
  readonly streams: number;
}
const connections = (page: Page): Promise<Connections> =>
  page.evaluate(`(async () => {
    const open = connections.filter(({ connectionState }) => connectionState !== 'closed');
    const stats = await Promise.all(open.map(async (c) => [...(await c.getStats()).values()]));
    return {
      states: open.map(({ connectionState }) => connectionState),
      streams: stats.flat().filter(({ type }) => type === 'inbound-rtp' || type === 'outbound-rtp').length,
    };
  })()`);
/** Runs in a page before its own scripts. */
const COLLECT = `
  globalThis.connections = [];
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      super(configuration);
      globalThis.connections.push(this);
    }
  };`;

async function open(person: string, colour: string): Promise<Page> {
  const page = await browser.newPage();
  await page.addInitScript({ content: COLLECT });
  await page.goto(`${coordinator.url}/?person=${person}&colour=${colour}`);
  await until(`${person} connected`, async () => (await page.evaluate('probe.connection()')) === 'connected');
  return page;
}

const prepared = async (page: Page): Promise<void> => {
  await page.evaluate('probe.prepare()');
  await until('both transports stand', async () => {
    const { states } = await connections(page);
    return states.length === 2 && states.every((state) => state === 'connected');
  });
};

const sees = (page: Page, who: string): Promise<unknown> =>
  until(`${who} is seen`, () => page.evaluate(`probe.picture('${who}', 'camera')`));

test('somebody connects before they join, sends and gets nothing, and then joins over that', async () => {
  const ada = await open('ada1', 'red');
  await ada.evaluate('probe.join()');
  await until('ada sends', async () => coordinator.producers.size === 2);
  const bob = await open('bob1', 'blue');
  await prepared(bob);
  expect((await connections(bob)).streams).toBe(0);
  expect([...coordinator.producers.values()].some(({ personId }) => personId === 'bob1')).toBe(false);
  expect(service.rooms.counts()).toMatchObject({ transports: 4, producers: 2 });

  await bob.evaluate(`probe.show('ada1', 'camera', 360)`);
  expect(await bob.evaluate('probe.join()')).toEqual({ ok: true, value: null });
  await ada.evaluate(`probe.show('bob1', 'camera', 360)`);
  await Promise.all([sees(bob, 'ada1'), sees(ada, 'bob1')]);
  expect((await connections(bob)).states).toEqual(['connected', 'connected']);
  expect(service.rooms.counts()).toMatchObject({ transports: 4, producers: 4 });
  await Promise.all([ada, bob].map((page) => page.evaluate('probe.leave()')));
  await Promise.all([ada.close(), bob.close()]);
});

test('what the server gave up meanwhile is made anew by the join', async () => {
  const ada = await open('ada2', 'red');
  await prepared(ada);
  await coordinator.ask('person.close', { roomId: 'test-room', personId: 'ada2' });
  await until('it is seen', async () => (await connections(ada)).states.length === 0);
  expect(await ada.evaluate('probe.join()')).toEqual({ ok: true, value: null });
  const bob = await open('bob2', 'blue');
  await bob.evaluate(`probe.show('ada2', 'camera', 360)`);
  await bob.evaluate('probe.join()');
  await sees(bob, 'ada2');
  await Promise.all([ada.close(), bob.close()]);
});
