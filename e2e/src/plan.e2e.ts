/** Planning a webinar on the pages: a draft is made, edited, and is what it was after a reload; two editors, a calendar. */
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
  const context = await browser.newContext({
    viewport: { width, height: width < 600 ? 844 : 900 },
    colorScheme,
    timezoneId: 'America/New_York',
    locale: 'en-US',
  });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}
const shot = async (page: Page, name: string): Promise<void> => {
  if (SHOTS) await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
};
const saved = (page: Page) =>
  page
    .getByRole('status')
    .filter({ hasText: /^\s*Saved$/ })
    .waitFor();
const field = (page: Page, label: string) =>
  label === 'Title'
    ? page.getByRole('textbox', { name: label, exact: true })
    : page.getByLabel(label, { exact: true }).first();

let editUrl: string;

test('a draft is made on the dashboard and edited; after a reload all of it is there, and nobody outside sees it', async () => {
  const page = await open(system.addresses.owner);
  await page.getByRole('button', { name: 'New webinar' }).first().click();
  await page.getByRole('dialog').getByLabel('Title').fill('Spring meeting');
  await page.getByRole('button', { name: 'Create webinar' }).click();
  await page.waitForURL(/\/webinars\/.+\/edit/);
  editUrl = page.url();
  await page.getByText('This is a draft').waitFor();
  await field(page, 'Description').fill('What the spring brings.');
  await field(page, 'Start').fill('2027-03-28T19:00');
  await page.getByRole('combobox', { name: 'Time zone' }).click();
  await page.getByRole('combobox', { name: 'Time zone' }).fill('Berlin');
  await page.getByRole('option', { name: 'Europe/Berlin' }).click();
  // Berlin has moved its clocks that night, New York two weeks before.
  await page.getByText('For you, that is Sunday, March 28, 2027 at 1:00 PM EDT').waitFor();
  await page.getByRole('radio', { name: /^Who has registered/ }).check();
  await page.getByRole('button', { name: 'Add a question' }).click();
  await field(page, 'Question 1').fill('Where do you work?');
  await page.getByRole('checkbox', { name: 'Look at questions before others see them' }).check();
  await field(page, 'Line below the title').fill('We begin in a moment');
  await saved(page);
  await shot(page, 'plan-editor-1440-light');
  await page.reload();
  await field(page, 'Title').waitFor();
  expect(await field(page, 'Title').inputValue()).toBe('Spring meeting');
  expect(await field(page, 'Description').inputValue()).toBe('What the spring brings.');
  expect(await field(page, 'Start').inputValue()).toBe('2027-03-28T19:00');
  expect(await page.getByRole('combobox', { name: 'Time zone' }).inputValue()).toBe('Europe/Berlin');
  expect(await field(page, 'Question 1').inputValue()).toBe('Where do you work?');
  const webinarId = need(/webinars\/([^/]+)\/edit/.exec(editUrl)?.[1]);
  expect(await system.api.webinar(webinarId)).toMatchObject({
    ...{ title: 'Spring meeting', visibility: 'draft', startsAtUnixMs: Date.UTC(2027, 2, 28, 17) },
  });
  const announced = new URL(`/api/webinars/${webinarId}/public`, system.addresses.owner);
  expect((await fetch(announced)).status).toBe(404);
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByText('This webinar is published').waitFor();
  await saved(page);
  expect(await (await fetch(announced)).json()).toMatchObject({ title: 'Spring meeting' });
});

