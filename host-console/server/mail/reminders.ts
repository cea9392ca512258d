/** Which messages go to somebody who registered, and when: what is told to whom is decided elsewhere. */
import { instantOf, type LocalTime } from '../time-zones.ts';
import type { EventMail } from './mail.ts';

export interface Reminder {
  readonly kind: Extract<
    EventMail['kind'],
    'reminder-day' | 'reminder-hour' | 'live-now' | 'recording-ready'
  >;
  readonly key: string;
  readonly dueUnixMs: number;
}

export interface Registered {
  readonly webinarId: string;
  readonly registrationId: string;
}

const BEFORE_MS = { 'reminder-day': 86_400_000, 'reminder-hour': 3_600_000 } as const;

/**
 * Those before a start that are not due yet: who registers within the last day is not reminded of it a day before. 24 hours and
 * one, whatever clocks do meanwhile. Their keys hold the start: what was sent is sent again for another one.
 *
 * When the start changes: `withdraw(tx, remindersKey({ webinarId }))`, then these anew for each.
 */
export function remindersOf(of: Registered, start: LocalTime, nowUnixMs: number): Reminder[] {
  const startUnixMs = instantOf(start);
  return (['reminder-day', 'reminder-hour'] as const)
    .map((kind) => ({ kind, dueUnixMs: startUnixMs - BEFORE_MS[kind] }))
    .filter(({ dueUnixMs }) => dueUnixMs > nowUnixMs)
    .map(({ kind, dueUnixMs }) => ({ kind, dueUnixMs, key: `${remindersKey(of)}${kind}:${startUnixMs}` }));
}

/** When it went live, or its recording is ready: at once, and once for each webinar. */
export const noticeOf = (
  of: Registered,
  kind: 'live-now' | 'recording-ready',
  nowUnixMs: number,
): Reminder => ({ kind, key: `${remindersKey(of)}${kind}`, dueUnixMs: nowUnixMs });

/** What the keys of all of a webinar, or of one person in it, begin with: what is not sent of them is withdrawn by it. */
export const remindersKey = (of: { readonly webinarId: string; readonly registrationId?: string }): string =>
  `reminder:${of.webinarId}:${of.registrationId === undefined ? '' : `${of.registrationId}:`}`;
