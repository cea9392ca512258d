import { setTimeout as sleep } from 'node:timers/promises';
import { LIVE_MS, LiveShow, OPENING_DEADLINE_MS } from './lib/live-show.ts';
import { drawnCamera } from './lib/synthetic-media.ts';
import { TcpRelay } from './lib/tcp-relay.ts';
import type { Viewer } from './lib/viewer.ts';

/** The watch page's player beside the usual way: going back and returning, a network that becomes slow, what it reports. */

let relay: TcpRelay;
let live: LiveShow;
let viewer: Viewer;

const level = (): Promise<string> =>
  viewer.page.evaluate(() => (window as unknown as { rostrum: { level: string } }).rostrum.level);
const ageMs = async (): Promise<number | null> =>
  (await viewer.ages([live.areaOf(live.panelist(0).personId)]))[0] ?? null;

beforeAll(async () => {
  // Viewers come through a network of the test's own.
  relay = await TcpRelay.open();
  process.env.ROSTRUM_ORIGIN_PUBLIC_URL = relay.url;
  try {
    live = await LiveShow.open({ title: 'Player', cast: [drawnCamera('Ada', 255)] });
  } finally {
    delete process.env.ROSTRUM_ORIGIN_PUBLIC_URL;
  }
  relay.goOnTo(Number(new URL(live.system.addresses.origin).port));
  viewer = await live.watch();
}, OPENING_DEADLINE_MS);

afterAll(async () => {
  await live?.close();
  await relay?.close();
}, 60_000);

test('a viewer goes back twenty seconds, sees what was then, and returns to the edge', async () => {
  const { page } = viewer;
  await live.eventually('Ada, live', 40_000, async () => ((await ageMs()) ?? 1e9) < 3000 || null);
  const position = page.getByRole('slider', { name: 'Position' });
  await live.eventually('something to go back to', 60_000, async () =>
    (await position.count()) > 0 && Number(await position.getAttribute('min')) <= -25 ? true : null,
  );
  await page.getByRole('region', { name: 'Video player' }).hover();
  for (let i = 0; i < 2; i += 1) await page.getByRole('button', { name: 'Back 10 seconds' }).click();
  const there = await live.eventually('a picture of twenty seconds ago', 10_000, async () => {
    const age = await ageMs();
    return age !== null && age > 18_000 && age < 26_000 ? age : null;
  });
  expect(await position.getAttribute('aria-valuetext')).toMatch(/\d\d:\d\d.*, (19|2\d) s behind live$/);
  await page.waitForTimeout(3000);
  // At its natural rate one stays as far behind as one went.
  expect(Math.abs(((await ageMs()) ?? 0) - there)).toBeLessThan(1000);
  expect(await page.evaluate(() => document.querySelector('video')?.playbackRate)).toBe(1);

  await page.getByRole('button', { name: /^Go live/ }).click();
  await live.eventually('the edge again', 10_000, async () => ((await ageMs()) ?? 1e9) < 3000 || null);
  expect(await position.getAttribute('aria-valuetext')).toBe('Live');
  expect(await viewer.sameDocument()).toBe(true);
}, 120_000);

test('on a network slower than the best rendition the picture gets smaller, and large again afterwards', async () => {
  await live.eventually('the best rendition', 20_000, async () => ((await level()) === '720p' ? true : null));
  const rates = await averageRates(viewer);
  const [best, least] = [rates.at(0), rates.at(-1)];
  if (best === undefined || least === undefined || best < 2 * least) throw new Error(`a ladder of ${rates}`);
  relay.limit(Math.sqrt(best * least));
  const smaller = await live.eventually('a smaller picture', 20_000, async () => {
    const now = await level();
    return now !== '720p' && now !== '' ? now : null;
  });
  expect(['480p', '240p']).toContain(smaller);
  relay.limit(null);
  await live.eventually('the large one', 30_000, async () => ((await level()) === '720p' ? true : null));
  expect(await viewer.sameDocument()).toBe(true);
}, 90_000);

test('a viewer who leaves has told how it went', async () => {
  await viewer.page.goto('about:blank');
  await live.eventually('the report in the metrics', 5000, async () => {
    const sums = await sumsOf(live.system.addresses.metrics, 'rostrum_viewer_played_seconds_total');
    return sums > 10 ? true : null;
  });
  expect(await sumsOf(live.system.addresses.metrics, 'rostrum_viewer_join_seconds_count')).toBe(1);
}, 20_000);