test('what is typed without a network is kept, over a reload too, and saved when there is one again', async () => {
  const page = await open(editUrl, 390, 'dark');
  await field(page, 'Description').waitFor();
  await page.route('**/api/webinars/*/plan', (route) =>
    route.request().method() === 'PATCH' ? route.abort() : route.continue(),
  );
  await field(page, 'Description').fill('Written in a tunnel.');
  await page.getByText('Not saved, tries again').waitFor();
  await shot(page, 'plan-editor-390-dark');
  page.on('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await field(page, 'Description').waitFor();
  expect(await field(page, 'Description').inputValue()).toBe('Written in a tunnel.');
  await page.unrouteAll();
  await saved(page);
});

test('two who edit different fields both keep theirs; of one field the later decides', async () => {
  const [ann, ben] = [await open(editUrl), await open(editUrl)];
  for (const page of [ann, ben]) await field(page, 'Title').waitFor();
  await field(ann, 'Title').fill('Ann’s meeting');
  await saved(ann);
  await field(ben, 'Line below the title').fill('Ben’s line');
  await saved(ben);
  await field(ann, 'Description').fill('Ann’s words');
  await field(ben, 'Description').fill('Ben’s words');
  const clash = async (): Promise<Page> =>
    Promise.any(
      [ann, ben].map((page) =>
        page
          .getByText('Somebody else changed this too.')
          .waitFor({ timeout: 10_000 })
          .then(() => page),
      ),
    );
  const later = await clash();
  await shot(later, 'plan-editor-conflict-1440-light');
  await later.getByRole('button', { name: 'Keep mine' }).click();
  await saved(later);
  await ann.reload();
  await field(ann, 'Description').waitFor();
  expect(await field(ann, 'Description').inputValue()).toBe(later === ann ? 'Ann’s words' : 'Ben’s words');
  expect(await field(ann, 'Line below the title').inputValue()).toBe('Ben’s line');
});

test('the calendar has it on the day that it is here, is walked by keys, and is a list where it is narrow', async () => {
  const page = await open(system.addresses.owner);
  await page.getByText('Calendar', { exact: true }).click();
  const today = page.locator('[aria-current="date"]');
  await today.focus();
  // By the clocks of the page's place: in another it may be next month already.
  const here = (options: Intl.DateTimeFormatOptions): number =>
    Number(new Intl.DateTimeFormat('en-US', { timeZone: 'America/New_York', ...options }).format());
  const months = (2027 - here({ year: 'numeric' })) * 12 + 3 - here({ month: 'numeric' });
  for (let n = 0; n < Math.abs(months); n += 1) {
    await page.keyboard.press(months > 0 ? 'PageDown' : 'PageUp');
  }
  await page.getByRole('heading', { name: 'March 2027' }).waitFor();
  const day = page.getByRole('gridcell', { name: /March 28, one webinar/ });
  await day.getByRole('link', { name: /1:00 PM Ann’s meeting/ }).waitFor();
  await shot(page, 'dashboard-calendar-1440-light');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('listitem').filter({ hasText: 'Sunday, March 28' }).waitFor();
  await shot(page, 'dashboard-calendar-390-light');
});

test('whoever knows the passcode that was set in the editor comes in, and nobody else', async () => {
  const webinar = await system.api.createWebinar({ title: 'Members only' });
  const page = await open(
    `${new URL(system.addresses.owner).origin}/webinars/${webinar.webinarId}/edit${new URL(system.addresses.owner).hash}`,
  );
  await page.getByRole('radio', { name: /^Who knows the passcode/ }).check();
  await saved(page);
  await page.getByText('There is none yet').waitFor();
  await field(page, 'Passcode').fill('spring 27');
  await page.getByRole('button', { name: 'Set it' }).click();
  await page.getByText('It is set, and asked for from now on.').waitFor();
  await shot(page, 'plan-editor-passcode-1440-light');

  const watch = await open(need(webinar.watchUrl ?? undefined), 390, 'dark');
  await watch.getByLabel('Passcode').fill('summer 27');
  await shot(watch, 'watch-passcode-390-dark');
  await watch.keyboard.press('Enter');
  await watch.getByText(/not the passcode/i).waitFor();
  await watch.getByLabel('Passcode').fill('spring 27');
  await watch.keyboard.press('Enter');
  await watch.getByText('Members only').first().waitFor();
  await watch.getByLabel('Passcode').waitFor({ state: 'detached' });
});

function need<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is not there');
  return value;
}
