import { MailList, MailSummary, MailView } from '@rostrum/contracts';
import { z } from 'zod';
import type { Route } from './route.ts';

/** Operations on what is mailed. */
export const MAIL_ROUTES = {
  listMails: {
    method: 'get',
    path: '/api/mails',
    summary:
      'What is and was to be mailed, latest first, 50 at a time (owner). `show`: all, waiting, sent, trouble or folder; `after`: `next` of the page before.',
    bearer: true,
    body: null,
    status: 200,
    answer: MailList,
  },
  getMail: {
    method: 'get',
    path: '/api/mails/:mailId',
    summary: 'One mail with its words (owner).',
    bearer: true,
    body: null,
    status: 200,
    answer: MailView,
  },
  sendMailAgain: {
    method: 'post',
    path: '/api/mails/:mailId/again',
    summary: 'Sends a mail once more that did not arrive, or may not have (owner). A conflict for others.',
    bearer: true,
    body: z.object({}),
    status: 200,
    answer: MailSummary,
  },
} as const satisfies Record<string, Route>;
