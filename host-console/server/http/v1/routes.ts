import {
  ChangePlan,
  ChangeRecording,
  ChangeWebinarRules,
  CreateLink,
  CreateWebinar,
  Link,
  LinkSummary,
  PageQuery,
  type PersonCommand,
  PlannedWebinar,
  QualityRow,
  RecordingInfo,
  V1ParticipantPage,
  WebinarPage,
  WebinarRules,
  WebinarSummary,
} from '@rostrum/contracts';
import { z } from 'zod';
import { MAX_PLAN_BYTES } from '../plan-area.ts';
import type { Route } from '../route.ts';

const read = { method: 'get', bearer: true, body: null, status: 200 } as const;
const act = { method: 'post', bearer: true, body: null, status: 200, answer: z.object({}) } as const;
const remove = { method: 'delete', bearer: true, body: null, status: 200 } as const;

const WEBINAR = '/api/v1/webinars/:id';
const PERSON = `${WEBINAR}/participants/:personId`;
const RECORDINGS_PAGE = z.object({ recordings: z.array(WebinarSummary), next: z.string().nullable() });

/** Webinars, who is in them, and what is recorded of them, for programs. */
export const V1_ROUTES = {
  v1CreateWebinar: {
    ...{ ...act, path: '/api/v1/webinars', scope: 'webinars:write', body: CreateWebinar },
    ...{ status: 201, answer: WebinarSummary, summary: 'Plan a webinar (owner).' },
  },
  v1ListWebinars: {
    ...{ ...read, path: '/api/v1/webinars', scope: 'webinars:read', query: PageQuery, answer: WebinarPage },
    summary: 'Webinars, newest first: all for the owner, their own for host and moderator.',
  },
  v1GetWebinar: {
    ...{ ...read, path: WEBINAR, scope: 'webinars:read', answer: WebinarSummary },
    summary: 'One webinar (owner, its host or moderator).',
  },
  v1CancelWebinar: {
    ...{ ...remove, path: WEBINAR, scope: 'webinars:write', answer: WebinarSummary },
    summary: 'Gives up a webinar without a recording (owner, its host): it is listed no more.',
  },
  v1GetPlan: {
    ...{ ...read, path: `${WEBINAR}/plan`, scope: 'webinars:read', answer: PlannedWebinar },
    summary: 'What a webinar is planned to be. With an ETag.',
  },
  v1ChangePlan: {
    ...{ ...act, method: 'patch', path: `${WEBINAR}/plan`, scope: 'webinars:write' },
    ...{ body: ChangePlan, maxBytes: MAX_PLAN_BYTES, answer: PlannedWebinar },
    summary:
      'Changes what is named (owner, its host). With `If-Match`, only what was read (412 otherwise); with `revision`, only fields that nobody changed after it.',
  },
  v1GetRules: {
    ...{ ...read, path: `${WEBINAR}/rules`, scope: 'webinars:read', answer: WebinarRules },
    summary: 'What the crew settled for everybody. With an ETag.',
  },
  v1ChangeRules: {
    ...{ ...act, method: 'patch', path: `${WEBINAR}/rules`, scope: 'webinars:write' },
    ...{ body: ChangeWebinarRules, answer: WebinarRules },
    summary: 'Changes what is named. With `If-Match`, only what was read (412 otherwise).',
  },
  v1ListParticipants: {
    ...{ ...read, path: `${WEBINAR}/participants`, scope: 'people:read', query: PageQuery },
    ...{ answer: V1ParticipantPage, summary: 'Who is known to the webinar, by their ids.' },
  },
  v1MuteAll: {
    ...{ ...act, path: `${WEBINAR}/participants/mute-all`, scope: 'people:write' },
    ...{ answer: z.object({ muted: z.int().nonnegative() }) },
    summary: 'Mutes everybody on the stage who is not of the crew. `muted`: how many were not before.',
  },
  v1RemovePerson: {
    ...{ ...remove, path: PERSON, scope: 'people:write', answer: z.object({}) },
    summary: 'Removes a person for good, with what they asked and is still open.',
  },
  v1CreateLink: {
    ...{
      ...act,
      path: `${WEBINAR}/links`,
      scope: 'people:write',
      body: CreateLink,
      status: 201,
      answer: Link,
    },
    summary: 'Lets somebody join: a link for one person, by role (owner, its host).',
  },
  v1ListLinks: {
    ...{ ...read, path: `${WEBINAR}/links`, scope: 'people:read' },
    ...{ answer: z.object({ links: z.array(LinkSummary) }), summary: 'Links that were made, newest first.' },
  },
  v1RevokeLink: {
    ...{ ...remove, path: `${WEBINAR}/links/:linkId`, scope: 'people:write', answer: z.object({}) },
    summary: 'Takes a link back, and closes the connections made by it.',
  },
  v1ListRecordings: {
    ...{ ...read, path: '/api/v1/recordings', scope: 'recordings:read', query: PageQuery },
    ...{ answer: RECORDINGS_PAGE, summary: 'Webinars that have or had a recording, newest first.' },
  },
  v1GetRecording: {
    ...{ ...read, path: `${WEBINAR}/recording`, scope: 'recordings:read', answer: RecordingInfo },
    summary: 'A webinar’s recording, and its files to download. With an ETag.',
  },
  v1ChangeRecording: {
    ...{ ...act, method: 'patch', path: `${WEBINAR}/recording`, scope: 'recordings:write' },
    ...{ body: ChangeRecording, answer: RecordingInfo },
    summary:
      'Publishes it, takes it back, and says which files are to be made (owner, its host). With `If-Match`, only what was read (412 otherwise).',
  },
  v1DeleteRecording: {
    ...{ ...remove, path: `${WEBINAR}/recording`, scope: 'recordings:write', answer: WebinarSummary },
    summary: 'Deletes it for good, copies and caches too (owner, its host).',
  },
  v1Quality: {
    ...{ ...read, path: `${WEBINAR}/quality`, scope: 'people:read' },
    ...{ answer: z.object({ rows: z.array(QualityRow) }) },
    summary: 'How the networks of those on the stage fared, oldest first, as far as it is in memory.',
  },
} as const satisfies Record<string, Route>;

