import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium, type OpenPanelist, openPanelist } from './lib/browser.ts';
import { type CrewMember, joinAsCrew } from './lib/crew.ts';
import { joinStage } from './lib/show.ts';
import { drawnCamera } from './lib/synthetic-media.ts';
import { System } from './lib/system.ts';

/** A panelist and the host meet backstage before the show, and stay after it; nobody else is told of any of it. */

const SHOTS = process.env.ROSTRUM_SHOTS;
let system: System;
let browser: Browser;
let host: CrewMember;
let control: Page;
let controlContext: BrowserContext;
let pia: OpenPanelist;
let webinarId: string;

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
  ({ webinarId } = await api.createWebinar({ title: 'Backstage', profile: 'standard' }));
  const hostLink = await api.createLink(webinarId, { role: 'host', name: 'Hana' });
  const piaLink = await api.createLink(webinarId, { role: 'panelist', name: 'Pia' });
  host = await joinAsCrew(api.baseUrl, hostLink.token);
  controlContext = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  control = await controlContext.newPage();
  await control.goto(hostLink.url);
  pia = await openPanelist(browser, piaLink.url, drawnCamera('Pia', 150, { pilotHz: 700 }));
  await joinStage(pia);
  await host.until('Pia on the stage', (v) => v.people.some((p) => p.name === 'Pia'));
}, 240_000);

afterAll(async () => {
  host?.close();
  await pia?.close();
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

test('what one was writing outlives a reload, and nothing of the chat is told to who watches', async () => {
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
