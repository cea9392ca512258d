/** Every page of the product and what states it has, each with a way there: what is looked at, and judged by rules of accessibility. */
import type { Page } from 'playwright-core';
import type { LiveShow } from '../lib/live-show.ts';

/** What there is to be looked at: one show that goes on from before to after. */
export interface Sights {
  readonly live: LiveShow;
  /** One that nobody has begun. */
  readonly planned: { readonly hostUrl: string; readonly panelistUrl: string; readonly watchUrl: string };
}

export interface Place {
  /** Of its pictures too: `stage-device-check`. */
  readonly name: string;
  readonly url: (sights: Sights) => string;
  /** Has the page show it: clicks what leads there, and waits until it is drawn. */
  readonly show: (page: Page) => Promise<unknown>;
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first();
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name }).first().waitFor();
const console = (path: string) => (s: Sights) => new URL(path, s.live.system.addresses.console).href;
const owner = (s: Sights): string => s.live.system.addresses.owner;
const developers = (s: Sights): string => owner(s).replace('/#', '/developers#');

/** While a show is live, and another is planned. */
export const LIVE_PLACES: readonly Place[] = [
  { name: 'not-found', url: console('/nowhere'), show: (page) => heading(page, /no page/) },
  { name: 'no-link', url: console('/control'), show: (page) => page.getByRole('heading').first().waitFor() },
  { name: 'dashboard', url: owner, show: (page) => page.getByRole('article').first().waitFor() },
  {
    name: 'dashboard-new-webinar',
    url: owner,
    async show(page) {
      await button(page, 'New webinar').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'control-planned',
    url: (s) => s.planned.hostUrl,
    show: (page) => button(page, 'Go live').waitFor(),
  },
  {
    name: 'control-live',
    url: (s) => s.live.show.hostUrl,
    show: (page) => button(page, 'End webinar').waitFor(),
  },
  {
    name: 'control-links',
    url: (s) => s.live.show.hostUrl,
    async show(page) {
      await button(page, 'Links and invitations').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'control-shortcuts',
    url: (s) => s.live.show.hostUrl,
    async show(page) {
      await button(page, 'Keyboard shortcuts').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'developers',
    url: developers,
    show: (page) => page.getByText('Nobody is told yet.').waitFor(),
  },
  {
    name: 'developers-new-token',
    url: developers,
    async show(page) {
      await button(page, 'New token').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'developers-new-webhook',
    url: developers,
    async show(page) {
      await button(page, 'New webhook').click();
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'ready',
    url: (s) => s.planned.hostUrl.replace('/control', '/ready'),
    show: (page) => button(page, 'Look again').waitFor(),
  },
  {
    name: 'reach',
    url: (s) => s.planned.panelistUrl.replace('/stage', '/reach'),
    show: (page) => page.getByText('fine for the stage').waitFor(),
  },
  {
    name: 'stage-device-check',
    url: (s) => s.live.show.panelistUrl,
    show: (page) => button(page, 'Join the stage').waitFor(),
  },
  {
    name: 'stage-joined',
    url: (s) => s.planned.panelistUrl,
    async show(page) {
      await button(page, 'Join the stage').click({ timeout: 20_000 });
      await button(page, /Leave/).waitFor();
    },
  },
  { name: 'watch-planned', url: (s) => s.planned.watchUrl, show: (page) => heading(page, /./) },
  {
    name: 'watch-live',
    url: (s) => s.live.show.watchUrl,
    show: (page) => page.locator('video').waitFor(),
  },
];

/** Once it is over. */
export const ENDED_PLACES: readonly Place[] = [
  { name: 'control-ended', url: (s) => s.live.show.hostUrl, show: (page) => heading(page, /./) },
  {
    name: 'watch-ended',
    url: (s) => s.live.show.watchUrl,
    show: (page) => button(page, 'Watch the recording').waitFor(),
  },
  {
    name: 'playback',
    url: (s) => s.live.show.watchUrl,
    async show(page) {
      await button(page, 'Watch the recording').click();
      await page.locator('video').waitFor();
    },
  },
];
