/** A download of an uneven recording in Chromium: played from the address while it loads, looked through, and saved. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createChannelOutput } from '@rostrum/broadcaster/channel-output';
import { Downloads } from '@rostrum/broadcaster/downloads';
import { createOrigin } from '@rostrum/broadcaster/origin';
import { asEvents, encodeRealStream, SMALL_LADDER } from '@rostrum/broadcaster/testing/real-samples';
import { PROFILES } from '@rostrum/contracts/profile';
import type { Browser, Page } from 'playwright-core';
import { Registry } from 'prom-client';
import { launchChromium } from './lib/browser.ts';

const profile = PROFILES.standard;
const SEGMENTS = 10;
const DURATION_S = (SEGMENTS * profile.segmentMs) / 1000;
const silent = { info() {}, warn() {}, error() {} };

let close: (() => Promise<unknown>)[] = [];
let archiveDir = '';
let url = '';
let browser: Browser;

beforeAll(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-download-'));
  const shared = { archiveDir, clock: { nowUnixMs: () => 0 }, logger: silent, metrics: new Registry() };
  const origin = createOrigin({ ...shared, coordinatorUrl: 'http://localhost:3000' });
  const output = await createChannelOutput({ ...shared, channelId: 'show', profile, ladder: SMALL_LADDER });
  const server = http.createServer(origin.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/recordings/show/download/large.mp4`;
  // Two lives of the encoders; in each the small pictures stand in once, and half a second of sound is missing.
  const stream = await encodeRealStream(profile, ((SEGMENTS / 2) * profile.segmentMs) / 1000);
  const samples = stream.samples.filter(({ track, dtsNs }) => {
    if (track === 'large') return Math.floor((dtsNs + 1e6) / (profile.segmentMs * 1e6)) !== 2;
    return track !== 'audio' || dtsNs < 1e9 || dtsNs > 1.5e9;
  });
  for (const number of [1, 2]) {
    const epoch = { number, timelineZeroUnixMs: number * 60_000 };
    for (const event of asEvents({ ...stream, samples }, epoch)) output.push(event);
  }
  await output.end();
  await writeFile(join(archiveDir, 'show/about.json'), JSON.stringify({ title: 'Zahlen: Größe?' }));
  const downloads = new Downloads({ archiveDir, maxUsedShare: 1, logger: silent });
  await downloads.want('show', ['large'], []);
  while (downloads.state('show')[0]?.state !== 'ready') await sleep(20);
  browser = await launchChromium();
  close = [
    () => browser.close(),
    () => downloads.close(),
    () => origin.stop(),
    () => output.close(),
    async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
    () => rm(archiveDir, { recursive: true, force: true }),
  ];
}, 60_000);

afterAll(async () => {
  for (const step of close) await step();
}, 60_000);

async function player(): Promise<Page> {
  const page = await browser.newPage();
  await page.setContent(`<video src="${url}" preload="metadata"></video>`);
  await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 1);
  return page;
}

test('it is as long as the playlist says, and has a picture at every place that is looked for', async () => {
  const page = await player();
  expect(await page.evaluate(() => document.querySelector('video')?.duration)).toBeCloseTo(DURATION_S, 1);
  for (const placeS of [18.5, 0.5, 4.5, 10.1, 14.2, 9.7]) {
    const found = await page.evaluate(async (at) => {
      const video = document.querySelector('video');
      if (!video) return null;
      video.currentTime = at;
      await new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
      return [video.currentTime, video.readyState >= 2, video.error?.message ?? null];
    }, placeS);
    expect(found).toEqual([placeS, true, null]);
  }
  await page.close();
});

test('over holes, stand-ins and the second life of the encoders it plays to its end as fast as the clock', async () => {
  const page = await player();
  const played = await page.evaluate(async () => {
    const video = document.querySelector('video');
    if (!video) return null;
    video.muted = true;
    const startMs = performance.now();
    await video.play();
    await new Promise((resolve) => video.addEventListener('ended', resolve, { once: true }));
    return { atS: video.currentTime, error: video.error, tookS: (performance.now() - startMs) / 1000 };
  });
  expect(played).toMatchObject({ error: null });
  expect(played?.atS).toBeCloseTo(DURATION_S, 1);
  // Not before its time: nothing was left out.
  expect(played?.tookS).toBeGreaterThan(DURATION_S - 0.3);
  await page.close();
});

test('it is saved whole, under the title of the show', async () => {
  const page = await browser.newPage();
  await page.setContent(`<a href="${url}">save</a>`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('a')]);
  expect(download.suggestedFilename()).toBe('Zahlen- Größe- large.mp4');
  const saved = await readFile(await download.path());
  expect(saved.equals(await readFile(join(archiveDir, 'show/download/large.mp4')))).toBe(true);
  await page.close();
});
