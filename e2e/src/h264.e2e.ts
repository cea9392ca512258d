import { type OpenPanelist, openPanelist } from './lib/browser.ts';
import { LiveShow, OPENING_DEADLINE_MS } from './lib/live-show.ts';
import { joinStage } from './lib/show.ts';
import { type StageView, viewOfStage } from './lib/stage-view.ts';
import { drawnCamera } from './lib/synthetic-media.ts';
import { sendNothingButAv1, sendNothingButH264, speakNoH264 } from './lib/video-codecs.ts';

/** Somebody whose browser sends no video but H.264, as Safari may, beside somebody who sends VP8. */

const STAGE_MS = 3000;

let live: LiveShow;
let ada: { personId: string; sees: StageView };
let hal: { personId: string; sees: StageView; codecs(): Promise<string[]> };

async function enter(name: string, hue: number, scripts: readonly (() => void)[]) {
  const { webinarId } = live.show.webinar;
  const { personId, url } = await live.system.api.createLink(webinarId, { role: 'panelist', name });
  const media = drawnCamera(name, hue, { width: 640, height: 360 });
  const panelist: OpenPanelist = await openPanelist(live.browser, url, media, { scripts });
  await joinStage(panelist);
  return { personId, sees: await viewOfStage(panelist.page), page: panelist.page };
}

beforeAll(async () => {
  live = await LiveShow.open({ title: 'H.264 beside VP8', cast: [] });
  ada = await enter('Ada', 255, []);
  const entered = await enter('Hal', 150, [sendNothingButH264]);
  hal = { ...entered, codecs: () => entered.page.evaluate(sentCodecs) };
}, OPENING_DEADLINE_MS);

afterAll(() => live?.close(), 60_000);

test('each sees the other', async () => {
  for (const [who, whom] of [
    [ada, hal],
    [hal, ada],
  ] as const) {
    await live.eventually(`${whom === ada ? 'Ada' : 'Hal'} to be seen`, 20_000, async () => {
      const tile = await who.sees.tile(whom.personId);
      return tile && tile.ageMs < STAGE_MS ? tile : null;
    });
  }
  expect(await hal.codecs()).toEqual(['video/H264']);
});

test('both are in the picture', async () => {
  const viewer = await live.watch();
  await live.seenLive(viewer, 'both clocks', [ada.personId, hal.personId], { deadlineMs: 40_000 });
}, 60_000);

test('somebody whose browser sends nothing the room takes is told so, and sees the others', async () => {
  const vic = await enter('Vic', 40, [sendNothingButAv1]);
  await vic.page.getByText('Your camera is not sent.').waitFor({ timeout: 15_000 });
  await live.eventually('Ada to be seen', 20_000, async () => {
    const tile = await vic.sees.tile(ada.personId);
    return tile && tile.ageMs < STAGE_MS ? tile : null;
  });
}, 60_000);

test('somebody whose browser cannot show a picture reads why', async () => {
  const nan = await enter('Nan', 300, [speakNoH264]);
  const tile = (personId: string) => nan.page.locator(`figure[data-person="${personId}"]`);
  await tile(hal.personId).getByText('Your browser cannot show this picture').waitFor({ timeout: 15_000 });
  await live.eventually('Ada to be seen', 20_000, async () => {
    const seen = await nan.sees.tile(ada.personId);
    return seen && seen.ageMs < STAGE_MS ? seen : null;
  });
  expect(await tile(ada.personId).getByText('picture').count()).toBe(0);
}, 60_000);

/** In the page: of which codecs video is being sent. */
async function sentCodecs(): Promise<string[]> {
  const { sent = [] } = window as { sent?: RTCRtpSender[] };
  const codecs = await Promise.all(
    sent.map(async (sender) => {
      const stats = [...(await sender.getStats()).values()];
      return stats.flatMap(({ type, framesEncoded, codecId }) =>
        type === 'outbound-rtp' && framesEncoded > 0
          ? stats.flatMap((s) => (s.id === codecId ? [s.mimeType as string] : []))
          : [],
      );
    }),
  );
  return [...new Set(codecs.flat())];
}
