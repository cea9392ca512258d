import type { Browser, Page } from 'playwright-core';
import { launchChromium } from './lib/browser.ts';
import { System } from './lib/system.ts';
import { eventually } from './lib/viewer.ts';

/** The page of a panelist with Chromium's own made-up devices, which it opens, lists and plays to as any other. */

let system: System;
let browser: Browser;
let webinarId: string;
let page: Page;
let url: string;
const problems: string[] = [];

declare global {
  interface Window {
    /** The microphones that this page was given, in order. */
    mics: MediaStreamTrack[];
    /** An output that was unplugged. */
    goneOutput?: string;
  }
}

beforeAll(async () => {
  system = await System.start();
  browser = await launchChromium();
  ({ webinarId } = await system.api.createWebinar({ title: 'Devices', profile: 'standard' }));
  ({ url } = await system.api.createLink(webinarId, { role: 'panelist', name: 'Ada' }));
  page = await (await browser.newContext({ viewport: { width: 1100, height: 800 } })).newPage();
  page.on('pageerror', (error) => problems.push(error.message));
  await page.addInitScript(() => {
    window.mics = [];
    const media = navigator.mediaDevices;
    const ask = media.getUserMedia.bind(media);
    media.getUserMedia = async (constraints) => {
      const stream = await ask(constraints);
      window.mics.push(...stream.getAudioTracks());
      return stream;
    };
  });
  await page.addInitScript(outputsThatGo);
  await page.goto(url);
});

afterAll(async () => {
  await browser?.close();
  await system?.stop();
});

/** In the page: an output can go. */
function outputsThatGo(): void {
  const media = navigator.mediaDevices;
  const list = media.enumerateDevices.bind(media);
  media.enumerateDevices = async () =>
    (await list()).filter(({ kind, deviceId }) => kind !== 'audiooutput' || deviceId !== window.goneOutput);
}

/** As a browser does it when the device goes: it ends the track, and says so. */
const unplugMic = (): Promise<void> =>
  page.evaluate(() => {
    const mic = window.mics.at(-1);
    mic?.stop();
    mic?.dispatchEvent(new Event('ended'));
  });
const tell = (name: 'mute' | 'unmute'): Promise<void> =>
  page.evaluate((type) => {
    window.mics.at(-1)?.dispatchEvent(new Event(type));
  }, name);
const mics = (): Promise<{ live: boolean; enabled: boolean }[]> =>
  page.evaluate(() => window.mics.map((m) => ({ live: m.readyState === 'live', enabled: m.enabled })));
const button = (name: string | RegExp) => page.getByRole('button', { name });
const trouble = () => page.getByRole('group', { name: 'Microphone' });

test('the speaker sounds, and three seconds of oneself are played back where the camera was', async () => {
  await page.getByRole('combobox', { name: 'Microphone' }).waitFor();
  await button('Play a sound').click();
  await button('Listen…').waitFor();
  await button('Play a sound').waitFor();
  await button('Record 3 seconds').click();
  await page.getByText('Say something: you will hear it').waitFor();
  const recording = page.getByLabel('What you just recorded');
  await recording.waitFor();
  const played = await recording.evaluate(
    (video: HTMLVideoElement) =>
      new Promise<number>((resolve) => {
        video.addEventListener('ended', () => resolve(video.currentTime), { once: true });
      }),
  );
  expect(played).toBeGreaterThan(2);
  await recording.waitFor({ state: 'detached' });
});

test('the level moves with the voice, and is nothing once the microphone is gone', async () => {
  const level = (): Promise<number> =>
    page.getByRole('meter', { name: 'Microphone level' }).evaluate((m: HTMLMeterElement) => m.value);
  // Chromium's own microphone beeps once a second. It goes within a beep, whose level would else stay.
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const meter = document.querySelector('meter');
        const look = setInterval(() => {
          if (!meter || meter.value === 0) return;
          clearInterval(look);
          const mic = window.mics.at(-1);
          mic?.stop();
          mic?.dispatchEvent(new Event('ended'));
          resolve();
        }, 10);
      }),
  );
  await trouble().waitFor();
  expect(await level()).toBe(0);
  await trouble().getByRole('button').click();
  await trouble().waitFor({ state: 'detached' });
});

test('a microphone that goes while its owner is muted is told; one press brings it back, and they are muted still', async () => {
  await page.getByLabel('Join muted').check({ force: true });
  await button('Join the stage').click();
  await button(/^Unmute/).waitFor();
  await page.waitForFunction(() => window.mics.at(-1)?.enabled === false);
  const before = (await mics()).length;
  await unplugMic();
  await trouble().getByRole('button').click();
  await page.waitForFunction((n) => window.mics.length > n, before);
  await trouble().waitFor({ state: 'detached' });
  await page.waitForFunction(() => window.mics.at(-1)?.enabled === false);
  expect((await mics()).at(-1)).toEqual({ live: true, enabled: false });
  await button(/^Unmute/).waitFor();
});

