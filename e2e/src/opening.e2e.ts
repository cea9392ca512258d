/**
 * Fifty wait at the edge for a show to begin: two in real pages, forty-eight as players that poll (fifty browsers are more than two
 * cores carry). All of them see the beginning without a reload, and nothing that they are told to fetch is missing.
 */
import type { Browser } from 'playwright-core';
import { launchChromium, type OpenPanelist, openPanelist } from './lib/browser.ts';
import { type CrewMember, joinAsCrew } from './lib/crew.ts';
import { OPENING_DEADLINE_MS } from './lib/live-show.ts';
import { joinStage } from './lib/show.ts';
import { drawnCamera } from './lib/synthetic-media.ts';
import { System } from './lib/system.ts';
import { cameraAreas, eventually, Viewer } from './lib/viewer.ts';

const POLLERS = 48;
const PILOT_HZ = 620;
/** Out of the sound around it, dB: a tone that is there, and none. */
const HEARD_DB = 20;
const SILENT_DB = 6;

/** A player as the edge sees it: it holds a playlist request for each next part, and fetches what it is told. */
class Poller {
  readonly failures: string[] = [];
  /** Programme time of the newest part, Unix ms. */
  newestUnixMs = 0;
  readonly #stop = new AbortController();
  readonly running: Promise<void>;