interface CommandRoute extends Route {
  /** By whose roles and by whose decision it is done, as over a socket. */
  readonly command: PersonCommand;
}

const phase = { ...act, scope: 'webinars:write', answer: WebinarSummary } as const;
const person = { ...act, scope: 'people:write' } as const;

/** Operations that are commands of the control room. */
export const V1_COMMANDS = {
  v1OpenDoors: {
    ...{ ...phase, path: `${WEBINAR}/open`, command: 'doors:open' },
    summary: 'Has the channel run before the show, so that viewers wait where it starts.',
  },
  v1CloseDoors: {
    ...{ ...phase, path: `${WEBINAR}/close`, command: 'doors:close' },
    summary: 'Takes that back.',
  },
  v1GoLive: {
    ...{ ...phase, path: `${WEBINAR}/go-live`, command: 'webinar:goLive' },
    summary: 'Goes live (owner, its host). `pending`: it goes on, and the webinar says when it is live.',
  },
  v1End: {
    ...{ ...phase, path: `${WEBINAR}/end`, command: 'webinar:end' },
    summary: 'Ends a live webinar (owner, its host).',
  },
  v1KeepLive: {
    ...{ ...phase, path: `${WEBINAR}/keep-live`, command: 'webinar:keepLive' },
    summary: 'Keeps a live webinar that nobody attends from ending by itself.',
  },
  v1Mute: {
    ...{ ...person, path: `${PERSON}/mute`, command: 'person:mute' },
    summary: 'Mutes somebody on the stage: nothing of them is heard.',
  },
  v1Unmute: {
    ...{ ...person, path: `${PERSON}/unmute`, command: 'person:unmute' },
    summary: 'Lifts that: they may open their microphone again.',
  },
  v1SendOut: {
    ...{ ...person, path: `${PERSON}/send-out`, command: 'person:sendOut' },
    summary: 'Sends somebody out for some minutes.',
  },
  v1ReturnGuest: {
    ...{ ...person, path: `${PERSON}/return`, command: 'guest:return' },
    summary: 'Sends a guest on the stage back to the audience.',
  },
} as const satisfies Record<string, CommandRoute>;
