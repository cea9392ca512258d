/**
 * A recording of which a rendition lacks long stretches, and once all pictures do, in players nobody here wrote; and one that is
 * opened while its channel is live.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ChannelOutput, createChannelOutput } from '@rostrum/broadcaster/channel-output';
import { createOrigin } from '@rostrum/broadcaster/origin';
import { asEvents, encodeRealStream, SMALL_LADDER } from '@rostrum/broadcaster/testing/real-samples';
import { PROFILES } from '@rostrum/contracts/profile';
import type { Browser } from 'playwright-core';
import { Registry } from 'prom-client';
import { launchChromium } from './lib/browser.ts';
import { PlayerPages } from './readers/players.ts';

const profile = PROFILES.standard;
const SEGMENTS = 10;
/** Segments, counted from zero, that the encoders did not give. */
const MISSING: Readonly<Record<string, readonly number[]>> = { large: [1, 2, 3, 4, 7], small: [6, 7] };
const silent = { info() {}, warn() {}, error() {} };

let close: (() => Promise<void>)[] = [];
/** A channel of the same encoders at the same origin, before its first sample. */
let openChannel: (channelId: string) => Promise<ChannelOutput>;
let events: readonly Parameters<ChannelOutput['push']>[0][] = [];
let base = '';
let browser: Browser;
let pages: PlayerPages;

beforeAll(async () => {
  const archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-recording-'));
  const shared = { archiveDir, clock: { nowUnixMs: () => 0 }, logger: silent, metrics: new Registry() };
  const origin = createOrigin({ ...shared, coordinatorUrl: 'http://localhost:3000' });
  const outputs: ChannelOutput[] = [];
  openChannel = async (channelId) => {
    const output = await createChannelOutput({ ...shared, channelId, profile, ladder: SMALL_LADDER });
    outputs.push(output);
    origin.addChannel(output);
    return output;
  };
  const output = await openChannel('show');
  const server = http.createServer(origin.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stream = await encodeRealStream(profile, (SEGMENTS * profile.segmentMs) / 1000);
  const samples = stream.samples.filter(
    ({ track, dtsNs }) => !MISSING[track]?.includes(Math.floor((dtsNs + 1e6) / (profile.segmentMs * 1e6))),
  );
  const epoch = { number: 1, timelineZeroUnixMs: 0 };
  for (const event of asEvents({ ...stream, samples }, epoch)) output.push(event);
  events = [...asEvents(stream, epoch)];
  await output.end();
  browser = await launchChromium();
  pages = await PlayerPages.open();
  close = [
    () => pages.close(),
    () => browser.close(),
    () => origin.stop(),
    async () => {
      for (const opened of outputs) await opened.close();
    },
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

test.each(['hls.js', 'shaka'] as const)('%s plays it from its beginning to its end', async (player) => {
  // One segment has no picture anywhere: it is left out.
  const playedS = ((SEGMENTS - 1) * profile.segmentMs) / 1000;
  const seen = await pages.watch(browser, player, {
    url: `${base}/recordings/show/multivariant.m3u8`,
    playbackRate: 2,
    live: false,
    deadlineMs: 40_000,
    endS: playedS,
  });
  expect(seen).toMatchObject({ ended: true, fatalErrors: [] });
  expect(Math.abs(seen.playedS - playedS)).toBeLessThan(0.3);
});

test.each(['hls.js', 'shaka'] as const)(
  '[P10] %s opens it while the channel is live, and plays over the end to the last picture',
  async (player) => {
    const channelId = `live-${player === 'hls.js' ? 'one' : 'two'}`;
    const output = await openChannel(channelId);
    const middle = events.length >> 1;
    for (const event of events.slice(0, middle)) output.push(event);
    while (output.status().archiveQueueLength > 0) await sleep(10);
    const playlist = `${base}/recordings/${channelId}/large.m3u8`;
    const playedS = (SEGMENTS * profile.segmentMs) / 1000;
    const watching = pages.watch(browser, player, {
      url: `${base}/recordings/${channelId}/multivariant.m3u8`,
      playbackRate: 1,
      live: false,
      deadlineMs: 60_000,
      endS: playedS,
    });
    // The rest comes as its encoders would give it, while the page plays.
    const startMs = performance.now() - playedS * 500;
    for (const [i, event] of events.slice(middle).entries()) {
      const dueMs = startMs + ((middle + i) / events.length) * playedS * 1000;
      if (dueMs > performance.now()) await sleep(dueMs - performance.now());
      output.push(event);
    }
    expect(await (await fetch(playlist)).text()).not.toContain('ENDLIST');
    await output.end();
    const seen = await watching;
    expect(seen).toMatchObject({ ended: true, fatalErrors: [] });
    expect(Math.abs(seen.endedAtS - playedS)).toBeLessThan(0.3);
    // Shaka 5.2 takes a start of 0 for none, and begins near the end there is (docs/found-in-others.md).
    if (player === 'hls.js') expect(Math.abs(seen.playedS - playedS)).toBeLessThan(0.3);
  },
);

test('every file of every rendition is there', async () => {
  for (const { name } of SMALL_LADDER) {
    const text = await (await fetch(`${base}/recordings/show/${name}.m3u8`)).text();
    expect(text).not.toContain('GAP');
    const files = text.split('\n').filter((line) => line.endsWith('.mp4'));
    expect(files).toHaveLength(name === 'audio' ? SEGMENTS : SEGMENTS - 1);
    const playlist = `${base}/recordings/show/${name}.m3u8`;
    for (const file of files) expect((await fetch(new URL(file, playlist))).status).toBe(200);
  }
});
