import { InviteSpeaker, SpeakerInvitation } from '@rostrum/contracts';
import { z } from 'zod';
import type { Route } from './route.ts';

/** Operations on who is invited to speak or to moderate. */
export const INVITATION_ROUTES = {
  inviteSpeaker: {
    method: 'post',
    path: '/api/webinars/:id/invitations',
    summary:
      'Invites a panelist or a moderator: a link is made for them and mailed, with the webinar’s calendar entry (owner, or its host). DELETE of the link takes it back.',
    bearer: true,
    body: InviteSpeaker,
    status: 201,
    answer: SpeakerInvitation,
  },
  listInvitations: {
    method: 'get',
    path: '/api/webinars/:id/invitations',
    summary: 'Who was invited by mail, in that order (owner, or its host).',
    bearer: true,
    body: null,
    status: 200,
    answer: z.object({ invitations: z.array(SpeakerInvitation) }),
  },
  revokeInvitation: {
    method: 'delete',
    path: '/api/webinars/:id/invitations/:linkId',
    summary:
      'Takes an invitation back: its link, and its mail where that is not sent yet (owner, or its host).',
    bearer: true,
    body: null,
    status: 200,
    answer: z.object({}),
  },
} as const satisfies Record<string, Route>;
