import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { type OpenPanelist, openPanelist } from './lib/browser.ts';
import { launchFirefox, outerAddress } from './lib/firefox.ts';
import { LIVE_MS, LiveShow, OPENING_DEADLINE_MS } from './lib/live-show.ts';
import { joinStage } from './lib/show.ts';
import { type StageView, viewOfStage } from './lib/stage-view.ts';
import { drawnCamera } from './lib/synthetic-media.ts';
import { Viewer } from './lib/viewer.ts';

/** Firefox on the stage beside Chromium, and at the watch page. */

/** Hz; see show.e2e.ts. */
const TONES = { ada: 1900, bo: 2700 } as const;
const HEARD_DB = 15;
/** Pictures on the stage are younger than this; how young is measured by the benchmarks. */
const STAGE_MS = 3000;

let firefox: Browser;
let live: LiveShow;
let ada: { personId: string; sees: StageView };
let bo: { personId: string; sees: StageView };

beforeAll(async () => {
  live = await LiveShow.open({
    title: 'Two browsers',
    cast: [],
    env: { ROSTRUM_SFU_LISTEN_IP: outerAddress() },
  });
  firefox = await launchFirefox();
  const { webinarId } = live.show.webinar;
  const enter = async (browser: Browser, name: string, hue: number, pilotHz: number) => {
    const { personId, url } = await live.system.api.createLink(webinarId, { role: 'panelist', name });
    const media = drawnCamera(name, hue, { pilotHz, width: 640, height: 360 });
    const panelist: OpenPanelist = await openPanelist(browser, url, media);
    await joinStage(panelist);
    return { personId, sees: await viewOfStage(panelist.page) };
  };
  ada = await enter(live.browser, 'Ada', 255, TONES.ada);
  bo = await enter(firefox, 'Bo', 150, TONES.bo);
}, OPENING_DEADLINE_MS);

afterAll(async () => {
  await firefox?.close();
  await live?.close();
}, 60_000);

test('the one in Firefox and the one in Chromium see and hear each other', async () => {
  for (const [who, whom, hz] of [
    [ada, bo, TONES.bo],
    [bo, ada, TONES.ada],
  ] as const) {
    await live.eventually(`${whom === ada ? 'Ada' : 'Bo'} to be seen`, 20_000, async () => {
      const tile = await who.sees.tile(whom.personId);
      return tile && tile.ageMs < STAGE_MS ? tile : null;
    });
    await live.eventually(`${whom === ada ? 'Ada' : 'Bo'} to be heard`, 15_000, async () => {
      const [db = 0] = await who.sees.tones([hz]);
      return db > HEARD_DB ? db : null;
    });
  }
});

test('both are in the picture and in the sound, as a viewer in Firefox sees it, for half a minute without a stall', async () => {
  const viewer = await Viewer.open(firefox, live.show.watchUrl);
  await live.seenLive(viewer, 'both clocks', [ada.personId, bo.personId], { deadlineMs: 40_000 });
  await live.eventually('both tones', 15_000, async () => {
    const levels = await viewer.tones([TONES.ada, TONES.bo]);
    return levels.every((db) => db > HEARD_DB) ? levels : null;
  });
  const stallsBefore = await viewer.stalls();
  const latencies: number[] = [];
  for (let i = 0; i < 30; i += 1) {
    await sleep(1000);
    const { sinceMixMs } = await viewer.clocks([]);
    if (sinceMixMs !== null) latencies.push(sinceMixMs);
  }
  const median = latencies.toSorted((a, b) => a - b)[latencies.length >> 1];
  console.info(`latency in Firefox: ${median} ms behind the mix`);
  expect(await viewer.stalls()).toBe(stallsBefore);
  expect(median).toBeLessThan(LIVE_MS);
}, 120_000);
