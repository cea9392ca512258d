import { MailFilter, type MailSummary, RostrumError } from '@rostrum/contracts';
import { z } from 'zod';
import { administers } from '../identity/rights.ts';
import type { Delivery } from '../mail/delivery.ts';
import type { MailContent } from '../mail/mail.ts';
import { wordsOf } from '../mail/words.ts';
import type { Clock } from '../ports.ts';
import { type KeptMail, MAY_BE_SENT_AGAIN, type MailRepository, type MailState } from '../store/index.ts';
import { jsonBody } from './body.ts';
import type { Area, Desk, Request } from './desk.ts';
import { MAIL_ROUTES as ROUTES } from './mail-routes.ts';

export interface MailAreaOptions {
  readonly mails: Pick<MailRepository, 'list' | 'find' | 'again'>;
  readonly delivery: Delivery['kind'];
  readonly clock: Clock;
}

const A_PAGE = 50;
const STATES: Readonly<Record<MailFilter, readonly MailState[]>> = {
  all: [],
  waiting: ['queued', 'sending'],
  sent: ['sent'],
  trouble: ['bounced', 'doubtful', 'expired'],
  folder: ['filed'],
};
const Query = z.object({ show: MailFilter.default('all'), after: z.string().max(1000).optional() });
const Place = z.object({ dueUnixMs: z.number(), key: z.string() });

/** What is mailed, over HTTP. */
export const mailArea = ({ mails, delivery, clock }: MailAreaOptions): Area => ({
  routes: ROUTES,
  register(app, desk) {
    app.get(ROUTES.listMails.path, async (c) => {
      await mayRead(desk, c);
      const query = Query.safeParse(c.req.query());
      if (!query.success) throw new RostrumError('bad-input', 'show and after of a list of mails');
      const { show, after } = query.data;
      const kept = await mails.list(A_PAGE + 1, after === undefined ? null : placeOf(after), STATES[show]);
      const last = kept.length > A_PAGE ? kept[A_PAGE - 1] : undefined;
      return c.json({
        mails: kept.slice(0, A_PAGE).map(told),
        next: last ? encoded(JSON.stringify({ dueUnixMs: last.dueUnixMs, key: last.key })) : null,
        delivery,
      });
    });
    app.get(ROUTES.getMail.path, async (c) => {
      await mayRead(desk, c);
      const kept = await there(c);
      const words = kept.said && wordsOf({ ...kept.said, content: withoutKey(kept, kept.said.content) });
      return c.json({ ...told(kept), text: words?.text ?? '', html: words?.html ?? '' });
    });
    app.post(ROUTES.sendMailAgain.path, async (c) => {
      await mayRead(desk, c);
      await jsonBody(c.req.raw, ROUTES.sendMailAgain.body);
      const { key } = await there(c);
      if (!(await mails.again(key, clock.nowUnixMs()))) {
        throw new RostrumError('conflict', 'it was sent, is being sent, or is forgotten');
      }
      return c.json(told(await there(c)));
    });

    const told = (kept: KeptMail): MailSummary => summary(kept, delivery);
    async function there(c: Request): Promise<KeptMail> {
      const kept = await mails.find(Buffer.from(c.req.param('mailId') ?? '', 'base64url').toString());
      if (!kept) throw new RostrumError('not-found', 'no such mail');
      return kept;
    }
  },
});

async function mayRead(desk: Desk, c: Request): Promise<void> {
  desk.limit(c);
  if (!administers(await desk.bearerOf(c)))
    throw new RostrumError('forbidden', 'mails are the owner’s to read');
}

/**
 * Links to somebody's account are for them alone, unless they lie in a folder for somebody to pass on: whoever opened another's
 * would act in their name.
 */
function withoutKey(kept: KeptMail, content: MailContent): MailContent {
  const opensAccount = content.kind === 'password-reset' || content.kind === 'invitation';
  return opensAccount && kept.state !== 'filed'
    ? { ...content, url: `${new URL(content.url).origin}/…` }
    : content;
}

function summary(kept: KeptMail, delivery: Delivery['kind']): MailSummary {
  const { key, said, state, outcome } = kept;
  return {
    mailId: encoded(key),
    kind: kept.kind,
    state,
    webinarId: kept.webinarId,
    said: said && {
      address: said.to.address,
      name: said.to.name,
      locale: said.locale,
      subject: wordsOf(said).subject,
    },
    dueUnixMs: kept.dueUnixMs,
    nextUnixMs: state === 'queued' ? kept.nextUnixMs : null,
    settledUnixMs: kept.settledUnixMs,
    attempts: kept.attempts,
    answer: outcome && answerOf(outcome),
    // Into the folder once more is of no use.
    mayBeSentAgain:
      said !== null &&
      MAY_BE_SENT_AGAIN.some((one) => one === state) &&
      !(state === 'filed' && delivery === 'folder'),
  };
}

function answerOf(outcome: NonNullable<KeptMail['outcome']>): string {
  switch (outcome.kind) {
    case 'sent':
    case 'bounced':
      return outcome.answer;
    case 'filed':
      return outcome.file;
    case 'doubtful':
    case 'deferred':
      return outcome.reason;
  }
}

const encoded = (text: string): string => Buffer.from(text).toString('base64url');

function placeOf(after: string): z.infer<typeof Place> {
  try {
    return Place.parse(JSON.parse(Buffer.from(after, 'base64url').toString()));
  } catch (error) {
    throw new RostrumError('bad-input', 'after is no place in the list', { cause: error });
  }
}
