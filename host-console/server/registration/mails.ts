/** What people who registered are mailed. Pure. */
import type { RegistrationStateName } from '@rostrum/contracts';
import type { CalendarEntry, EventMail, Mail } from '../mail/mail.ts';
import type { RegistrationRow } from '../store/index.ts';
import type { Codes } from './codes.ts';
import type { Planned } from './planned.ts';

/** Begins the keys of everything that one person is mailed of their registration. */
export const mailsOf = (registrationId: string): string => `registration:${registrationId}:`;

const KIND_OF = {
  approved: 'registration-confirmed',
  pending: 'registration-pending',
  waiting: 'registration-waiting',
  refused: 'registration-refused',
  // They did it themselves, and saw it.
  cancelled: null,
} as const satisfies Record<RegistrationStateName, EventMail['kind'] | null>;

export interface Letter {
  readonly registration: RegistrationRow;
  readonly planned: Planned;
  /** Of the desk: RFC 5546 section 2.1.4. */
  readonly sequence: number;
  readonly nowUnixMs: number;
}

/** How it stands with them. @param again of the hour in which they asked once more; null: it came to be so just now */
export function stateMails(
  codes: Codes,
  { registration, planned, sequence, nowUnixMs }: Letter,
  again: number | null = null,
): Mail[] {
  const kind = KIND_OF[registration.state];
  if (kind === null) return [];
  const version = again === null ? `${registration.changedUnixMs}` : `again-${again}`;
  const isCancelled = registration.state === 'refused';
  return [
    mail(codes, { registration, planned, sequence, nowUnixMs }, kind, version, {
      hasLink: !isCancelled,
      event: registration.state === 'approved' || isCancelled ? { isCancelled } : null,
      // It answers what they did a moment ago, whatever they want of later ones.
      canEnd: registration.state === 'approved',
    }),
  ];
}

export type NewsKind = Extract<
  EventMail['kind'],
  `reminder-${'day' | 'hour'}` | 'live-now' | 'recording-ready' | 'webinar-changed' | 'webinar-cancelled'
>;

/** Whom which news are for. */
export const HEARS: Readonly<Record<NewsKind, readonly RegistrationStateName[]>> = {
  'reminder-day': ['approved'],
  'reminder-hour': ['approved'],
  'live-now': ['approved'],
  'recording-ready': ['approved'],
  'webinar-changed': ['approved', 'pending', 'waiting'],
  'webinar-cancelled': ['approved', 'pending', 'waiting'],
};

/** News of the webinar, to one who wants them. */
export function newsMail(codes: Codes, letter: Letter, kind: NewsKind, version: number): Mail[] {
  const { registration } = letter;
  if (registration.unsubscribedUnixMs !== null || !HEARS[kind].includes(registration.state)) return [];
  const isCancelled = kind === 'webinar-cancelled';
  const inCalendar = registration.state === 'approved' && kind !== 'live-now' && kind !== 'recording-ready';
  return [
    mail(codes, letter, kind, `${version}`, {
      hasLink: !isCancelled,
      event: inCalendar ? { isCancelled } : null,
      canEnd: true,
    }),
  ];
}

function mail(
  codes: Codes,
  { registration, planned, sequence, nowUnixMs }: Letter,
  kind: EventMail['kind'],
  version: string,
  of: {
    readonly hasLink: boolean;
    readonly event: { readonly isCancelled: boolean } | null;
    readonly canEnd: boolean;
  },
): Mail {
  const { registrationId, linkId, address, name, locale } = registration;
  const url = of.hasLink ? codes.personalUrl(registration) : null;
  return {
    key: `${mailsOf(registrationId)}${linkId}:${kind}:${version}`,
    to: { address, name },
    locale,
    webinarId: planned.webinarId,
    dueUnixMs: nowUnixMs,
    content: {
      kind,
      title: planned.title,
      url,
      unsubscribeUrl: of.canEnd ? codes.unsubscribeUrl(registration) : null,
      event: of.event && calendarEntry(planned, { sequence, url, isCancelled: of.event.isCancelled }),
    },
  };
}

/** As it is in everybody's calendar; null: there is no time yet. */
export function calendarEntry(
  { webinarId, title, plan }: Planned,
  of: { readonly sequence: number; readonly url: string | null; readonly isCancelled: boolean },
): CalendarEntry | null {
  if (!plan.start) return null;
  return {
    // Of this webinar for ever, wherever the console moves to.
    uid: `${webinarId}@rostrum`,
    sequence: of.sequence,
    cancelled: of.isCancelled,
    title,
    description: plan.text,
    url: of.url,
    start: plan.start,
    lengthMinutes: plan.lengthMinutes,
    recurrence: null,
  };
}
