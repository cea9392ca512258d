import type { Page } from 'playwright-core';
import { moving, remote, startTestStage, type TestStage, until } from './testing-stage.ts';
import { tap } from './testing-tap.ts';

/** Screens of small text: VP9 while everybody receives it, VP8 from when somebody does not, and stereo. */
let stage: TestStage;
let ada: Page;
let bob: Page;

beforeAll(async () => {
  stage = await startTestStage();
  ada = await stage.open('ada0', 'red', '&lines=180');
  bob = await stage.open('bob0', 'blue', '&lines=180');
  await ada.evaluate('probe.shareSlides()');
  await until('bob knows of it', async () => remote(bob, 'ada0', 'screen'));
  await bob.evaluate(`probe.show('ada0', 'camera', 180)`);
  await bob.evaluate(`probe.show('ada0', 'screen', 1080)`);
});
afterAll(() => stage?.close());

/** All the lines, and text that can be read: a page that is blurred, or another one, comes to much less. */
async function readable(page: Page, text: number): Promise<boolean> {
  const seen = (await page.evaluate(`probe.likeness('ada0', ${text})`)) as {
    ssim: number;
    width: number;
  } | null;
  return seen !== null && seen.width === 1920 && seen.ssim > 0.97;
}

const producerOf = (source: string): string =>
  [...stage.coordinator.producers.values()].find((p) => p.personId === 'ada0' && p.source === source)
    ?.producerId ?? '';

/** What the broadcaster gets, once it does. */
async function broadcast(source: 'camera' | 'screen'): Promise<string | undefined> {
  const { mimeType, seen, close } = await tap(stage.coordinator, producerOf(source));
  try {
    await until(`RTP of ${source}`, async () => seen.packets > 20, 20_000);
    return mimeType;
  } finally {
    await close();
  }
}

test('a screen is VP9 where everybody receives it, and its text can be read, also after a page is turned', async () => {
  await until('the page', () => readable(bob, 0), 30_000);
  await ada.evaluate('probe.flip(1)');
  await until('the next page', () => readable(bob, 1), 30_000);
  expect(await readable(bob, 0)).toBe(false);
  expect(await broadcast('screen')).toBe('video/VP9');
});

test('a camera beside it stays VP8', async () => {
  expect(await broadcast('camera')).toBe('video/VP8');
  await until('it moves', () => moving(bob, 'ada0'));
});

test('its sound is stereo', async () => {
  const sides = (hertz: number) =>
    bob.evaluate(`probe.sides('ada0', ${hertz})`) as Promise<{ left: number; right: number } | null>;
  await until('600 Hz on the left alone', async () => {
    const heard = await sides(600);
    return heard && heard.left > -40 && heard.left - heard.right > 20;
  });
  await until('900 Hz on the right alone', async () => {
    const heard = await sides(900);
    return heard && heard.right > -40 && heard.right - heard.left > 20;
  });
});

test('when somebody comes who receives no VP9 it is sent as VP8 to everybody, without being shared again', async () => {
  const before = producerOf('screen');
  const eve = await stage.open('eve0', 'green', '&lines=180&without=VP9');
  await eve.evaluate(`probe.show('ada0', 'screen', 1080)`);
  await until('eve reads it', () => readable(eve, 1), 30_000);
  await until('bob reads it', () => readable(bob, 1), 30_000);
  expect(producerOf('screen')).not.toBe(before);
  expect(await broadcast('screen')).toBe('video/VP8');
  await eve.evaluate('probe.leave()');
  await ada.evaluate('probe.stopScreen()');
  await until('it is gone', async () => !(await remote(bob, 'ada0', 'screen')));
  await ada.evaluate('probe.shareSlides()');
  await until('bob reads the next one', () => readable(bob, 0), 30_000);
  expect(await broadcast('screen')).toBe('video/VP8');
});
