import type { ProfileName, WebinarAccess, WebinarSummary } from '@rostrum/contracts';
import type { Browser } from 'playwright-core';
import type { Api } from './api.ts';
import { type OpenPanelist, openPanelist } from './browser.ts';
import { type CrewMember, joinAsCrew } from './crew.ts';
import type { SyntheticMedia } from './synthetic-media.ts';

export interface Panelist {
  readonly personId: string;
  readonly url: string;
  /** They leave. Idempotent. */
  close(): Promise<void>;
}

/** A panelist without a page (`../panelist/`): in this process, or wherever `join` brings them on stage. */
export interface HeadlessCast {
  readonly kind: 'headless';
  readonly name: string;
  /** Answers once their media flows. */
  join(link: HeadlessLink): Promise<{ close(): Promise<void> }>;
}

export interface HeadlessLink {
  readonly coordinatorUrl: string;
  readonly token: string;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** Who comes on stage: in a real page with a drawn camera, or without one. */
export type CastMember = SyntheticMedia | HeadlessCast;

/** A webinar with a host who directs by socket and panelists, who live as long as their browser or process. */
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
  /** For those of the cast who have a page. */
  readonly browser: Browser | null;
  readonly title: string;
  readonly profile: ProfileName;
  /** Who may watch; without it everybody. */
  readonly access?: WebinarAccess;
  readonly cast: readonly CastMember[];
  /** `automatic`: everyone on stage is put on air and the layout follows. */
  readonly direction: 'automatic' | 'manual';
  readonly progress: (line: string) => void;
}

const HEADLESS_JOIN_MS = 20_000;
/** A compositor on a busy machine takes its time; the coordinator answers before that. */
const GO_LIVE_DEADLINE_MS = 30_000;

/** Clicks through the device check as a person would. */
export async function joinStage(panelist: OpenPanelist): Promise<void> {
  await panelist.page.getByRole('button', { name: 'Join the stage' }).click({ timeout: 20_000 });
}

/**
 * Makes the webinar, brings the cast on stage and goes live; answers when the channel is on the air. When a step fails, those
 * who are on stage by then leave it; pages that are still opening are left to whoever closes the browser.
 */
export async function openShow(options: ShowOptions): Promise<Show> {
  const { api, browser, cast, progress } = options;
  const { title, profile, access } = options;
  const webinar = await api.createWebinar({ title, profile, access });
  const { webinarId, watchUrl } = webinar;
  if (!watchUrl) throw new Error('no broadcaster is connected yet: the webinar has no watch page');
  const hostLink = await api.createLink(webinarId, { role: 'host', name: 'Demo host' });
  const spare = await api.createLink(webinarId, { role: 'panelist', name: 'You' });
  const host = await joinAsCrew(api.baseUrl, hostLink.token);
  const opened: { close(): Promise<void> }[] = [];
  try {
    await host.command('direction:set', { direction: options.direction });

    const panelists = await Promise.all(
      cast.map(async (member) => {
        const { personId, url, token } = await api.createLink(webinarId, {
          role: 'panelist',
          name: member.name,
        });
        const onStage = await (member.kind === 'headless'
          ? member.join({
              coordinatorUrl: api.baseUrl,
              token,
              signal: AbortSignal.timeout(HEADLESS_JOIN_MS),
              progress: (line) => progress(`${member.name}: ${line}`),
            })
          : openPage(browser, url, member));
        opened.push(onStage);
        progress(`${member.name} is on stage`);
        return { personId, url, close: () => onStage.close() };
      }),
    );
    await host.command('webinar:goLive', {}, GO_LIVE_DEADLINE_MS);
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
    // What failed first is what is told.
    await Promise.allSettled(opened.map((panelist) => panelist.close()));
    throw error;
  }
}

async function openPage(browser: Browser | null, url: string, media: SyntheticMedia): Promise<OpenPanelist> {
  if (!browser) throw new Error(`no browser for ${media.name}'s page`);
  const panelist = await openPanelist(browser, url, media);
  await joinStage(panelist);
  return panelist;
}
