import type { ProfileName, WebinarSummary } from '@rostrum/contracts';
import type { Browser } from 'playwright-core';
import type { Api } from './api.ts';
import { type OpenPanelist, openPanelist } from './browser.ts';
import { type CrewMember, joinAsCrew } from './crew.ts';
import type { SyntheticMedia } from './synthetic-media.ts';

export interface Panelist extends OpenPanelist {
  readonly personId: string;
  readonly url: string;
}

/** A webinar with a host who directs by socket and panelists in real pages, which live as long as their browser. */
export interface Show {
  readonly webinar: WebinarSummary;
  readonly host: CrewMember;
  readonly hostUrl: string;
  /** A link for one more panelist, to open by hand. */
  readonly panelistUrl: string;
  readonly watchUrl: string;
  readonly panelists: readonly Panelist[];
}

export interface ShowOptions {
  readonly api: Api;
  readonly browser: Browser;
  readonly title: string;
  readonly profile: ProfileName;
  readonly cast: readonly SyntheticMedia[];
  /** `automatic`: everyone on stage is put on air and the layout follows. */
  readonly direction: 'automatic' | 'manual';
  readonly progress: (line: string) => void;
}

/** Clicks through the device check as a person would. */
export async function joinStage(panelist: OpenPanelist): Promise<void> {
  await panelist.page.getByRole('button', { name: 'Join the stage' }).click({ timeout: 20_000 });
}

/**
 * Makes the webinar, brings the cast on stage and goes live; answers when the channel is on the air. When a step fails, the
 * pages opened until then are left to whoever closes the browser.
 */
export async function openShow(options: ShowOptions): Promise<Show> {
  const { api, browser, cast, progress } = options;
  const webinar = await api.createWebinar({ title: options.title, profile: options.profile });
  const { webinarId, watchUrl } = webinar;
  if (!watchUrl) throw new Error('no broadcaster is connected yet: the webinar has no watch page');
  const hostLink = await api.createLink(webinarId, { role: 'host', name: 'Demo host' });
  const spare = await api.createLink(webinarId, { role: 'panelist', name: 'You' });
  const host = await joinAsCrew(api.baseUrl, hostLink.token);
  try {
    await host.command('direction:set', { direction: options.direction });

    const panelists = await Promise.all(
      cast.map(async (media) => {
        const link = await api.createLink(webinarId, { role: 'panelist', name: media.name });
        const panelist = await openPanelist(browser, link.url, media);
        await joinStage(panelist);
        progress(`${media.name} is on stage`);
        return { ...panelist, personId: link.personId, url: link.url };
      }),
    );
    await host.command('webinar:goLive', {});
    progress('live');
    return {
      webinar,
      host,
      hostUrl: hostLink.url,
      panelistUrl: spare.url,
      watchUrl,
      panelists,
    };
  } catch (error) {
    host.close();
    throw error;
  }
}
