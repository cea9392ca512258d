import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { launchChromium } from '@rostrum/e2e/browser';
import { PlayerChannel } from '@rostrum/e2e/player-channel';
import { processorShares } from './lib/processors.ts';
import { type Figure, progress, quantile, report } from './lib/result.ts';

/**
 * An hour of the watch page's player: what an upgrade of hls.js has to pass. One Chromium at the real origin, which is fed in
 * real time with pictures encoded before, so that nothing else is measured: stalls, standstills, latency and its drift,
 * holes in the buffer, troubles that the player told of, memory. ROSTRUM_BENCH_SECONDS (default 3600); other than that is
 * kept under a name of its own. Another version of hls.js: `npm install --no-save hls.js@VERSION -w audience-web`,
 * `npm run build -w audience-web`, then this; its version stands in the result's name when it is not the locked one.
 */
const SECONDS = 3600;
const seconds = Number(process.env.ROSTRUM_BENCH_SECONDS ?? SECONDS);
const SETTLE_MS = 20_000;
const COLLECT_EVERY_MS = 5000;

const PAGE = new URL('../../audience-web/package.json', import.meta.url);
const json = (file: string | URL) => JSON.parse(readFileSync(file, 'utf8'));
const { version }: { version: string } = json(createRequire(PAGE).resolve('hls.js/package.json'));
const { dependencies }: { dependencies: Record<string, string> } = json(PAGE);
const name = ['soak', ...(seconds === SECONDS ? [] : [`${seconds}s`])]
  .concat(dependencies['hls.js'] === version ? [] : [`hls.js-${version}`])
  .join('-');

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Of one look at the media element. */
interface Look {
  readonly atMs: number;
  readonly positionS: number;
  /** Wall clock minus programme time of the picture, ms; null while unknown. */
  readonly latencyMs: number | null;
  /** What is buffered from the playhead on without a hole, s. */
  readonly aheadS: number;
  /** Places where the buffer has a hole, within half a minute around the playhead. */
  readonly holes: number;
  readonly stalls: number;
  readonly level: string;
}

/** Looks by itself, ten times a second, until they are collected: asking from outside that often would cost the page more. */
function installLooks(): void {
  const LOOK_EVERY_MS = 100;
  const looks: Look[] = [];
  const { rostrum } = window as unknown as {
    rostrum: { stalls: number; level: string; playingDateUnixMs(): number | null };
  };
  setInterval(() => {
    const video = document.querySelector('video');
    if (!video) return;
    const { buffered, currentTime: positionS } = video;
    let [aheadS, holes] = [0, 0];
    for (let i = 0; i < buffered.length; i += 1) {
      const [start, end] = [buffered.start(i), buffered.end(i)];
      if (start <= positionS + 0.05 && positionS <= end) aheadS = end - positionS;
      if (i > 0 && Math.abs(start - positionS) < 30) holes += 1;
    }
    const date = rostrum.playingDateUnixMs();
    const latencyMs = date === null ? null : Date.now() - date;
    looks.push({
      atMs: performance.now(),
      positionS,
      latencyMs,
      aheadS,
      holes,
      stalls: rostrum.stalls,
      level: rostrum.level,
    });
  }, LOOK_EVERY_MS);
  Object.assign(window, { takeLooks: () => looks.splice(0) });
}

/** Resident memory of a process, MB. */
const residentMb = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1000;

