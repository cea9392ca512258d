import type { SpeakerInvitation } from '@rostrum/contracts';
import { type InviteSpeaker, type Link, type LinkClaims, RostrumError } from '@rostrum/contracts';
import { hosts } from '../identity/rights.ts';
import type { CalendarEntry, Outbox } from '../mail/mail.ts';
import type { Clock } from '../ports.ts';
import type { SpeakerInvitationRepository, WebinarRepository, WebinarRow } from '../store/index.ts';
import { jsonBody } from './body.ts';
import type { Area } from './desk.ts';
import { INVITATION_ROUTES as ROUTES } from './invitation-routes.ts';
import type { WebinarService } from './webinar-service.ts';

const HOUR_MS = 3_600_000;
/** A link is good for so long after the webinar, for its recording's sake; and no longer than links may be. */
const AFTER_HOURS = 24 * 7;
const MOST_HOURS = 24 * 90;

export interface InvitationAreaOptions {
  readonly service: Pick<WebinarService, 'createLink' | 'links' | 'revokeLink'>;
  readonly store: {
    readonly webinars: Pick<WebinarRepository, 'find'>;
    readonly speakerInvitations: SpeakerInvitationRepository;
    readonly mails: Outbox;
    readonly database: { transact(work: (tx: Parameters<Outbox['add']>[0]) => Promise<void>): Promise<void> };
  };
  readonly clock: Clock;
}

/** Panelists and moderators by mail, over HTTP. */
export const invitationArea = (options: InvitationAreaOptions): Area => ({
  routes: ROUTES,
  register(app, desk) {
    app.post(ROUTES.inviteSpeaker.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c);
      const body = await jsonBody(c.req.raw, ROUTES.inviteSpeaker.body);
      return c.json(await invite(options, bearer, c.req.param('id'), body), 201);
    });
    app.get(ROUTES.listInvitations.path, async (c) => {
      desk.limit(c);
      const bearer = await desk.bearerOf(c);
      return c.json({ invitations: await invited(options, bearer, c.req.param('id')) });
    });
    app.delete(ROUTES.revokeInvitation.path, async (c) => {
      desk.limit(c);
      const { id, linkId } = c.req.param();
      return c.json(await takeBack(options, await desk.bearerOf(c), id, linkId));
    });
  },
});

/** Link, mail and what is known of both are durable together or not at all. */
async function invite(
  { service, store, clock }: InvitationAreaOptions,
  bearer: LinkClaims,
  webinarId: string,
  invitation: InviteSpeaker,
): Promise<SpeakerInvitation> {
  refuseOthers(bearer, webinarId);
  const webinar = await store.webinars.find(webinarId);
  if (!webinar) throw new RostrumError('not-found', 'no such webinar');
  const { role, name, address, locale } = invitation;
  const invitedUnixMs = clock.nowUnixMs();
  const link = await service.createLink(
    bearer,
    webinarId,
    { role, name, validHours: validHours(webinar, invitedUnixMs) },
    (answer) => async (tx) => {
      const { linkId, url } = (await answer()) as Link;
      await store.speakerInvitations.add(tx, { ...invitation, linkId, webinarId, invitedUnixMs });
      await store.mails.add(tx, {
        key: keyOf(linkId),
        to: { address, name },
        locale,
        webinarId,
        dueUnixMs: invitedUnixMs,
        content: {
          kind: role === 'panelist' ? 'panelist-invited' : 'moderator-invited',
          title: webinar.title,
          url,
          unsubscribeUrl: null,
          event: entryOf(webinar, url),
        },
      });
    },
  );
  return { linkId: link.linkId, role, name, address, invitedUnixMs, state: 'good' };
}

async function invited(
  { service, store }: InvitationAreaOptions,
  bearer: LinkClaims,
  webinarId: string,
): Promise<SpeakerInvitation[]> {
  const { links } = await service.links(bearer, webinarId);
  const states = new Map(links.map(({ linkId, state }) => [linkId, state]));
  const kept = await store.speakerInvitations.of(webinarId);
  return kept.map(({ linkId, role, name, address, invitedUnixMs }) => {
    return { linkId, role, name, address, invitedUnixMs, state: states.get(linkId) ?? 'expired' };
  });
}

async function takeBack(
  { service, store }: InvitationAreaOptions,
  bearer: LinkClaims,
  webinarId: string,
  linkId: string,
): Promise<Record<string, never>> {
  // First the link: a mail that is on its way then opens nothing.
  await service.revokeLink(bearer, webinarId, linkId);
  await store.database.transact((tx) => store.mails.withdraw(tx, keyOf(linkId)));
  return {};
}

function refuseOthers(bearer: LinkClaims, webinarId: string): void {
  if (!hosts(bearer, webinarId)) {
    throw new RostrumError('forbidden', 'only the owner and the webinar’s host invite to it');
  }
}

const keyOf = (linkId: string): string => `speaker-invited:${linkId}:`;

function validHours({ startsAtUnixMs, plan }: WebinarRow, nowUnixMs: number): number {
  const untilStart = Math.max(0, (startsAtUnixMs ?? nowUnixMs) - nowUnixMs) / HOUR_MS;
  return Math.min(MOST_HOURS, Math.ceil(untilStart + plan.lengthMinutes / 60) + AFTER_HOURS);
}

/** What of it stands in a calendar; null: it has no time. Speakers' entries are their own, with the link that is theirs. */
function entryOf({ webinarId, title, plan }: WebinarRow, url: string): CalendarEntry | null {
  if (!plan.start) return null;
  return {
    uid: `${webinarId}-speaker@rostrum`,
    sequence: 0,
    cancelled: false,
    title,
    description: plan.text,
    url,
    start: plan.start,
    lengthMinutes: plan.lengthMinutes,
    recurrence: null,
  };
}
