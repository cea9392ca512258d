import {
  AddedRegistration,
  AddRegistration,
  AnsweredRegistrations,
  AnswerRegistrations,
  CsvQuery,
  ImportRegistrations,
  ImportReport,
  RegistrationPage,
  RegistrationQuery,
} from '@rostrum/contracts';
import { z } from 'zod';
import type { Route } from './route.ts';

/** Who registered for a webinar. Names and addresses of everybody are no moderator's business. */
export const REGISTRATION_ROUTES = {
  listRegistrations: {
    method: 'get',
    path: '/api/webinars/:id/registrations',
    summary: 'Who registered, the newest first, and how many there are in each state (owner, or its host).',
    bearer: true,
    scope: 'people:read',
    query: RegistrationQuery,
    body: null,
    status: 200,
    answer: RegistrationPage,
  },
  registrationsCsv: {
    method: 'get',
    path: '/api/webinars/:id/registrations.csv',
    summary: 'All of them as a table, with their answers (owner, or its host).',
    bearer: true,
    scope: 'people:read',
    query: CsvQuery,
    body: null,
    status: 200,
    answer: z.string(),
    form: 'csv',
  },
  addRegistration: {
    method: 'post',
    path: '/api/webinars/:id/registrations',
    summary: 'Somebody whom the crew brings, without approval (owner, or its host).',
    bearer: true,
    scope: 'people:write',
    body: AddRegistration,
    status: 201,
    answer: AddedRegistration,
  },
  answerRegistrations: {
    method: 'post',
    path: '/api/webinars/:id/registrations/answers',
    summary:
      'Approves or refuses people; who is approved when every place is taken waits for one (owner, or its host).',
    bearer: true,
    scope: 'people:write',
    body: AnswerRegistrations,
    status: 200,
    answer: AnsweredRegistrations,
  },
  importRegistrations: {
    method: 'post',
    path: '/api/webinars/:id/registrations/import',
    summary: 'People out of a table; with `dryRun` what would come of it (owner, or its host).',
    bearer: true,
    scope: 'people:write',
    body: ImportRegistrations,
    status: 200,
    answer: ImportReport,
  },
  forgetRegistration: {
    method: 'delete',
    path: '/api/webinars/:id/registrations/:registrationId',
    summary:
      'Forgets somebody: all that is kept of their registration goes, and their link (owner, or its host).',
    bearer: true,
    scope: 'people:write',
    body: null,
    status: 200,
    answer: z.object({}),
  },
} as const satisfies Record<string, Route>;