test('a call that holds the microphone back is told of while it lasts', async () => {
  await tell('mute');
  await trouble().getByText('nothing comes of it').waitFor();
  await tell('unmute');
  await trouble().waitFor({ state: 'detached' });
  await button(/^Unmute/).waitFor();
  expect(problems).toEqual([]);
});

test('the sound of the stage follows the chosen speaker in the control room and on the stage, and says when that is gone', async () => {
  const { url } = await system.api.createLink(webinarId, { role: 'host', name: 'Hana' });
  const control = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  control.on('pageerror', (error) => problems.push(error.message));
  await control.addInitScript(outputsThatGo);
  await control.goto(url);
  await control.getByRole('button', { name: 'Join the stage' }).click();
  await control.getByRole('button', { name: 'Leave the stage' }).waitFor();
  for (const where of [control, page]) {
    await where.waitForFunction(() => document.querySelectorAll('audio').length > 0);
    await where.getByRole('button', { name: 'Devices' }).click();
    const speaker = where.getByRole('combobox', { name: 'Speaker' });
    await speaker.waitFor();
    const ids = await speaker
      .locator('option')
      .evaluateAll((options) => options.map((o) => (o as HTMLOptionElement).value));
    const chosen = ids.at(-1) ?? '';
    expect(await sinks(where)).toEqual(['']);
    await speaker.selectOption(chosen);
    await soundsAt(where, chosen);
    await where.evaluate((id) => {
      window.goneOutput = id;
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    }, chosen);
    const notice = where.getByRole('group', { name: 'Speaker' }).first();
    await notice.getByText('No sound goes to Fake Audio Output').waitFor();
    await soundsAt(where, '');
    await where.evaluate(() => {
      delete window.goneOutput;
      navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
    });
    await notice.getByRole('button', { name: /^Use Fake Audio Output/ }).click();
    await soundsAt(where, chosen);
    await notice.waitFor({ state: 'detached' });
  }
  expect(problems).toEqual([]);
}, 60_000);

/** Where each sound of the page goes; empty: where the system puts it. */
const sinks = (of: Page): Promise<string[]> =>
  of.evaluate(() => [...document.querySelectorAll('audio')].map(({ sinkId }) => sinkId));
const soundsAt = async (of: Page, output: string): Promise<void> => {
  await of.waitForFunction(
    (id) => [...document.querySelectorAll('audio')].every(({ sinkId }) => sinkId === id),
    output,
  );
};

test('a page that is loaded anew has its person as muted as before, their camera as off, and the devices they chose', async () => {
  const joins = {
    muted: page.getByLabel('Join muted'),
    cameraOff: page.getByLabel('Join with the camera off'),
  };
  const chosen = ['Microphone', 'Speaker'].map((name) => page.getByRole('combobox', { name }));
  const are = (what: string, wanted: readonly string[]) =>
    eventually(what, 10_000, async () => {
      const now = await Promise.all(chosen.map((select) => select.inputValue()));
      return now.every((value, i) => value === wanted[i]) || null;
    });
  await page.reload();
  await chosen[1]?.waitFor();
  expect([await joins.muted.isChecked(), await joins.cameraOff.isChecked()]).toEqual([true, false]);
  const others: string[] = [];
  for (const select of chosen) {
    const now = await select.inputValue();
    const ids = await select
      .locator('option')
      .evaluateAll((options) => options.map((o) => (o as HTMLOptionElement).value));
    const other = ids.findLast((id) => id !== now && id !== '') ?? '';
    expect(other).not.toBe('');
    await select.selectOption(other);
    others.push(other);
  }
  await are('the others to be open', others);
  await joins.cameraOff.check({ force: true });
  await button('Join the stage').click();
  await button('Start camera').waitFor();

  await page.reload();
  await are('the same devices again', others);
  expect([await joins.muted.isChecked(), await joins.cameraOff.isChecked()]).toEqual([true, true]);
  await button('Join the stage').click();
  await button(/^Unmute/).waitFor();
  await button('Start camera').waitFor();
  await page.waitForFunction(() => window.mics.at(-1)?.enabled === false);
  expect(await mics()).toEqual([{ live: true, enabled: false }]);
  expect(problems).toEqual([]);
});

test('another window asks before it takes their place, and the first one says where they are then', async () => {
  const second = await page.context().newPage();
  second.on('pageerror', (error) => problems.push(error.message));
  await second.goto(url);
  const join = (where: Page) => where.getByRole('button', { name: 'Join the stage' });
  const asked = (where: Page) =>
    where.getByRole('alert').filter({ hasText: 'You joined from another window' });
  await join(second).click({ timeout: 20_000 });
  await asked(second).waitFor();
  expect(await asked(page).count()).toBe(0);
  await join(second).click();
  await asked(page).waitFor();
  await asked(second).waitFor({ state: 'detached' });
  await second.getByRole('button', { name: /^(Mute|Unmute)/ }).waitFor();
  expect(problems).toEqual([]);
});
