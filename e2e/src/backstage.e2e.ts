import type { WebinarView } from '@rostrum/contracts';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium, type OpenPanelist, openPanelist } from './lib/browser.ts';
import { type CrewMember, joinAsCrew } from './lib/crew.ts';
import { joinStage } from './lib/show.ts';
import { viewOfStage } from './lib/stage-view.ts';
import { drawnCamera } from './lib/synthetic-media.ts';
import { System } from './lib/system.ts';
import { eventually, Viewer } from './lib/viewer.ts';

/** Panelists and the host meet backstage before the show, and stay after it; nobody else is told of, sees or hears any of it. */

const SHOTS = process.env.ROSTRUM_SHOTS;
let system: System;
let browser: Browser;
let host: CrewMember;
let control: Page;
let controlContext: BrowserContext;
let pia: OpenPanelist;
let webinarId: string;
let watchUrl: string | null | undefined;
let pete: OpenPanelist;
let viewer: Viewer | undefined;

const PIA_HZ = 700;
/** Of a tone over what is around it, dB: it is there, it is not. */
const HEARD_DB = 20;
const SILENT_DB = 12;

const shot = async (page: Page, name: string): Promise<void> => {
  if (!SHOTS) return;
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ] as const) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await page.waitForTimeout(600);
      await page.screenshot({ path: `${SHOTS}/${name}-${width}-${colorScheme}.png` });
    }
  }
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: null });
};

beforeAll(async () => {
  system = await System.start();
  browser = await launchChromium();
  const { api } = system;
  ({ webinarId, watchUrl } = await api.createWebinar({ title: 'Backstage', profile: 'standard' }));
  const hostLink = await api.createLink(webinarId, { role: 'host', name: 'Hana' });
  const piaLink = await api.createLink(webinarId, { role: 'panelist', name: 'Pia' });
  host = await joinAsCrew(api.baseUrl, hostLink.token);
  controlContext = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  control = await controlContext.newPage();
  await control.goto(hostLink.url);
  pia = await openPanelist(browser, piaLink.url, drawnCamera('Pia', 150, { pilotHz: PIA_HZ }));
  await joinStage(pia);
  const peteLink = await api.createLink(webinarId, { role: 'panelist', name: 'Pete' });
  pete = await openPanelist(browser, peteLink.url, drawnCamera('Pete', 30));
  await joinStage(pete);
  await host.until('Pia on the stage', (v) =>
    ['Pia', 'Pete'].every((name) => v.people.some((p) => p.name === name)),
  );
}, 240_000);

afterAll(async () => {
  host?.close();
  await viewer?.close();
  await pia?.close();
  await pete?.close();
  await controlContext?.close();
  await browser?.close();
  await system?.stop();
}, 60_000);

test('before the show a panelist and the host write to each other, and see that something was written', async () => {
  const { page } = pia;
  await page.keyboard.press('c');
  await page.getByLabel('Message to everybody backstage').fill('Am I first?');
  await page.keyboard.press('Enter');
  await control.getByRole('button', { name: /^Chat.*1 unread message/ }).click();
  await control.getByRole('log', { name: 'Backstage chat' }).getByText('Am I first?').waitFor();
  await control.getByLabel('Message to everybody backstage').fill('You are. Two minutes.');
  await control.getByRole('button', { name: 'Send' }).click();
  await page.getByText('You are. Two minutes.').waitFor();
  await shot(control, 'control-chat');
  await shot(page, 'stage-chat');
}, 120_000);

test('what one was writing outlives a reload, and the crew takes a message away', async () => {
  const { page } = pia;
  await page.getByLabel('Message to everybody backstage').fill('Half a sen');
  await page.reload();
  await joinStage(pia);
  await page.getByRole('button', { name: 'Chat' }).click();
  await page.getByText('Am I first?').waitFor();
  expect(await page.getByLabel('Message to everybody backstage').inputValue()).toBe('Half a sen');
  await control.getByRole('button', { name: 'Take away the message by Pia' }).click();
  await page.getByText('Am I first?').waitFor({ state: 'detached' });
}, 60_000);

