/** A show that is over as soon as it began, and one that never came about. */
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './lib/browser.ts';
import { joinAsCrew } from './lib/crew.ts';
import { System } from './lib/system.ts';

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

async function open(url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  return page;
}

test('ended within a second, no recording is named that is not there, and the pages say how it stands', async () => {
  const { webinarId } = await system.api.createWebinar({ title: 'Short' });
  const link = await system.api.createLink(webinarId, { role: 'host', name: 'Hana' });
  const host = await joinAsCrew(system.addresses.console, link.token);
  try {
    await host.command('webinar:goLive', {});
    await host.command('webinar:end', {});
    const { phase } = await host.until(
      'word of the recording',
      ({ phase: now }) => now.phase === 'ended' && now.recording !== 'pending',
      30_000,
    );
    if (phase.phase !== 'ended') throw new Error('not ended');
    expect(phase.recordingUrl !== null).toBe(phase.recording === 'ready');
    const { watchUrl, ...summary } = await system.api.webinar(webinarId);
    expect(summary).toMatchObject({ phase: 'ended', recording: phase.recording });
    const page = await open(watchUrl ?? '');
    if (phase.recordingUrl === null) {
      await page.getByText('There is no recording of it.').waitFor();
    } else {
      expect((await fetch(phase.recordingUrl)).status).toBe(200);
      await page.getByRole('button', { name: 'Watch the recording' }).waitFor();
    }
  } finally {
    host.close();
  }
});

test('a planned webinar is cancelled from the dashboard; whoever opens its page is told that it has ended', async () => {
  const { webinarId, watchUrl } = await system.api.createWebinar({ title: 'Never to be' });
  const viewer = await open(watchUrl ?? '');
  await viewer.getByText('Starts soon').waitFor();
  const dashboard = await open(system.addresses.owner);
  const card = dashboard.getByRole('article', { name: 'Never to be' });
  await card.getByRole('button', { name: 'More for Never to be' }).click();
  await dashboard.getByRole('menuitem', { name: 'Cancel webinar' }).click();
  await dashboard.getByRole('button', { name: 'Cancel webinar' }).click();
  await card.waitFor({ state: 'detached' });
  await viewer.getByText('There is no recording of it.').waitFor();
  expect(await system.api.webinar(webinarId)).toMatchObject({ phase: 'ended', recording: 'none' });
});