const channel = await PlayerChannel.open('standard');
const browser = await launchChromium();
const looks: Look[] = [];
const troubles: string[] = [];
const shares = await processorShares();
let idle = Number.NaN;
let heapMb: readonly [number, number];
let pageMb: readonly [number, number];
try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.on('console', (message) => {
    if (message.text().startsWith('rostrum player:')) troubles.push(message.text());
  });
  page.on('pageerror', (error) => troubles.push(String(error)));
  await page.goto(`http://127.0.0.1:${channel.port}/w/show`);
  await page.waitForFunction(() => performance.getEntriesByName('rostrum:first-frame').length > 0);
  await wait(SETTLE_MS);
  const devtools = await page.context().newCDPSession(page);
  const processes = await browser.newBrowserCDPSession();
  const memory = async (): Promise<{ heap: number; page: number }> => {
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    const { processInfo } = await processes.send('SystemInfo.getProcessInfo');
    const renderers = processInfo.filter(({ type }) => type === 'renderer');
    return { heap: usedSize / 1e6, page: Math.max(...renderers.map(({ id }) => residentMb(id))) };
  };
  const before = await memory();
  await page.evaluate(installLooks);
  await shares();
  progress(`hls.js ${version}: playing; ${seconds} s`);
  const endMs = performance.now() + seconds * 1000;
  let stalls: number | undefined;
  while (performance.now() < endMs) {
    await wait(Math.min(COLLECT_EVERY_MS, endMs - performance.now()));
    looks.push(...(await page.evaluate(() => (window as unknown as { takeLooks(): Look[] }).takeLooks())));
    const last = looks.at(-1);
    if (last && stalls !== undefined && last.stalls > stalls)
      progress(`stall ${last.stalls} before ${(last.atMs / 1000).toFixed(0)} s of the page`);
    stalls = last?.stalls ?? stalls;
  }
  idle = (await shares()).idle;
  const after = await memory();
  heapMb = [before.heap, after.heap];
  pageMb = [before.page, after.page];
} finally {
  await browser.close();
  await channel.close();
}

let [longestMs, stoodMs] = [0, 0];
let movedAtMs = looks[0]?.atMs ?? 0;
looks.forEach((look, i) => {
  const before = looks[i - 1];
  if (!before) return;
  if (look.positionS !== before.positionS) movedAtMs = look.atMs;
  else stoodMs += look.atMs - before.atMs;
  longestMs = Math.max(longestMs, look.atMs - movedAtMs);
});
const latencies = looks.flatMap(({ latencyMs }) => latencyMs ?? []);
const tenth = Math.ceil(latencies.length / 10);
const side = (what: string, value: number, unit: string): Figure => ({
  id: '',
  what,
  value,
  unit,
  goal: '',
  met: null,
});
const atMost = (what: string, value: number, unit: string, limit: number): Figure => ({
  ...side(what, value, unit),
  goal: `<= ${limit} ${unit}`.trim(),
  met: value <= limit,
});
const growthMb = heapMb[1] - heapMb[0];
report(
  name,
  [
    atMost(`hls.js ${version}: stalls`, (looks.at(-1)?.stalls ?? 0) - (looks[0]?.stalls ?? 0), '', 0),
    side(`stalls before, in the first ${SETTLE_MS / 1000} s`, looks[0]?.stalls ?? 0, ''),
    atMost('longest standstill', longestMs / 1000, 's', 0.5),
    side('standing still', stoodMs / 1000, 's'),
    side('behind the encoders, p50', quantile(latencies, 0.5), 'ms'),
    side('behind the encoders, p95', quantile(latencies, 0.95), 'ms'),
    atMost(
      'drift of that, last tenth less first',
      Math.abs(quantile(latencies.slice(-tenth), 0.5) - quantile(latencies.slice(0, tenth), 0.5)),
      'ms',
      100,
    ),
    side(
      'in the buffer, p5',
      quantile(
        looks.map(({ aheadS }) => aheadS * 1000),
        0.05,
      ),
      'ms',
    ),
    atMost('looks that saw a hole in the buffer', looks.filter(({ holes }) => holes > 0).length, '', 0),
    atMost('troubles that the player told of', troubles.length, '', 0),
    side(
      'changes of rendition',
      looks.filter(({ level }, i) => i > 0 && level !== looks[i - 1]?.level).length,
      '',
    ),
    side('memory of scripts at the end', heapMb[1], 'MB'),
    atMost('its growth', growthMb, 'MB', 10),
    side('memory of the page at the end', pageMb[1], 'MB'),
    side('its growth', pageMb[1] - pageMb[0], 'MB'),
    side('processors idle meanwhile, mean', idle, '%'),
  ],
  // A value a second.
  { latencyMs: looks.flatMap(({ latencyMs }, i) => (i % 10 === 0 ? Math.round(latencyMs ?? 0) : [])) },
);
for (const line of troubles) progress(line);
