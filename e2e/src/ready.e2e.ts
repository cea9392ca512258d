/** Before an event: what the crew is told of the installation, and whether a network lets somebody on the stage. */
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './lib/browser.ts';
import { System } from './lib/system.ts';

const SHOTS = process.env.ROSTRUM_SHOTS;
let system: System;
let browser: Browser;
beforeAll(async () => {
  system = await System.start();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

async function open(url: string, width = 1440, colorScheme: 'light' | 'dark' = 'light'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}
const shot = async (page: Page, name: string): Promise<void> => {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
};
const row = (page: Page, words: string) => page.getByRole('listitem').filter({ hasText: words });

test('the host is told what nobody outside reaches, tries this device’s network, and has a phone try its own', async () => {
  const { webinarId } = await system.api.createWebinar({ title: 'On Thursday' });
  const link = await system.api.createLink(webinarId, { role: 'host', name: 'Hana' });
  const page = await open(link.url);
  const [ready] = await Promise.all([
    page.context().waitForEvent('page'),
    page.getByRole('link', { name: 'Ready for your event?' }).click(),
  ]);
  await ready.getByText('The installation').waitFor();
  // This one is brought for one machine.
  await row(ready, 'which only this machine reaches').first().waitFor();
  await row(ready, 'the stage is there').waitFor();
  await row(ready, 'the broadcaster is there').waitFor();
  await ready.getByText(/things to mend before the event/).waitFor();
  await ready.getByRole('button', { name: 'Try it' }).click();
  await ready.getByText('Your network is fine for the stage.').waitFor();
  expect(await row(ready, 'UDP, the best way').textContent()).toContain('Open');
  expect(await row(ready, 'TCP, where UDP is blocked').textContent()).toContain('Open');
  expect(await row(ready, 'By a relay').textContent()).toContain('There is none here');
  const address = await ready.getByLabel('Network check', { exact: true }).inputValue();
  await shot(ready, 'ready-1440-light');

  const phone = await open(address, 390, 'dark');
  await phone.getByText('Your network is fine for the stage.').waitFor();
  await shot(phone, 'reach-390-dark');
});
