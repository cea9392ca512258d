import {
  AttendanceSummary,
  CsvQuery,
  ParticipantCsvQuery,
  ParticipantPage,
  ParticipantQuery,
} from '@rostrum/contracts';
import { z } from 'zod';
import type { Route } from './route.ts';

/** What is read of a webinar during it and afterwards. */
export const REPORT_ROUTES = {
  attendance: {
    method: 'get',
    path: '/api/webinars/:id/attendance',
    summary: 'How many attendees came, at most at once, and for how long on average (owner, or its host).',
    bearer: true,
    scope: 'people:read',
    body: null,
    status: 200,
    answer: AttendanceSummary,
  },
  participants: {
    method: 'get',
    path: '/api/webinars/:id/participants',
    summary:
      'Who was connected, in the order in which they first came: from when to when, on what, and for how long (owner, or its host). Some seconds late.',
    bearer: true,
    scope: 'people:read',
    query: ParticipantQuery,
    body: null,
    status: 200,
    answer: ParticipantPage,
  },
  participantsCsv: {
    method: 'get',
    path: '/api/webinars/:id/participants.csv',
    summary: 'The same of everybody as a table (owner, or its host).',
    bearer: true,
    scope: 'people:read',
    query: ParticipantCsvQuery,
    body: null,
    status: 200,
    answer: z.string(),
    form: 'csv',
  },
  eraseParticipant: {
    method: 'delete',
    path: '/api/webinars/:id/participants/:personId',
    summary:
      'Deletes what is kept of a person, on their request: name, address, registration, what they wrote and when they were there (owner). Not while the webinar is live (conflict). They do not come back.',
    bearer: true,
    body: null,
    status: 200,
    answer: z.object({}),
  },
  qualityCsv: {
    method: 'get',
    path: '/api/webinars/:id/quality.csv',
    summary: 'The quality log as a table (owner, or its host or moderator).',
    bearer: true,
    query: CsvQuery,
    body: null,
    status: 200,
    answer: z.string(),
    form: 'csv',
  },
} as const satisfies Record<string, Route>;