test('the crew says who comes after whom and counts down, and panelists see it', async () => {
  const order = control.getByRole('region', { name: 'Order of appearance' });
  for (const label of ['Pia', 'Pete']) await order.getByLabel('Add somebody').selectOption({ label });
  await pia.page.getByText('You are next.').waitFor();
  await pete.page.getByText('Next: Pia').waitFor();
  await order.getByRole('button', { name: 'Move Pete up' }).press('Enter');
  await pete.page.getByText('You are next.').waitFor();
  // The key moved the person, and the focus went with them.
  const focused = () => control.evaluate(() => document.activeElement?.getAttribute('aria-label'));
  await eventually('the focus', 10_000, async () => ((await focused()) === 'Move Pete down' ? true : null));
  await control.getByRole('button', { name: 'Count down 5 min' }).click();
  const clocks = [control, pia.page, pete.page].map((page) =>
    page.getByRole('timer', { name: 'Countdown to air' }),
  );
  for (const clock of clocks) await clock.waitFor();
  const shown = await Promise.all(clocks.map(async (clock) => seconds(await clock.textContent())));
  expect(Math.max(...shown) - Math.min(...shown)).toBeLessThanOrEqual(2);
  expect(Math.max(...shown)).toBeLessThanOrEqual(300);
  await shot(control, 'control-plan');
  await shot(pia.page, 'stage-plan');
}, 90_000);

test('they hear each other before the show, and the channel that runs already does not have them', async () => {
  const ears = await viewOfStage(pete.page);
  await eventually('Pia at Pete’s', 20_000, async () => {
    const [level = 0] = await ears.tones([PIA_HZ]);
    return level > HEARD_DB ? true : null;
  });
  const piaId = host.view().people.find((p) => p.name === 'Pia')?.personId ?? '';
  // In the picture as soon as it is live, and not before.
  await host.command('air:set', { personId: piaId, onAir: true });
  await host.command('doors:rule', { bed: false });
  await host.command('doors:open', {}, 30_000);
  if (!watchUrl) throw new Error('there is no watch page');
  const here = await Viewer.open(browser, watchUrl);
  viewer = here;
  await eventually('the holding slide to play', 30_000, async () =>
    (await here.playback()).currentTime > 1 ? true : null,
  );
  for (let i = 0; i < 4; i += 1) {
    const [level = 0] = await here.tones([PIA_HZ]);
    expect(level).toBeLessThan(SILENT_DB);
  }
  await host.command('webinar:goLive', {}, 30_000);
  await eventually('Pia at the audience’s', 30_000, async () => {
    const [level = 0] = await here.tones([PIA_HZ]);
    return level > HEARD_DB ? true : null;
  });
}, 150_000);

test('after the end they talk on, until the host closes the backstage; the recording has the show alone', async () => {
  const sinceUnixMs = liveSince();
  await host.command('webinar:end', {}, 30_000);
  const endedUnixMs = Date.now();
  await pia.page.getByText(/Only the people here see and hear each other/).waitFor();
  await control.getByText('Ended').waitFor();
  const ears = await viewOfStage(pete.page);
  await eventually('Pia at Pete’s', 20_000, async () => {
    const [level = 0] = await ears.tones([PIA_HZ]);
    return level > HEARD_DB ? true : null;
  });
  await shot(control, 'control-after');
  await shot(pia.page, 'stage-after');
  const { phase } = await host.until('the recording', (v) => recordingUrlOf(v) !== null, 30_000);
  const url = phase.phase === 'ended' ? (phase.recordingUrl ?? '') : '';
  expect(await lengthMs(url)).toBeLessThan(endedUnixMs - sinceUnixMs + 6000);
  await control.getByRole('button', { name: 'Close the backstage' }).click();
  await control.getByRole('dialog').getByRole('button', { name: 'Close the backstage' }).click();
  for (const { page } of [pia, pete]) {
    await page.getByRole('heading', { name: 'The webinar has ended' }).waitFor();
  }
  await control.getByRole('heading', { name: 'The webinar has ended' }).waitFor();
}, 120_000);

const seconds = (text: string | null): number => {
  const [minutes = 0, rest = 0] = (text ?? '').split(':').map(Number);
  return minutes * 60 + rest;
};

function liveSince(): number {
  const { phase } = host.view();
  return phase.phase === 'live' ? phase.sinceUnixMs : 0;
}

const recordingUrlOf = ({ phase }: WebinarView): string | null =>
  phase.phase === 'ended' ? phase.recordingUrl : null;

/** Of a recording's first rendition. */
async function lengthMs(multivariant: string): Promise<number> {
  const lines = (await (await fetch(multivariant)).text()).split('\n');
  const media = new URL(lines.find((line) => line !== '' && !line.startsWith('#')) ?? '', multivariant);
  const text = await (await fetch(media)).text();
  const lengths = [...text.matchAll(/#EXTINF:([\d.]+)/g)].map(([, s]) => Number(s));
  return 1000 * lengths.reduce((sum, s) => sum + s, 0);
}
