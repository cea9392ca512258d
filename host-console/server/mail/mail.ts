/** A message to one person, as whoever causes it says it: the mail side makes words and attachments of it when it is sent. */
import type { Tx } from '../store/index.ts';

/** RFC 5322 address without a name. */
export interface Recipient {
  readonly address: string;
  /** As the person is called; null: by the address alone. */
  readonly name: string | null;
}

export interface Mail {
  /**
   * One for each message there can ever be, e.g. `registration-confirmed:<registrationId>`: a second row with the same key is
   * left out, so what causes a message may happen again.
   */
  readonly key: string;
  readonly to: Recipient;
  readonly locale: 'en' | 'de';
  /** null: it belongs to no webinar. */
  readonly webinarId: string | null;
  /** Not to be sent before; what is due later can be taken back by its key. */
  readonly dueUnixMs: number;
  readonly content: MailContent;
}

/** What a message says, by kind. Links carry credentials: they are kept as they are sent, in the outbox alone. */
export type MailContent =
  | { readonly kind: 'invitation'; readonly inviter: string; readonly url: string }
  | { readonly kind: 'password-reset'; readonly url: string; readonly validMinutes: number }
  | EventMail;

/** Of a webinar, with its calendar entry where there is a time. */
export interface EventMail {
  readonly kind:
    | 'panelist-invited'
    | 'moderator-invited'
    | 'registration-confirmed'
    | 'registration-pending'
    | 'registration-refused'
    | 'registration-waiting'
    | 'reminder-day'
    | 'reminder-hour'
    | 'live-now'
    | 'recording-ready'
    | 'webinar-changed'
    | 'webinar-cancelled';
  readonly title: string;
  /** What it opens; null where there is nothing to open (refused, cancelled). */
  readonly url: string | null;
  /** Ends further mails of this webinar to this address. null: it is not to be ended (an invitation to speak). */
  readonly unsubscribeUrl: string | null;
  readonly event: CalendarEntry | null;
}

/** A webinar in somebody's calendar (RFC 5545 VEVENT; `sequence` of RFC 5546 for changes). */
export interface CalendarEntry {
  /** The same for every version of it. */
  readonly uid: string;
  readonly sequence: number;
  readonly cancelled: boolean;
  readonly title: string;
  readonly description: string | null;
  readonly url: string | null;
  readonly start: { readonly local: string; readonly zone: string };
  readonly lengthMinutes: number;
  /** RFC 5545 RRULE without its name; null: once. */
  readonly recurrence: string | null;
}

/** Where messages are put, in the transaction of what causes them. */
export interface Outbox {
  add(tx: Tx, mail: Mail): Promise<void>;
  /** The same for many at once, as a change of a webinar is told to all who registered. */
  addAll(tx: Tx, mails: readonly Mail[]): Promise<void>;
  /**
   * Takes back what is not sent yet, of keys that begin with this: it may be added again, so what is to be sent at another time
   * or in other words is withdrawn and added anew. What was sent, or is being sent, stays: its key is used up.
   */
  withdraw(tx: Tx, keyPrefix: string): Promise<void>;
}
