/** Mails as the console shows them to the owner. */
import { z } from 'zod';

/** What is shown of them: `waiting` are to be sent, `trouble` has what did not arrive, or may not have. */
export const MailFilter = z.enum(['all', 'waiting', 'sent', 'trouble', 'folder']);
export type MailFilter = z.infer<typeof MailFilter>;

export const MailState = z.enum(['queued', 'sending', 'sent', 'filed', 'bounced', 'doubtful', 'expired']);
export type MailState = z.infer<typeof MailState>;

export const MailSummary = z.object({
  mailId: z.string(),
  kind: z.string(),
  state: MailState,
  webinarId: z.string().nullable(),
  /** null: it was long ago, and is forgotten. */
  said: z
    .object({
      address: z.string(),
      name: z.string().nullable(),
      locale: z.enum(['en', 'de']),
      subject: z.string(),
    })
    .nullable(),
  /** When it is, or was, to be sent. */
  dueUnixMs: z.number(),
  /** While it waits: when it is tried next. */
  nextUnixMs: z.number().nullable(),
  /** When it was sent, or given up. */
  settledUnixMs: z.number().nullable(),
  attempts: z.int(),
  /** What the last attempt came to: a server's answer, or the file's name. */
  answer: z.string().nullable(),
  mayBeSentAgain: z.boolean(),
});
export type MailSummary = z.infer<typeof MailSummary>;

export const MailList = z.object({
  mails: z.array(MailSummary),
  /** `after` of the next page; null: this is the last one. */
  next: z.string().nullable(),
  /** `folder`: there is no mail server, and they lie in a folder. */
  delivery: z.enum(['smtp', 'folder']),
});
export type MailList = z.infer<typeof MailList>;

export const MailView = MailSummary.extend({
  text: z.string(),
  /** A page by itself; a stranger's words in it are escaped, and it is shown without scripts all the same. */
  html: z.string(),
});
export type MailView = z.infer<typeof MailView>;
