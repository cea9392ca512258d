/** The watch page of a webinar that has ended, and the way back to the beginning of one that has not. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from './lib/browser.ts';
import { ENDED, LIVE, openRecordedShow, type RecordedShow, SHOW_S } from './lib/recorded-show.ts';

let show: RecordedShow;
let browser: Browser;
let context: BrowserContext;

beforeAll(async () => {
  show = await openRecordedShow();
  browser = await launchChromium();
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await show?.close();
}, 60_000);
beforeEach(async () => {
  context = await newContext();
});
afterEach(() => context.close());

async function newContext(size = { width: 1280, height: 800 }): Promise<BrowserContext> {
  const made = await browser.newContext({ viewport: size });
  // What the coordinator would say once it is connected.
  await made.addInitScript(
    ([base, ids]) => {
      for (const id of ids) {
        const recordingUrl = `${base}/recordings/${id}/multivariant.m3u8`;
        const phase = { phase: 'ended', endedUnixMs: Date.now(), recording: 'ready', recordingUrl };
        const known = { title: 'Spring fair', profile: 'standard', phase, startsAtUnixMs: null };
        try {
          sessionStorage.setItem(`rostrum.webinar.${id}`, JSON.stringify(known));
        } catch {
          // Another site's page.
        }
      }
    },
    [show.base, [ENDED, 'deleted']] as const,
  );
  return made;
}

async function open(path: string, from = context): Promise<Page> {
  const page = await from.newPage();
  await page.goto(`${show.base}${path}`);
  return page;
}

const atS = (page: Page): Promise<number> =>
  page.evaluate(() => document.querySelector('video')?.currentTime ?? -1);
const isNear = (page: Page, seconds: number): Promise<unknown> =>
  page.waitForFunction(
    (wanted) => {
      const video = document.querySelector('video');
      return video && !video.seeking && video.currentTime > wanted - 0.1 && video.currentTime < wanted + 3;
    },
    seconds,
    { timeout: 15_000 },
  );

test('a recording plays from its poster, names its chapters and goes to them', async () => {
  const page = await open(`/w/${ENDED}`);
  await page.getByRole('img', { includeHidden: true }).or(page.locator('.player-poster')).first().waitFor();
  expect(await page.title()).toMatch(/Spring fair.* · Rostrum$/);
  await page.getByRole('button', { name: 'Watch the recording' }).click();
  await isNear(page, 0.1);
  const chapter = page.getByRole('link', { name: /Pears and apples/ });
  expect(await chapter.getAttribute('href')).toBe(`${show.base}/w/${ENDED}?t=10s`);
  await chapter.click();
  await isNear(page, 10);
  await page.locator('a[aria-current="true"]', { hasText: 'Pears and apples' }).waitFor();
  const position = page.getByRole('slider', { name: 'Position' });
  expect(await position.getAttribute('aria-valuetext')).toMatch(/^0:1\d of 0:30, Pears and apples$/);
  expect(await page.locator('.scrubber-marks span').count()).toBe(2);
});

test('keys go through it', async () => {
  const page = await open(`/w/${ENDED}`);
  await page.getByRole('button', { name: 'Watch the recording' }).click();
  await isNear(page, 0.1);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  await page.keyboard.press('k');
  await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
  const after = async (key: string, seconds: number): Promise<void> => {
    await page.keyboard.press(key);
    await isNear(page, seconds);
  };
  await after('n', 10);
  await after('n', 20);
  await after('p', 10);
  await after('5', SHOW_S / 2);
  await after('j', SHOW_S / 2 - 10);
  await after('l', SHOW_S / 2);
  await page.keyboard.press('>');
  await page.keyboard.press('>');
  await page.waitForFunction(() => document.querySelector('video')?.playbackRate === 1.5);
  expect(await page.evaluate(() => document.querySelector('video')?.preservesPitch)).toBe(true);
  await page.keyboard.press('c');
  await page.waitForFunction(() => document.querySelector('video')?.textTracks[0]?.mode === 'showing');
  await page.getByRole('button', { name: 'Hide captions' }).click();
  await page.waitForFunction(() => document.querySelector('video')?.textTracks[0]?.mode === 'hidden');
});

test('words are found in chapters and in what was said, and lead there', async () => {
  const page = await open(`/w/${ENDED}`);
  const contents = page.getByRole('region', { name: 'Contents' });
  await contents.getByText('A pear is not an apple.').waitFor();
  await page.getByRole('searchbox').fill('PEAR');
  await contents.getByText('2 places').waitFor();
  await page.getByRole('searchbox').fill('pear not');
  await contents.getByText('1 place', { exact: true }).waitFor();
  expect(await contents.locator('mark').allTextContents()).toEqual(['pear', 'not']);
  await page.getByRole('button', { name: 'Watch the recording' }).click();
  await contents.getByRole('link').click();
  await isNear(page, 12);
  await page.getByRole('searchbox').fill('quince');
  await contents.getByText('Nothing found').waitFor();
});

test('the scrubber shows pictures of what is where the pointer is', async () => {
  const page = await open(`/w/${ENDED}`);
  await page.getByRole('button', { name: 'Watch the recording' }).click();
  await isNear(page, 0.1);
  const box = await page.getByRole('slider', { name: 'Position' }).boundingBox();
  if (!box) throw new Error('no scrubber');
  const pictureAt = async (share: number): Promise<string> => {
    const before = await page.evaluate(() =>
      document.querySelector<HTMLCanvasElement>('.scrubber-picture')?.toDataURL(),
    );
    await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
    await page.waitForFunction(
      (known) => {
        const canvas = document.querySelector<HTMLCanvasElement>('.scrubber-picture');
        return canvas && !canvas.hidden && canvas.toDataURL() !== known;
      },
      before,
      { timeout: 15_000 },
    );
    return page.evaluate(
      () => document.querySelector<HTMLCanvasElement>('.scrubber-picture')?.toDataURL() ?? '',
    );
  };
  const first = await pictureAt(0.3);
  expect(first.length).toBeGreaterThan(2000);
  expect(await page.locator('.scrubber-time').textContent()).toMatch(/^0:0[89]$/);
  const second = await pictureAt(0.8);
  expect(second).not.toBe(first);
  expect(await page.locator('.scrubber-title').textContent()).toBe('How long do they keep?');
  expect(await pictureAt(0.3)).toBe(first);
});

test('whoever comes back goes on where they stopped, and a link to a moment leads to it', async () => {
  const page = await open(`/w/${ENDED}`);
  await page.getByRole('button', { name: 'Watch the recording' }).click();
  await isNear(page, 0.1);
  await page.getByRole('link', { name: /How long/ }).click();
  await isNear(page, 20);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.reload();
  await page.getByRole('button', { name: /^Continue at 0:2\d$/ }).click();
  await isNear(page, 20);

  const linked = await open(`/w/${ENDED}?t=0m14s`);
  await linked.getByRole('button', { name: 'Play from 0:14' }).click();
  await isNear(linked, 14);
  const other = await open(`/w/${ENDED}?t=14`);
  await other.getByRole('button', { name: 'From the beginning' }).click();
  await isNear(other, 0.1);
  expect(await atS(other)).toBeLessThan(5);
});

test('what is shared is the page for anybody, from this moment if that is wanted, and a frame for other pages', async () => {
  const page = await open(`/w/${ENDED}?t=14s`);
  await page.getByRole('button', { name: 'Play from 0:14' }).click();
  await isNear(page, 14);
  await page.getByRole('button', { name: 'Share' }).click();
  const dialog = page.getByRole('dialog', { name: 'Share this recording' });
  expect(await dialog.getByLabel('Link').inputValue()).toBe(`${show.base}/w/${ENDED}`);
  await dialog.getByRole('checkbox', { name: /^Start at 0:1\d$/ }).check();
  expect(await dialog.getByLabel('Link').inputValue()).toMatch(/\/w\/show\?t=1\ds$/);
  expect(await dialog.getByLabel('To show it in another page').inputValue()).toMatch(
    /^<iframe src="[^"]*\/w\/show\/embed\?t=1\ds" title="Spring fair"/,
  );
  await page.keyboard.press('Escape');
  await page.getByText('Download', { exact: true }).click();
  const file = page.getByRole('link', { name: /^large, / });
  expect(await file.getAttribute('href')).toBe(`${show.base}/recordings/${ENDED}/large.mp4`);
});

test('another site shows the page that is made for it, as oEmbed says, and no other', async () => {
  const oEmbed = await fetch(`${show.base}/oembed?url=${encodeURIComponent(`${show.base}/w/${ENDED}`)}`);
  const { html } = (await oEmbed.json()) as { html: string };
  const page = await context.newPage();
  await page.goto(show.siteShowing(html));
  const frame = page.frameLocator('iframe');
  await frame.getByRole('button', { name: 'Watch the recording' }).click();
  await frame.getByRole('button', { name: 'Pause' }).waitFor();
  expect(await frame.getByRole('textbox').count()).toBe(0);
  expect(await frame.getByRole('link', { name: /Spring fair/ }).getAttribute('target')).toBe('_blank');

  const refused = await context.newPage();
  const complaint = refused.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
  await refused.goto(show.siteShowing(`<iframe src="${show.base}/w/${ENDED}"></iframe>`));
  await complaint;
  expect(await refused.frameLocator('iframe').getByRole('button').count()).toBe(0);
});

test('of a recording that was deleted the page says so', async () => {
  const page = await open('/w/deleted');
  await page.getByRole('alert').getByText('This recording is no longer here').waitFor();
});

test('what is live can be watched from the beginning, and left for live again', async () => {
  await show.goLive();
  const page = await open(`/w/${LIVE}`);
  await page.waitForFunction(
    () => (window as unknown as { rostrum: { state: string } }).rostrum.state === 'playing',
    undefined,
    { timeout: 20_000 },
  );
  await page.getByRole('textbox', { name: 'Your question' }).fill('What was that?');
  await page.getByRole('button', { name: 'Watch from the beginning' }).click();
  await page.waitForFunction(
    () => (window as unknown as { rostrum: { state: string } }).rostrum.state === 'recording',
  );
  await isNear(page, 0.1);
  expect(await atS(page)).toBeLessThan(8);
  await page.getByRole('link', { name: /Welcome/ }).waitFor();
  const max = Number(await page.getByRole('slider', { name: 'Position' }).getAttribute('max'));
  expect(max).toBeGreaterThan(10);
  await page.getByRole('button', { name: 'Back to live' }).click();
  await page.waitForFunction(
    () => (window as unknown as { rostrum: { state: string } }).rostrum.state === 'playing',
    undefined,
    { timeout: 20_000 },
  );
  await page.getByText('Live', { exact: true }).first().waitFor();
  expect(await page.getByRole('textbox', { name: 'Your question' }).inputValue()).toBe('What was that?');
});

test.each([360, 768, 2560])('at a width of %d nothing is beyond its edge', async (width) => {
  const sized = await newContext({ width, height: 900 });
  const page = await open(`/w/${ENDED}`, sized);
  await page.getByRole('button', { name: 'Watch the recording' }).click();
  await isNear(page, 0.1);
  await page.getByRole('link', { name: /Pears and apples/ }).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  const beyond = await page.evaluate(
    () =>
      [...document.querySelectorAll('.player-buttons > *')].filter((element) => {
        const { right, width } = element.getBoundingClientRect();
        return width > 0 && right > innerWidth;
      }).length,
  );
  expect(beyond).toBe(0);
  await sized.close();
});