  constructor(multivariantUrl: string) {
    this.running = this.#run(multivariantUrl).catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.failures.push(String(error));
    });
  }

  stop(): Promise<void> {
    this.#stop.abort();
    return this.running;
  }

  async #run(multivariantUrl: string): Promise<void> {
    await this.#get(multivariantUrl);
    const playlist = new URL('audio.m3u8', multivariantUrl);
    let next = '';
    let last = '';
    while (!this.#stop.signal.aborted) {
      const text = await this.#get(`${playlist}${next}`);
      const hint = /#EXT-X-PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(text)?.[1];
      const [, msn, part] = /s(\d+)\.p(\d+)\.mp4$/.exec(hint ?? '') ?? [];
      if (!hint || msn === undefined || part === undefined) throw new Error(`no hint in ${text.slice(-300)}`);
      const parts = [...text.matchAll(/#EXT-X-PART:DURATION=[\d.]+,URI="([^"]+)"/g)].map(
        ([, uri]) => uri ?? '',
      );
      const from = parts.indexOf(last) + 1;
      for (const uri of last === '' ? parts.slice(-1) : parts.slice(from))
        await this.#get(new URL(uri, playlist).href);
      last = parts.at(-1) ?? last;
      const dates = [...text.matchAll(/#EXT-X-PROGRAM-DATE-TIME:(\S+)/g)].map(([, date]) =>
        Date.parse(date ?? ''),
      );
      this.newestUnixMs = dates.at(-1) ?? this.newestUnixMs;
      next = `?_HLS_msn=${msn}&_HLS_part=${part}`;
    }
  }

  async #get(url: string): Promise<string> {
    const answer = await fetch(url, { signal: this.#stop.signal });
    if (!answer.ok) this.failures.push(`${answer.status} ${url}`);
    return url.includes('.m3u8') ? answer.text() : answer.arrayBuffer().then(() => '');
  }
}

let system: System;
let browser: Browser;
let host: CrewMember;
let panelist: OpenPanelist;
let panelistId: string;
let viewers: Viewer[] = [];
const pollers: Poller[] = [];
const failed: string[] = [];
let playlistUrl: string;
let liveUnixMs: number;
let webinarId: string;

const shot = async (name: string): Promise<void> => {
  const folder = process.env.ROSTRUM_E2E_SHOTS;
  if (!folder) return;
  for (const [i, viewer] of viewers.entries())
    await viewer.page.screenshot({ path: `${folder}/${name}-${i}.png` });
};

beforeAll(async () => {
  system = await System.start({ args: ['--edge'] });
  browser = await launchChromium();
  const startsAtUnixMs = Date.now() + 3_600_000;
  const webinar = await system.api.createWebinar({
    title: 'The opening',
    profile: 'standard',
    startsAtUnixMs,
  });
  webinarId = webinar.webinarId;
  const link = await system.api.createLink(webinarId, { role: 'host', name: 'Hana' });
  host = await joinAsCrew(system.addresses.console, link.token);
  await host.command('direction:set', { direction: 'automatic' });
  const { url, personId } = await system.api.createLink(webinarId, { role: 'panelist', name: 'Ada' });
  panelistId = personId;
  panelist = await openPanelist(browser, url, drawnCamera('Ada', 255, { pilotHz: PILOT_HZ }));
  await joinStage(panelist);
  await host.until('Ada on air in the scene', ({ scene }) => scene?.onAir.length === 1, 30_000);
  const watchUrl = webinar.watchUrl ?? '';
  const size = [
    { width: 1440, height: 900 },
    { width: 390, height: 844 },
  ];
  viewers = await Promise.all(size.map((of) => Viewer.open(browser, watchUrl, of)));
  for (const { page } of viewers)
    page.on('response', (answer) => {
      if (answer.status() >= 400 && /\/(live|recordings)\//.test(answer.url()))
        failed.push(`${answer.status()} ${answer.url()}`);
    });
}, OPENING_DEADLINE_MS);

afterAll(async () => {
  await Promise.all(pollers.map((poller) => poller.stop()));
  host?.close();
  await browser?.close();
  await system?.stop();
}, 60_000);

const playing = (viewer: Viewer) =>
  eventually('the picture to play', 40_000, async () => {
    const now = await viewer.playback().catch(() => null);
    return now && !now.paused && now.currentTime > 1 ? now : null;
  });

test('once the doors are open players play, and nobody of the stage is seen or heard', async () => {
  await Promise.all(
    viewers.map(({ page }) => page.getByText('Starts in').first().waitFor({ timeout: 20_000 })),
  );
  await host.command('doors:open', {}, 30_000);
  const { phase } = await host.until(
    'open doors',
    (view) => view.phase.phase === 'scheduled' && !!view.phase.doors,
  );
  if (phase.phase !== 'scheduled' || !phase.doors) throw new Error('the doors are not open');
  playlistUrl = phase.doors.playlistUrl;
  expect((await fetch(playlistUrl)).headers.get('via')).toContain('varnish');
  for (let i = 0; i < POLLERS; i += 1) pollers.push(new Poller(playlistUrl));
  await Promise.all(viewers.map(playing));
  const areas = [...cameraAreas(host.view().scene ?? never()).values()];
  for (const viewer of viewers) {
    await viewer.page.getByRole('button', { name: 'Check your sound' }).waitFor();
    expect((await viewer.clocks(areas)).readings).toEqual([null]);
  }
  const [ear] = viewers;
  expect((await ear?.tones([PILOT_HZ]))?.[0]).toBeLessThan(SILENT_DB);
  await shot('doors');
}, 120_000);

test('who waits sees and hears the show begin, without a reload and without a 404', async () => {
  const askedMs = Date.now();
  await host.command('webinar:goLive', {}, 30_000);
  const { phase } = await host.until('live', (view) => view.phase.phase === 'live');
  if (phase.phase !== 'live') throw new Error('not live');
  liveUnixMs = phase.sinceUnixMs;
  expect(liveUnixMs - askedMs).toBeLessThan(8000);
  expect(phase.playlistUrl).toBe(playlistUrl);
  const area = cameraAreas(host.view().scene ?? never()).get(panelistId) ?? never();
  await Promise.all(
    viewers.map((viewer) =>
      eventually('Ada to be seen', 30_000, async () => {
        const [age] = await viewer.ages([area]);
        return typeof age === 'number' && age < 10_000 ? age : null;
      }),
    ),
  );
  const [ear] = viewers;
  await eventually('Ada to be heard', 30_000, async () => {
    const [db = 0] = (await ear?.tones([PILOT_HZ])) ?? [];
    return db > HEARD_DB ? db : null;
  });
  await eventually('every poller to be in the show', 30_000, async () =>
    pollers.every(({ newestUnixMs }) => newestUnixMs > liveUnixMs + 4000) ? true : null,
  );
  for (const { page } of viewers) {
    expect(await page.evaluate(() => 'sameDocument' in window)).toBe(true);
    expect(await page.getByRole('button', { name: 'Check your sound' }).count()).toBe(0);
  }
  await shot('begun');
  expect(failed).toEqual([]);
  expect(pollers.flatMap(({ failures }) => failures)).toEqual([]);
}, 120_000);

test('the recording begins with the show: nothing of the waiting is in it', async () => {
  await Promise.all(pollers.map((poller) => poller.stop()));
  await host.command('webinar:end', {}, 30_000);
  const { phase } = await host.until(
    'a recording',
    (view) => view.phase.phase === 'ended' && view.phase.recordingUrl !== null,
    40_000,
  );
  if (phase.phase !== 'ended' || phase.recordingUrl === null) throw new Error('not recorded');
  const vod = await (await fetch(new URL('720p.m3u8', phase.recordingUrl))).text();
  const first = Date.parse(/#EXT-X-PROGRAM-DATE-TIME:(\S+)/.exec(vod)?.[1] ?? '');
  expect(Math.abs(first - liveUnixMs)).toBeLessThan(1500);
  const seconds = [...vod.matchAll(/#EXTINF:([\d.]+)/g)].reduce((sum, [, s]) => sum + Number(s), 0);
  expect(Math.abs(seconds * 1000 - (phase.endedUnixMs - liveUnixMs))).toBeLessThan(4000);
}, 90_000);

function never(): never {
  throw new Error('there is no such thing');
}
