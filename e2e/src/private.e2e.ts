/** A private webinar behind the edge over TLS: in a real browser, with the cookies of a real coordinator. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './lib/browser.ts';
import { type CrewMember, joinAsCrew } from './lib/crew.ts';
import { System } from './lib/system.ts';

let system: System;
let browser: Browser;
let host: CrewMember;
let webinarId: string;
let playlistUrl: string;

beforeAll(async () => {
  system = await System.start({ args: ['--edge', '--tls'] });
  const own = await readFile(join(system.home, 'tls', 'cert.pem'), 'utf8');
  setDefaultCACertificates([...getCACertificates('default'), own]);
  browser = await launchChromium();
  ({ webinarId } = await system.api.createWebinar({ title: 'Board', access: 'private' }));
  const { token } = await system.api.createLink(webinarId, { role: 'host', name: 'Hana' });
  host = await joinAsCrew(system.addresses.console, token);
  await host.command('webinar:goLive', {}, 60_000);
  const { phase } = await host.until('the channel', (view) => view.phase.phase === 'live');
  if (phase.phase !== 'live') throw new Error('not live');
  playlistUrl = phase.playlistUrl;
}, 120_000);
afterAll(async () => {
  host?.close();
  await browser?.close();
  await system?.stop();
}, 60_000);

async function open(url: string): Promise<Page> {
  const page = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  await page.goto(url);
  return page;
}
/** Seconds played so far. */
const played = (page: Page): Promise<number> =>
  page.evaluate(() => document.querySelector('video')?.currentTime ?? 0);
async function plays(page: Page): Promise<void> {
  await page.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 3);
  const before = await played(page);
  await page.waitForFunction(
    (then) => (document.querySelector('video')?.currentTime ?? 0) > then + 1,
    before,
  );
}

test('who has a link sees it, and a script of the page never sees the cookie', async () => {
  const link = await system.api.createLink(webinarId, { role: 'attendee', name: 'Ann' });
  const page = await open(link.url);
  const answers: [string, number][] = [];
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (pathname.includes(`/${webinarId}/`)) answers.push([pathname, response.status()]);
  });
  await plays(page);
  const media = answers.filter(([path]) => path.startsWith('/private/live/'));
  expect(media.length).toBeGreaterThan(0);
  expect(media.filter(([, status]) => status === 403)).toEqual([]);
  expect(await page.evaluate(() => document.cookie)).toBe('');
  const cookies = (await page.context().cookies()).filter(({ name }) => name === 'rostrum-media');
  expect(
    cookies.map(({ path, httpOnly, secure, sameSite }) => [path, httpOnly, secure, sameSite]).sort(),
  ).toEqual(
    ['live', 'recordings', 'standard'].map((area) => [`/private/${area}/${webinarId}`, true, true, 'Strict']),
  );
  const refused = await fetch(playlistUrl);
  expect([refused.status, await refused.json()]).toEqual([403, { error: 'no-right' }]);
  expect((await fetch(playlistUrl.replace('/private', ''))).status).toBe(404);
});

test('who has none is told so, and gets no picture', async () => {
  const page = await open(new URL(`/w/${webinarId}`, playlistUrl).href);
  await page.getByText('Private webinar').waitFor();
  expect(await page.locator('video').count()).toBe(0);
});

test('its recording is for who has a link, too', async () => {
  await host.command('webinar:end', {});
  const { phase } = await host.until(
    'the recording',
    (view) => view.phase.phase === 'ended' && view.phase.recording === 'ready',
    60_000,
  );
  if (phase.phase !== 'ended' || phase.recordingUrl === null) throw new Error('no recording');
  expect((await fetch(phase.recordingUrl)).status).toBe(403);
  const link = await system.api.createLink(webinarId, { role: 'attendee', name: 'Bob' });
  const page = await open(link.url);
  await page.getByRole('button', { name: 'Watch the recording' }).click();
  await plays(page);

  const owner = await open(system.addresses.owner);
  const card = owner.getByRole('article', { name: 'Board' });
  await card.getByText('Only by link').waitFor();
  await card.getByRole('button', { name: 'More for Board' }).click();
  await owner.getByRole('menuitem', { name: 'Links' }).waitFor();
  await owner.keyboard.press('Escape');
  await card.getByRole('button', { name: 'Recording', exact: true }).click();
  await owner.getByRole('button', { name: 'Watch the recording' }).click();
  await plays(owner);
});
