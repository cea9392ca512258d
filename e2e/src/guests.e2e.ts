import type { Page } from 'playwright-core';
import { openPanelist } from './lib/browser.ts';
import { LiveShow, OPENING_DEADLINE_MS } from './lib/live-show.ts';
import { joinStage } from './lib/show.ts';
import { drawnCamera } from './lib/synthetic-media.ts';
import { sendNothingButAv1, sendNothingButH264, speakNoH264 } from './lib/video-codecs.ts';
import type { Viewer } from './lib/viewer.ts';

/** Somebody of the audience on their way to the stage, with more than one window, and with a browser that cannot do it all. */

let live: LiveShow;
let vera: Viewer;
let veraId: string;

declare global {
  interface Window {
    connections: RTCPeerConnection[];
  }
}

/** In the page: keeps its connections to look at. */
function keepConnections(): void {
  window.connections = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      window.connections.push(this);
    }
  };
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const open = (name: string, ...scripts: (() => void)[]): Promise<Viewer> =>
  live.watch({ media: drawnCamera(name, 40), scripts });

/** Raises their hand, and has it accepted. */
async function invite({ page }: Viewer): Promise<string> {
  const { host } = live.show;
  const before = new Set(host.view().hands.map(({ personId }) => personId));
  await button(page, 'Raise hand').click();
  const isNew = (personId: string): boolean => !before.has(personId);
  const { hands } = await host.until('the hand', (v) => v.hands.some((h) => isNew(h.personId)));
  const personId = hands.find((h) => isNew(h.personId))?.personId ?? '';
  await host.command('hand:accept', { personId });
  await button(page, 'Join the stage').waitFor();
  return personId;
}

const onStage = (what: string, is: () => boolean): Promise<true> =>
  live.eventually(what, 15_000, async () => is() || null);

beforeAll(async () => {
  live = await LiveShow.open({ title: 'Guests', cast: [drawnCamera('Ada', 255)], direction: 'manual' });
}, OPENING_DEADLINE_MS);

afterAll(() => live?.close(), 60_000);

test('their connections stand while they look at their devices, and the join goes on with those', async () => {
  vera = await open('Vera', keepConnections);
  veraId = await invite(vera);
  const states = async () => {
    const all = await vera.page.evaluate(() => window.connections.map((c) => c.connectionState));
    // Others ask what the browser can do, and are closed at once.
    return all.filter((state) => state !== 'closed');
  };
  await live.eventually('both connections', 15_000, async () => {
    const all = await states();
    return all.length === 2 && all.every((state) => state === 'connected') ? true : null;
  });
  expect(live.show.host.onStage()).not.toContain(veraId);
  await button(vera.page, 'Join the stage').click();
  await onStage('Vera on stage', () => live.show.host.onStage().includes(veraId));
  await button(vera.page, 'Leave the stage').waitFor();
  expect(await states()).toEqual(['connected', 'connected']);
}, 60_000);

test('a second window asks before it takes the place of the first, which is told', async () => {
  const second = await vera.page.context().newPage();
  await second.goto(live.show.watchUrl);
  await button(second, 'Join the stage').click();
  await second.getByText('You are on the stage in another window.').waitFor();
  await button(second, 'Not now').click();
  expect(await vera.state()).toBe('stage');
  expect(live.show.host.onStage()).toContain(veraId);

  await button(second, 'Get ready').click();
  await button(second, 'Join the stage').click();
  await button(second, 'Go on here').click();
  await button(second, 'Leave the stage').waitFor();
  await vera.page.getByText('You went on in another window.').waitFor();
  await live.eventually('the first window to watch', 10_000, async () =>
    (await vera.state()) === 'playing' ? true : null,
  );
  expect(live.show.host.onStage()).toContain(veraId);
  await button(second, 'Leave the stage').click();
  await onStage('Vera gone', () => !live.show.host.onStage().includes(veraId));
  await second.close();
  await vera.close();
}, 90_000);

test('whose camera the room does not take reads so, and who cannot show a picture reads why', async () => {
  const { webinarId } = live.show.webinar;
  const { url } = await live.system.api.createLink(webinarId, { role: 'panelist', name: 'Hal' });
  const hal = await openPanelist(live.browser, url, drawnCamera('Hal', 150, { width: 640, height: 360 }), {
    scripts: [sendNothingButH264],
  });
  await joinStage(hal);
  const vic = await open('Vic', speakNoH264, sendNothingButAv1);
  await invite(vic);
  await button(vic.page, 'Join the stage').click();
  await vic.page.getByText('Camera: This browser cannot send it.').waitFor();
  const tile = (name: string) => vic.page.locator('.stage-tile', { hasText: name });
  await tile('Hal').getByText('Your browser cannot show this picture').waitFor();
  await tile('Ada').locator('video').waitFor();
  expect(await tile('Ada').getByText('picture').count()).toBe(0);
  await Promise.all([hal.close(), vic.close()]);
}, 90_000);
