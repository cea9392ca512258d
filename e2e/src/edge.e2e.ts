import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { walkChannel } from '@rostrum/conformance/channel';
import type { Browser } from 'playwright-core';
import { launchChromium } from './lib/browser.ts';
import { LiveShow, OPENING_DEADLINE_MS } from './lib/live-show.ts';
import { openShow, type Show } from './lib/show.ts';
import { drawnCamera } from './lib/synthetic-media.ts';
import { System } from './lib/system.ts';
import { eventually, Viewer } from './lib/viewer.ts';

/** `./rostrum up --edge`: Varnish in front, with the configuration that follows from the cache policy. */
describe('in the clear', () => {
  let live: LiveShow;
  let viewer: Viewer;
  let playlistUrl: string;

  const ada = () => [live.panelist(0).personId];

  beforeAll(async () => {
    live = await LiveShow.open({
      title: 'Behind the edge',
      cast: [drawnCamera('Ada', 255)],
      args: ['--edge'],
    });
    const { phase } = live.show.host.view();
    if (phase.phase !== 'live') throw new Error('not live');
    playlistUrl = phase.playlistUrl;
    viewer = await live.watch();
  }, OPENING_DEADLINE_MS);

  afterAll(async () => {
    await live?.close();
  }, 60_000);

  test('a viewer is sent to the edge and sees the show through it', async () => {
    await live.seenLive(viewer, 'Ada through the edge', ada(), { deadlineMs: 40_000 });
    expect(new URL(viewer.page.url()).origin).toBe(new URL(playlistUrl).origin);
    const answer = await fetch(playlistUrl);
    expect(answer.headers.get('via')).toContain('varnish');
  });

  test('[S1] [LL23] no rule is broken through the edge', async () => {
    const records = await walkChannel({
      url: playlistUrl,
      seconds: 20,
      signal: new AbortController().signal,
      progress: () => undefined,
    });
    expect(records.filter((record) => record.verdict === 'broken')).toEqual([]);
  }, 60_000);

  test('[P4] however many ask for a part that is being made, the origin is asked once', async () => {
    const rendition = new URL('720p.m3u8', playlistUrl).href;
    const playlist = await (await fetch(rendition)).text();
    const hint = /#EXT-X-PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(playlist)?.[1];
    if (!hint) throw new Error(`no hint in ${playlist}`);
    const url = new URL(hint, rendition).href;
    const answers = await Promise.all(Array.from({ length: 200 }, () => fetch(url)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    const sizes = await Promise.all(answers.map(async (answer) => (await answer.arrayBuffer()).byteLength));
    expect(new Set(sizes).size).toBe(1);
    // Varnish gives each answer the number of the request that fetched it, when it was not its own.
    const fetchedBy = answers.map((answer) => answer.headers.get('x-varnish')?.split(' ')[1] ?? 'itself');
    expect(new Set(fetchedBy.filter((id) => id !== 'itself')).size).toBe(1);
    // None where the viewer's player was the first to ask.
    expect(fetchedBy.filter((id) => id === 'itself').length).toBeLessThanOrEqual(1);
  });

  test('the edge is killed and the viewer plays on without a reload', async () => {
    const [varnish] = await live.system.childrenOf('edge');
    if (!varnish) throw new Error('no varnishd');
    process.kill(varnish, 'SIGKILL');
    const killedUnixMs = Date.now();
    await eventually('another varnishd', 20_000, async () => {
      const [now] = await live.system.childrenOf('edge').catch(() => []);
      return now !== undefined && now !== varnish ? now : null;
    });
    await live.seenLive(viewer, 'Ada after the edge', ada(), {
      deadlineMs: 40_000,
      drawnAfterUnixMs: killedUnixMs,
    });
    expect(await viewer.sameDocument()).toBe(true);
  }, 90_000);
});

/** `./rostrum up --edge --tls`: the same behind HAProxy. Nobody is on stage: the holding slide is a picture too. */
describe('over TLS', () => {
  let system: System;
  let browser: Browser;
  let show: Show;
  let viewer: Viewer;

  beforeAll(async () => {
    system = await System.start({ args: ['--edge', '--tls'] });
    // The certificate that the launcher made, as somebody who trusts it.
    const made = await readFile(join(system.home, 'tls', 'cert.pem'), 'utf8');
    setDefaultCACertificates([...getCACertificates(), made]);
    browser = await launchChromium();
    show = await openShow({
      ...{ api: system.api, browser, title: 'Over TLS', profile: 'standard', cast: [] },
      ...{ direction: 'automatic', progress: () => undefined },
    });
    viewer = await Viewer.open(browser, show.watchUrl);
  }, OPENING_DEADLINE_MS);

  afterAll(async () => {
    show?.host.close();
    await browser?.close();
    await system?.stop();
  }, 60_000);

  async function playsOn(seconds: number): Promise<void> {
    const { totalFrames } = await viewer.playback();
    await eventually(`${seconds} s of pictures`, 40_000, async () =>
      (await viewer.playback()).totalFrames > totalFrames + 25 * seconds ? true : null,
    );
    expect(await viewer.state()).toBe('playing');
  }

  test('[LL19] the page plays over HTTPS and HTTP/2, and nothing comes from elsewhere than the edge', async () => {
    await eventually('the player', 40_000, async () => ((await viewer.state()) === 'playing' ? true : null));
    await playsOn(2);
    const edge = new URL(show.watchUrl).origin;
    expect(edge).toMatch(/^https:/);
    const media = await viewer.page.evaluate(() =>
      (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter(({ name }) => name.includes('/live/'))
        .map(({ name, nextHopProtocol }) => [new URL(name).origin, nextHopProtocol].join(' ')),
    );
    expect(new Set(media)).toEqual(new Set([`${edge} h2`]));
    const answer = await fetch(show.watchUrl);
    expect(answer.headers.get('via')).toContain('varnish');
  }, 90_000);

  test('what speaks TLS is killed and the viewer plays on without a reload', async () => {
    const before = await system.childrenOf('edge');
    const names = await Promise.all(before.map((pid) => readFile(`/proc/${pid}/comm`, 'utf8')));
    const haproxy = before[names.indexOf('haproxy\n')];
    if (!haproxy) throw new Error(`no haproxy among ${names}`);
    process.kill(haproxy, 'SIGKILL');
    await eventually('both programs again', 20_000, async () => {
      const now = await system.childrenOf('edge').catch(() => [] as number[]);
      return now.length === 2 && !now.some((pid) => before.includes(pid)) ? true : null;
    });
    // More than any player has in its buffer.
    await playsOn(8);
    expect(await viewer.sameDocument()).toBe(true);
  }, 90_000);
});
