import type { Page } from 'playwright-core';
import { openPanelist } from './lib/browser.ts';
import { LIVE_MS, LiveShow, OPENING_DEADLINE_MS } from './lib/live-show.ts';
import { joinStage } from './lib/show.ts';
import { type StageView, viewOfStage } from './lib/stage-view.ts';
import { drawnCamera } from './lib/synthetic-media.ts';
import { screenArea, type Viewer } from './lib/viewer.ts';

/** A shared screen: VP9 while everybody on the stage receives it, and anew as VP8 when somebody comes who does not. */

const STAGE_MS = 3000;

interface Person {
  readonly personId: string;
  readonly page: Page;
  readonly sees: StageView;
}
let live: LiveShow;
let viewer: Viewer;
let ada: Person;
let bo: Person;

async function enter(name: string, hue: number, scripts: readonly (() => void)[] = []): Promise<Person> {
  const { webinarId } = live.show.webinar;
  const { personId, url } = await live.system.api.createLink(webinarId, { role: 'panelist', name });
  const { page, ...panelist } = await openPanelist(
    live.browser,
    url,
    drawnCamera(name, hue, { width: 640, height: 360 }),
    { scripts: [rememberSenders, ...scripts] },
  );
  await joinStage({ page, ...panelist });
  return { personId, page, sees: await viewOfStage(page) };
}

beforeAll(async () => {
  live = await LiveShow.open({ title: 'Screens', cast: [] });
  ada = await enter('Ada', 255);
  bo = await enter('Bo', 150);
  viewer = await live.watch();
  await ada.page.getByRole('button', { name: 'Share screen' }).click();
}, OPENING_DEADLINE_MS);

afterAll(() => live?.close(), 60_000);

/** The clock on Ada's screen can be read there. */
const isSeenBy = (who: string, { sees }: Person): Promise<unknown> =>
  live.eventually(`Ada's screen to be seen by ${who}`, 30_000, async () => {
    const tile = await sees.tile(ada.personId, 'screen');
    return tile && tile.ageMs < STAGE_MS ? tile : null;
  });
const isBroadcast = (drawnAfterUnixMs: number): Promise<unknown> =>
  live.eventually('the screen in the programme', 40_000, async () => {
    const { scene } = live.show.host.view();
    const area = scene && screenArea(scene);
    const [age = null] = area ? await viewer.ages([area]) : [];
    return age !== null && age < Math.min(LIVE_MS, Date.now() - drawnAfterUnixMs) ? age : null;
  });
const sent = (): Promise<string[]> => ada.page.evaluate(sentCodecs);

test('it is sent as VP9, and can be read on the stage and in the programme', async () => {
  await isSeenBy('Bo', bo);
  expect((await sent()).sort()).toEqual(['video/VP8', 'video/VP9']);
  await isBroadcast(0);
}, 90_000);

test('somebody who receives no VP9 reads it, too, and so do the others and the viewers, without its being shared again', async () => {
  const hal = await enter('Hal', 40, [receiveNoVp9]);
  await isSeenBy('Hal', hal);
  const sinceUnixMs = Date.now();
  expect(await sent()).toEqual(['video/VP8']);
  await isSeenBy('Bo', bo);
  await isBroadcast(sinceUnixMs);
  await ada.page.getByRole('button', { name: 'Stop sharing' }).waitFor();
}, 120_000);

/** In the page: keeps what sends. */
function rememberSenders(): void {
  const add = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function (trackOrKind, init) {
    const transceiver = add.call(this, trackOrKind, init);
    const { sent = [] } = window as { sent?: RTCRtpSender[] };
    Object.assign(window, { sent: [...sent, transceiver.sender] });
    return transceiver;
  };
}

/** In the page: says what it can receive, and answers, as a browser without VP9 does. */
function receiveNoVp9(): void {
  const add = RTCPeerConnection.prototype.addTransceiver;
  RTCPeerConnection.prototype.addTransceiver = function (trackOrKind, init) {
    const transceiver = add.call(this, trackOrKind, init);
    const all = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
    if (trackOrKind === 'video' && init?.direction !== 'sendonly')
      transceiver.setCodecPreferences(all.filter(({ mimeType }) => mimeType !== 'video/VP9'));
    return transceiver;
  };
}

/** In the page: of which codecs video is being sent. */
async function sentCodecs(): Promise<string[]> {
  const { sent = [] } = window as { sent?: RTCRtpSender[] };
  const codecs = await Promise.all(
    sent
      .filter(({ track }) => track?.kind === 'video')
      .map(async (sender) => {
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
