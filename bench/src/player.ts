import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { launchChromium } from '@rostrum/e2e/browser';
import { LiveShow } from '@rostrum/e2e/live-show';
import { PlayerChannel, WATCH_PAGE } from '@rostrum/e2e/player-channel';
import { drawnCamera } from '@rostrum/e2e/synthetic-media';
import { TcpRelay } from '@rostrum/e2e/tcp-relay';
import { type Figure, progress, quantile, report } from './lib/result.ts';

/**
 * The watch page's player in Chromium: what fetching hinted parts ahead saves at 50 ms round trip, how it follows a network
 * that becomes slower than the picture and quick again, and P9: from navigation to the first picture, and all JavaScript.
 * Delay and limits by a TCP relay between Chromium and the real origin, fed in real time with pictures encoded before;
 * joins at a whole system with a live show.
 */
const JOINS = Number(process.env.ROSTRUM_BENCH_ROUNDS ?? 20);
const LOADER_SECONDS = Number(process.env.ROSTRUM_BENCH_SECONDS ?? 40);
const SETTLE_MS = 12_000;
const LIMITED_MS = 20_000;

const figures: Figure[] = [];
const series: Record<string, readonly number[]> = {};
const figure = (
  what: string,
  value: number,
  unit: string,
  goal: { id?: string; atMost?: number } = {},
): void => {
  const { id = '', atMost } = goal;
  figures.push({
    id,
    what,
    value,
    unit,
    goal: atMost === undefined ? '' : `<= ${atMost} ${unit}`,
    met: atMost === undefined ? null : value <= atMost,
  });
};
type Browser = Awaited<ReturnType<typeof launchChromium>>;
type Page = Awaited<ReturnType<Browser['newPage']>>;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** `window.rostrum` of the watch page (audience-web/README.md). */
interface PageProbe {
  rostrum: { level: string; stalls: number; playingDateUnixMs(): number | null };
}

async function open(browser: Browser, url: string, debug: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addInitScript((value) => {
    performance.setResourceTimingBufferSize(20_000);
    localStorage.setItem('rostrum.debug', value);
  }, debug);
  const page = await context.newPage();
  await page.goto(`${url}/w/show`);
  await page.waitForFunction(() => performance.getEntriesByName('rostrum:first-frame').length > 0);
  return page;
}

const look = (
  page: Page,
): Promise<{ latencyMs: number | null; level: string; stalls: number; atS: number }> =>
  page.evaluate(() => {
    const { rostrum } = window as unknown as PageProbe;
    const date = rostrum.playingDateUnixMs();
    return {
      latencyMs: date === null ? null : Date.now() - date,
      level: rostrum.level,
      stalls: rostrum.stalls,
      atS: document.querySelector('video')?.currentTime ?? 0,
    };
  });

/** Media and playlists since `sinceMs` of the page's clock: address and Unix time of the last byte. */
const arrivals = (page: Page, sinceMs: number): Promise<{ name: string; atUnixMs: number }[]> =>
  page.evaluate(
    (since) =>
      performance
        .getEntriesByType('resource')
        .filter((entry) => entry.startTime >= since && entry.name.includes('/live/'))
        .map((entry) => ({
          name: entry.name,
          atUnixMs: performance.timeOrigin + (entry as PerformanceResourceTiming).responseEnd,
        })),
    sinceMs,
  );

