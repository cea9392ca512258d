import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './lib/browser.ts';
import { PlayerChannel } from './lib/player-channel.ts';
import { eventually } from './lib/viewer.ts';

/** R7 at the viewer: renditions that the origin leaves out for a while are gone from and come back to without a stall. */

let channel: PlayerChannel;
let browser: Browser;
let page: Page;

interface Playing {
  readonly level: string;
  readonly stalls: number;
  /** Longest time so far in which the playhead stood, ms. */
  readonly longestStandMs: number;
}

const playing = (): Promise<Playing> =>
  page.evaluate(() => {
    const { rostrum, longestStandMs } = window as unknown as {
      rostrum: { level: string; stalls: number };
      longestStandMs: number;
    };
    return { level: rostrum.level, stalls: rostrum.stalls, longestStandMs };
  });
const onLevel = (wanted: string): Promise<Playing> =>
  eventually(`a picture of ${wanted}`, 12_000, async () => {
    const now = await playing();
    return now.level === wanted ? now : null;
  });

beforeAll(async () => {
  channel = await PlayerChannel.open('standard');
  browser = await launchChromium();
  page = await browser.newPage({ viewport: { width: 1400, height: 1000 } });
  await page.goto(`http://127.0.0.1:${channel.port}/w/show`);
  await onLevel('720p');
  await page.waitForTimeout(4000); // it finds its distance
  await page.evaluate(() => {
    const video = document.querySelector('video');
    let last = { atMs: performance.now(), positionS: video?.currentTime };
    Object.assign(window, { longestStandMs: 0 });
    setInterval(() => {
      const now = { atMs: performance.now(), positionS: video?.currentTime };
      const shared = window as unknown as { longestStandMs: number };
      if (now.positionS !== last.positionS) last = now;
      else shared.longestStandMs = Math.max(shared.longestStandMs, now.atMs - last.atMs);
    }, 20);
  });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await channel?.close();
}, 30_000);

/** A frame, and what a timer of a busy page may be late. */
const STANDS_MS = 250;

test('[R7] 720p is left out for a while, then 240p too: the picture never stands, and all comes back', async () => {
  channel.shed(['720p']);
  await onLevel('480p');
  await page.waitForTimeout(3000);
  channel.shed(['720p', '240p']);
  await page.waitForTimeout(6000);
  expect((await playing()).level).toBe('480p');
  channel.shed([]);
  await onLevel('720p');
  await page.waitForTimeout(4000);
  const { level, stalls, longestStandMs } = await playing();
  expect({ level, stalls }).toEqual({ level: '720p', stalls: 0 });
  expect(longestStandMs).toBeLessThan(STANDS_MS);
}, 60_000);

test('[R7] who chose the rendition that is left out gets another meanwhile, and their own again', async () => {
  await page.getByRole('region', { name: 'Video player' }).hover();
  await page.getByRole('button', { name: /quality/i }).click();
  await page.getByRole('radio', { name: '720p', exact: true }).check();
  await page.waitForTimeout(3000);
  channel.shed(['720p']);
  await onLevel('480p');
  channel.shed([]);
  const { stalls, longestStandMs } = await onLevel('720p');
  expect(stalls).toBe(0);
  expect(longestStandMs).toBeLessThan(STANDS_MS);
}, 60_000);
