/** What takes a message: an SMTP server, or a folder where there is none. */
import type { Message } from './compose.ts';

/** What became of one attempt. */
export type MailOutcome =
  /** The server has taken it on: what becomes of it then is told by nobody here (docs/mail.md). */
  | { readonly kind: 'sent'; readonly answer: string }
  | { readonly kind: 'filed'; readonly file: string }
  /** Refused for good. */
  | { readonly kind: 'bounced'; readonly answer: string }
  /** The line broke, or the sender died, when the message may have been taken. */
  | { readonly kind: 'doubtful'; readonly reason: string }
  /** Nothing was taken: to be tried again. `server`: it would go so for every mail just now. */
  | { readonly kind: 'deferred'; readonly reason: string; readonly because: 'server' | 'recipient' };

export interface Delivery {
  readonly kind: 'smtp' | 'folder';
  /** Never rejects. Settles within about `DELIVERY_DEADLINE_MS`. */
  deliver(message: Message): Promise<MailOutcome>;
  /** Lets go of what it holds; what is under way is given up. Idempotent. */
  close(): void;
}

/** No message takes so long that goes through at all. */
export const DELIVERY_DEADLINE_MS = 120_000;

/** What servers answer may be long, and holds what they like. */
export const shortAnswer = (text: string): string =>
  text
    .replaceAll(/[^\p{L}\p{N}\p{P}\p{S}\p{Zs}]+/gu, ' ')
    .trim()
    .slice(0, 500);