async function loader(browser: Browser, channel: PlayerChannel, ahead: boolean): Promise<void> {
  const relay = await TcpRelay.open({ delayMs: 25, targetPort: channel.port });
  const name = ahead ? 'hinted parts ahead' : 'parts when listed';
  try {
    const page = await open(browser, relay.url, ahead ? '' : 'plain');
    await wait(SETTLE_MS);
    const before = await look(page);
    const sinceMs = await page.evaluate(() => performance.now());
    const latencies: number[] = [];
    for (const end = Date.now() + LOADER_SECONDS * 1000; Date.now() < end; await wait(250)) {
      const { latencyMs } = await look(page);
      if (latencyMs !== null) latencies.push(latencyMs);
    }
    const came = await arrivals(page, sinceMs);
    const after = came.flatMap(({ name: url, atUnixMs }) => {
      const completeUnixMs = channel.completeAtUnixMs(url);
      return completeUnixMs === null ? [] : [atUnixMs - completeUnixMs];
    });
    const { stalls } = await look(page);
    figure(`50 ms, ${name}: part there after it was whole, p50`, quantile(after, 0.5), 'ms');
    figure(`50 ms, ${name}: the same, p95`, quantile(after, 0.95), 'ms');
    figure(`50 ms, ${name}: behind the stage, p50`, quantile(latencies, 0.5), 'ms');
    figure(`50 ms, ${name}: the same, p95`, quantile(latencies, 0.95), 'ms');
    figure(`50 ms, ${name}: requests a second`, came.length / LOADER_SECONDS, '/s');
    figure(`50 ms, ${name}: stalls`, stalls - before.stalls, '');
    series[ahead ? 'aheadPartsMs' : 'listedPartsMs'] = after;
    await page.context().close();
  } finally {
    await relay.close();
  }
}

async function limit(browser: Browser, channel: PlayerChannel, kilobits: number): Promise<void> {
  const relay = await TcpRelay.open({ delayMs: 10, targetPort: channel.port });
  try {
    const page = await open(browser, relay.url, '');
    await wait(SETTLE_MS);
    const best = (await look(page)).level;
    relay.limit(kilobits * 1000);
    const slow = await follow(page, LIMITED_MS, ({ level }) => level !== best);
    relay.limit(null);
    const quick = await follow(page, LIMITED_MS, ({ level }) => level === best);
    figure(`${kilobits} kbit/s: a lesser picture than ${best} after`, slow.reachedMs / 1000, 's');
    figure(`${kilobits} kbit/s: longest standstill`, slow.longestMs / 1000, 's', { atMost: 2 });
    figure(`${kilobits} kbit/s: standing still in 20 s`, slow.stoodMs / 1000, 's');
    figure(`${kilobits} kbit/s: lines at the end`, Number.parseInt(slow.level, 10), '');
    figure(`${kilobits} kbit/s, no limit again: ${best} after`, quick.reachedMs / 1000, 's');
    figure(`${kilobits} kbit/s, no limit again: standing still`, quick.stoodMs / 1000, 's');
    await page.context().close();
  } finally {
    await relay.close();
  }
}

/** What scripts of the watch page keep in memory at a channel that has been live for so long. MB. */
async function heap(browser: Browser, pastS: number): Promise<number> {
  const channel = await PlayerChannel.open('standard', pastS);
  try {
    const page = await open(browser, `http://127.0.0.1:${channel.port}`, '');
    await wait(SETTLE_MS);
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    await page.context().close();
    return usedSize / 1e6;
  } finally {
    await channel.close();
  }
}

/** Looks ten times a second. NaN where `reached` never was. */
async function follow(page: Page, forMs: number, reached: (seen: { readonly level: string }) => boolean) {
  const startMs = performance.now();
  let reachedMs = Number.NaN;
  let level = '';
  let stoodMs = 0;
  let longestMs = 0;
  let last = { atS: -1, movedMs: startMs, seenMs: startMs };
  while (performance.now() - startMs < forMs) {
    const seen = await look(page);
    const nowMs = performance.now();
    level = seen.level;
    if (Number.isNaN(reachedMs) && level !== '' && reached(seen)) reachedMs = nowMs - startMs;
    if (seen.atS === last.atS) {
      stoodMs += nowMs - last.seenMs;
      longestMs = Math.max(longestMs, nowMs - last.movedMs);
      last = { ...last, seenMs: nowMs };
    } else last = { atS: seen.atS, movedMs: nowMs, seenMs: nowMs };
    await wait(100);
  }
  return { reachedMs, level, stoodMs, longestMs };
}

