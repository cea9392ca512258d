/** Panelists and moderators who are invited by mail. */
import { z } from 'zod';
import { MailAddress } from './accounts.ts';
import { PersonName } from './features/people.ts';
import { LinkSummary } from './http-api.ts';
import { Id } from './ids.ts';
import { UnixMs } from './moment.ts';

export const InvitedRole = z.enum(['panelist', 'moderator']);

/** Body of `POST /api/webinars/:id/invitations`. They get a link of their own by mail, with the webinar's calendar entry. */
export const InviteSpeaker = z.object({
  role: InvitedRole,
  name: PersonName,
  address: MailAddress,
  /** Of the mail. */
  locale: z.enum(['en', 'de']).default('en'),
});
export type InviteSpeaker = z.output<typeof InviteSpeaker>;

/** One as it was sent, and whether its link still opens anything. */
export const SpeakerInvitation = z.object({
  linkId: Id,
  role: InvitedRole,
  name: z.string(),
  address: z.string(),
  invitedUnixMs: UnixMs,
  state: LinkSummary.shape.state,
});
export type SpeakerInvitation = z.infer<typeof SpeakerInvitation>;
