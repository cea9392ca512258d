import type { Page } from 'playwright-core';
import { LiveShow } from '../lib/live-show.ts';
import { drawnCamera, installSyntheticMedia } from '../lib/synthetic-media.ts';
import { ENDED_PLACES, LIVE_PLACES, type Place, type Sights } from './places.ts';

/** How wide, and in which colours. */
export interface Glass {
  readonly width: 1440 | 390;
  readonly scheme: 'light' | 'dark';
}
export const GLASSES: readonly Glass[] = [
  { width: 1440, scheme: 'light' },
  { width: 390, scheme: 'dark' },
  { width: 1440, scheme: 'dark' },
  { width: 390, scheme: 'light' },
];

/** Something that ought to be said of a place, with where and how it was seen. */
export type Look = (page: Page, place: Place, glass: Glass) => Promise<void>;

/** Leads through every place by each of these glasses, in one system with one show. */
export async function tour(glasses: readonly Glass[], look: Look): Promise<void> {
  const live = await LiveShow.open({ title: 'Spring town hall', cast: [drawnCamera('Ada Byron', 255)] });
  try {
    const { api } = live.system;
    const { webinarId, watchUrl } = await api.createWebinar({
      title: 'How we build it',
      startsAtUnixMs: Date.now() + 26 * 3_600_000,
    });
    const [host, panelist] = await Promise.all([
      api.createLink(webinarId, { role: 'host', name: 'Grace Hopper' }),
      api.createLink(webinarId, { role: 'panelist', name: 'Edsger Dijkstra' }),
    ]);
    const planned = { hostUrl: host.url, panelistUrl: panelist.url, watchUrl: watchUrl ?? '' };
    const sights: Sights = { live, planned };
    await visitAll(sights, LIVE_PLACES, glasses, look);
    await live.show.host.command('webinar:end', {});
    await live.show.host.until(
      'the recording',
      ({ phase }) => phase.phase === 'ended' && phase.recording === 'ready',
      60_000,
    );
    await visitAll(sights, ENDED_PLACES, glasses, look);
  } finally {
    await live.close();
  }
}

async function visitAll(
  sights: Sights,
  places: readonly Place[],
  glasses: readonly Glass[],
  look: Look,
): Promise<void> {
  for (const place of places) for (const glass of glasses) await visit(sights, place, glass, look);
}

async function visit(sights: Sights, place: Place, glass: Glass, look: Look): Promise<void> {
  const context = await sights.live.browser.newContext({
    viewport: { width: glass.width, height: glass.width === 390 ? 844 : 900 },
    colorScheme: glass.scheme,
    reducedMotion: 'reduce',
    ignoreHTTPSErrors: true,
  });
  try {
    await context.addInitScript(installSyntheticMedia, drawnCamera('Edsger Dijkstra', 120));
    const page = await context.newPage();
    await page.goto(place.url(sights));
    await place.show(page);
    await look(page, place, glass);
  } catch (error) {
    throw new Error(`${place.name} at ${glass.width}, ${glass.scheme}`, { cause: error });
  } finally {
    await context.close();
  }
}