/** What a join waits for, in the order it comes; each with what tells its end. */
const JOIN_STAGES = [
  ['page and scripts', 'rostrum:open'],
  ['where the coordinator is', '/config.json'],
  ['what the webinar is', '/public'],
  ['multivariant playlist', '/multivariant.m3u8'],
  ['media playlist', 'p.m3u8'],
  ['first part', '.mp4'],
  ['first picture', 'rostrum:first-frame'],
] as const;

/** Milliseconds of each stage; 0 where it was over before the one in front of it. */
async function joinStages(page: Page): Promise<number[]> {
  const ends = await page.evaluate(
    (names) =>
      names.map((name) => {
        const [entry] = [...performance.getEntriesByType('mark'), ...performance.getEntriesByType('resource')]
          .filter((one) => one.name.split('?')[0]?.endsWith(name))
          .toSorted((one, other) => one.startTime + one.duration - (other.startTime + other.duration));
        return entry ? entry.startTime + entry.duration : 0;
      }),
    JOIN_STAGES.map(([, name]) => name),
  );
  let reachedMs = 0;
  return ends.map((endMs) => {
    const tookMs = Math.max(0, endMs - reachedMs);
    reachedMs = Math.max(reachedMs, endMs);
    return tookMs;
  });
}

async function joins(): Promise<void> {
  const live = await LiveShow.open({ title: 'Joining', cast: [drawnCamera('Ada', 255)], progress });
  const times: number[] = [];
  const stages: number[][] = [];
  try {
    await wait(5000);
    for (let i = 0; i < JOINS; i += 1) {
      const viewer = await live.watch();
      const tookMs = await live.eventually('the first picture', 20_000, () =>
        viewer.page.evaluate(() => performance.getEntriesByName('rostrum:first-frame')[0]?.startTime ?? null),
      );
      times.push(tookMs);
      stages.push(await joinStages(viewer.page));
      progress(`join ${i + 1}: ${tookMs.toFixed(0)} ms`);
      await viewer.close();
    }
  } finally {
    await live.close();
  }
  figure(`navigation to first picture, p50 of ${times.length}`, quantile(times, 0.5), 'ms', {
    id: 'P9',
    atMost: 800,
  });
  figure(`navigation to first picture, p95 of ${times.length}`, quantile(times, 0.95), 'ms');
  JOIN_STAGES.forEach(([what], stage) => {
    const all = stages.map((one) => one[stage] ?? Number.NaN);
    figure(`  ${what}, mean`, all.reduce((sum, one) => sum + one, 0) / all.length, 'ms');
  });
  series.joinMs = times;
}

const scripts = readdirSync(`${WATCH_PAGE}/assets`).filter((file) => file.endsWith('.js'));
const gzipped = scripts.map(
  (file) => gzipSync(readFileSync(`${WATCH_PAGE}/assets/${file}`), { level: 9 }).byteLength,
);
figure('all JavaScript, gzip', gzipped.reduce((sum, bytes) => sum + bytes, 0) / 1000, 'kB', {
  id: 'P9',
  atMost: 240,
});

const channel = await PlayerChannel.open();
try {
  const browser = await launchChromium();
  try {
    await wait(5000);
    for (const ahead of [true, false]) {
      progress(`50 ms round trip, ${ahead ? 'hinted parts ahead' : 'parts when listed'}`);
      await loader(browser, channel, ahead);
    }
    for (const hours of [0, 2]) {
      progress(`memory at a window of ${hours} hours`);
      figure(`memory of scripts, window of ${hours} hours`, await heap(browser, hours * 3600), 'MB');
    }
    for (const kilobits of [1500, 700]) {
      progress(`a limit of ${kilobits} kbit/s`);
      await limit(browser, channel, kilobits);
    }
  } finally {
    await browser.close();
  }
} finally {
  await channel.close();
}
await joins();
report('player', figures, series);
