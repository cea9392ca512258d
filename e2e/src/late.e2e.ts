import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './lib/browser.ts';
import { OPENING_DEADLINE_MS } from './lib/live-show.ts';
import { System } from './lib/system.ts';
import { eventually } from './lib/viewer.ts';

/** Slow is not dead: a service that stops for seconds and goes on costs nobody anything but those seconds. */

let system: System;
let browser: Browser;
let page: Page;

const strip = () => page.getByRole('status').filter({ hasText: 'late to answer' });
const logOf = async (service: string): Promise<string> =>
  (await system.lastLogLines(400)).split(`${service}.log:`)[1] ?? '';
const shot = async (name: string): Promise<void> => {
  const folder = process.env.ROSTRUM_E2E_SHOTS;
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
};

beforeAll(async () => {
  system = await System.start();
  browser = await launchChromium();
  page = await (await browser.newContext({ viewport: { width: 1280, height: 800 } })).newPage();
  const { webinarId } = await system.api.createWebinar({ title: 'Late', profile: 'standard' });
  const { url } = await system.api.createLink(webinarId, { role: 'host', name: 'Host' });
  await page.goto(url);
  await page.getByRole('button', { name: 'Go live' }).click({ timeout: 30_000 });
  await page.getByRole('timer', { name: 'Live for' }).waitFor({ timeout: 60_000 });
}, OPENING_DEADLINE_MS);

afterAll(async () => {
  await browser?.close();
  await system?.stop();
}, 60_000);

/** Stops the service until the control room says that it is late, lets it go on, and waits until all is well again. */
async function stopUntilTold(service: string, words: RegExp): Promise<void> {
  const pid = await system.pid(service);
  process.kill(pid, 'SIGSTOP');
  try {
    await strip().filter({ hasText: words }).waitFor({ timeout: 15_000 });
    await shot(`late-${service}`);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await strip().waitFor({ state: 'hidden', timeout: 10_000 });
  expect(await system.pid(service)).toBe(pid);
}

test('a broadcaster that stops for seconds is late, and its channel and compositor go on', async () => {
  const before = await system.compositorPids();
  await stopUntilTold('broadcaster', /the stream goes on/);
  expect(await system.compositorPids()).toEqual(before);
  const log = await logOf('host-console');
  expect(log).toContain('node is late');
  expect(log).not.toContain('node lost');
});

test('an SFU that stops for seconds is late, and nobody has to join again', async () => {
  await stopUntilTold('panel-sfu', /whoever is on it stays/);
  expect(await logOf('host-console')).not.toContain('node lost');
  await eventually('the stage to be joined', 10_000, async () =>
    (await page.getByText('The stage is coming back').count()) === 0 ? true : null,
  );
});
