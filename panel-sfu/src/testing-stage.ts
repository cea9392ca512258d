import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { pino } from 'pino';
import { type Browser, chromium, type Page } from 'playwright-core';
import type { NetworkState } from '../client/adapt.ts';
import { type Service, startService } from './service.ts';
import type { Settings } from './settings.ts';
import { findWorkerBin } from './testing.ts';
import { startTestCoordinator, type TestCoordinator } from './testing-coordinator.ts';

/** Pages with the stage client in Chromium, and a real node behind as much of a coordinator as they need. */
export const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
const FLAGS = [
  '--headless=new',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--autoplay-policy=no-user-gesture-required',
  // Without a camera permission Chromium hides its loopback address behind mDNS names, which need a resolver.
  '--disable-features=WebRtcHideLocalIpsWithMdns',
];

export interface TestStageOptions {
  readonly coordinator?: Parameters<typeof startTestCoordinator>[1];
  /** What of the node's settings is not as usual. */
  readonly node?: Partial<Settings>;
  /** Another way to start Chromium, and flags beside the usual ones. */
  readonly chromium?: (
    coordinatorUrl: string,
  ) => Promise<{ executablePath: string; args: readonly string[] }>;
  /** How long a page may take to reach the coordinator. */
  readonly patienceMs?: number;
}

export interface TestStage {
  readonly coordinator: TestCoordinator;
  readonly service: Service;
  /** Somebody's page, connected to the coordinator; `extra` goes to its query. */
  visit(person: string, colour: string, extra?: string): Promise<Page>;
  /** The same, joined. */
  open(person: string, colour: string, extra?: string): Promise<Page>;
  close(): Promise<void>;
}

export async function startTestStage(options: TestStageOptions = {}): Promise<TestStage> {
  const bundle = await build({
    entryPoints: [fileURLToPath(new URL('../client/testing/page.ts', import.meta.url))],
    bundle: true,
    format: 'iife',
    write: false,
    logLevel: 'silent',
  });
  const coordinator = await startTestCoordinator(
    {
      '/': '<!doctype html><title>stage</title><body><script src="/page.js"></script>',
      '/page.js': bundle.outputFiles[0]?.text ?? '',
    },
    options.coordinator,
  );
  const service = await startService(
    {
      coordinatorUrl: coordinator.url,
      nodeToken: 'a token of the test',
      nodeId: 'test-node',
      rtcPort: 0,
      listenIp: '127.0.0.1',
      announcedIp: undefined,
      metricsIp: '127.0.0.1',
      metricsPort: 0,
      workers: 1,
      orphanMs: 60_000,
      workerBin: findWorkerBin(),
      parentPipe: false,
      logLevel: 'silent',
      ...options.node,
    },
    pino({ level: 'silent' }),
  );
  const { executablePath = CHROMIUM, args = [] } = (await options.chromium?.(coordinator.url)) ?? {};
  const browser: Browser = await chromium.launch({ executablePath, args: [...FLAGS, ...args] });
  const visit = async (person: string, colour: string, extra = ''): Promise<Page> => {
    const page = await browser.newPage();
    await page.goto(`${coordinator.url}/?person=${person}&colour=${colour}${extra}`);
    await until(
      `${person} connected`,
      async () => (await page.evaluate('probe.connection()')) === 'connected',
      options.patienceMs,
    );
    return page;
  };
  return {
    coordinator,
    service,
    visit,
    async open(person, colour, extra) {
      const page = await visit(person, colour, extra);
      expect(await page.evaluate('probe.join()')).toEqual({ ok: true, value: null });
      return page;
    },
    async close() {
      await browser.close();
      await service.close();
      await coordinator.close();
    },
  };
}

export interface Picture {
  width: number;
  height: number;
  red: number;
  green: number;
  blue: number;
}
export interface Remote {
  personId: string;
  source: string;
  paused: boolean;
  spatialLayer: number | null;
  producerId: string;
}
export interface State {
  status: string;
  remotes: Remote[];
  speakers: { dominant: string | null; levels: { personId: string }[] };
  screen: object | null;
  camera: { producerId: string | null; paused: boolean; problem: string | null } | null;
  quality: { word: string; badly: boolean } | null;
  network: NetworkState | null;
}

export async function until<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  timeoutMs = 10_000,
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen) return seen;
    if (performance.now() > deadlineMs) throw new Error(`never: ${what}`);
    await new Promise((wake) => setTimeout(wake, 50));
  }
}

export const stateOf = (page: Page): Promise<State> => page.evaluate('probe.state()');
export const picture = (page: Page, who: string, source = 'camera'): Promise<Picture | null> =>
  page.evaluate(`probe.picture('${who}', '${source}')`);
export const remote = async (page: Page, who: string, source = 'camera'): Promise<Remote | undefined> =>
  (await stateOf(page)).remotes.find((r) => r.personId === who && r.source === source);

/** So far, by producer. */
export const framesDecoded = (page: Page): Promise<Record<string, number>> =>
  page.evaluate('probe.framesDecoded()');

/** Frames of somebody's camera are being decoded. */
export async function moving(page: Page, who: string): Promise<boolean> {
  const producerId = (await remote(page, who))?.producerId;
  const frames = async (): Promise<number> => {
    return (producerId && (await framesDecoded(page))[producerId]) || 0;
  };
  const before = await frames();
  await new Promise((wake) => setTimeout(wake, 200));
  return before > 0 && (await frames()) > before;
}