test('behind a proxy that strips queries nobody holds playlists back, and it plays further behind without a stall', async () => {
  const page = await live.browser.newPage();
  try {
    await page.route('**/live/**', (route) =>
      route.continue({ url: route.request().url().split('?')[0] ?? '' }),
    );
    await page.goto(live.show.watchUrl);
    await page.waitForFunction(() => performance.getEntriesByName('rostrum:first-frame').length > 0);
    await page.waitForTimeout(15_000);
    const { stalls, latencyMs } = await page.evaluate(() => {
      const { rostrum } = window as unknown as { rostrum: { stalls: number; latencyMs(): number | null } };
      return { stalls: rostrum.stalls, latencyMs: rostrum.latencyMs() };
    });
    expect(stalls).toBe(0);
    expect(latencyMs).toBeLessThan(LIVE_MS);
  } finally {
    await page.close();
  }
}, 60_000);

test('when the show ends, whoever is behind sees the rest of it, and whoever is at the edge its last picture', async () => {
  const [edge, behind, paused] = await Promise.all([live.watch(), live.watch(), live.watch()]);
  const viewers = [edge, behind, paused];
  const ageOf = async (some: Viewer): Promise<number> =>
    (await some.ages([live.areaOf(live.panelist(0).personId)]))[0] ?? Number.POSITIVE_INFINITY;
  for (const some of viewers)
    await live.eventually('Ada, live', 40_000, async () => ((await ageOf(some)) < 3000 ? true : null));
  const player = (some: Viewer) => some.page.getByRole('region', { name: 'Video player' });
  const card = (some: Viewer) => some.page.getByRole('button', { name: 'Watch the recording' });
  for (const some of [behind, paused]) {
    await player(some).hover();
    for (let i = 0; i < 2; i += 1) await some.page.getByRole('button', { name: 'Back 10 seconds' }).click();
    await live.eventually('twenty seconds ago', 10_000, async () => {
      const age = await ageOf(some);
      return age > 15_000 && age < 30_000 ? true : null;
    });
  }
  await paused.page.keyboard.press('k');
  const pausedAt = (await paused.playback()).currentTime;
  const area = live.areaOf(live.panelist(0).personId);
  await intoSecondPart();
  await live.show.host.command('webinar:end', {});
  const endedUnixMs = Date.now();

  const cardAfterMs = card(edge)
    .waitFor({ timeout: 10_000 })
    .then(
      () => Date.now() - endedUnixMs,
      () => null,
    );
  // Seen until the card comes: pictures of every second up to the end.
  const seen = new Set<number>();
  await live.eventually('the end card of who was behind', 40_000, async () => {
    if (await card(behind).isVisible()) return true;
    const [age] = await behind.ages([area]).catch(() => [null]);
    if (age != null) seen.add(Math.round((Date.now() - age - endedUnixMs) / 1000));
    return null;
  });
  expect(Date.now() - endedUnixMs).toBeGreaterThan(14_000);
  expect(await cardAfterMs).toBeLessThan(4000);

  // A pause outlasts the end; then it goes on from there.
  const still = await paused.playback();
  expect([still.paused, still.currentTime]).toEqual([true, pausedAt]);
  await player(paused).hover();
  await paused.page.getByRole('button', { name: 'Play', exact: true }).click();
  await live.eventually('going on', 5000, async () => {
    const { currentTime } = await paused.playback();
    return currentTime > pausedAt + 1 && currentTime < pausedAt + 4 ? true : null;
  });
  for (const some of viewers) expect(await some.sameDocument()).toBe(true);
}, 180_000);

/**
 * Until the segment under way has its first part, and a little longer: the end then cuts the second one short, which is where
 * hls.js takes it for loaded (docs/found-in-others.md).
 */
async function intoSecondPart(): Promise<void> {
  const { phase } = live.show.host.view();
  if (phase.phase !== 'live') throw new Error('not live');
  const url = phase.playlistUrl.replace('multivariant', '720p');
  const newest = async (): Promise<string> =>
    (await (await fetch(url)).text()).match(/^#EXT-X-PART:.*$/gm)?.at(-1) ?? '';
  const deadline = Date.now() + 10_000;
  while ((await newest()).includes('.p0.')) if (Date.now() > deadline) throw new Error('no second part');
  while (!(await newest()).includes('.p0.')) if (Date.now() > deadline) throw new Error('no first part');
  await sleep(60);
}

/** Video renditions' average bit rates from the multivariant playlist that is playing, highest first. */
async function averageRates(watching: Viewer): Promise<number[]> {
  const { phase } = live.show.host.view();
  if (phase.phase !== 'live') throw new Error('not live');
  const url = new URL(new URL(phase.playlistUrl).pathname, watching.page.url());
  const text = await (await fetch(url)).text();
  return [...text.matchAll(/AVERAGE-BANDWIDTH=(\d+).*RESOLUTION/g)]
    .map(([, rate]) => Number(rate))
    .toSorted((a, b) => b - a);
}

async function sumsOf(metrics: readonly string[], name: string): Promise<number> {
  let sum = 0;
  for (const url of metrics) {
    const text = await (await fetch(url)).text();
    for (const [, value] of text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm')))
      sum += Number(value);
  }
  return sum;
}
