/** What follows for everybody who registered from what happens to a webinar. Pure. */
import type { RegistrationTask } from '../store/index.ts';
import type { NewsKind } from './mails.ts';
import type { Planned } from './planned.ts';

/** `promote`: who waits gets places that there are. `unlink`: links of those who are out are good for nothing. */
export type TaskKind = NewsKind | 'promote' | 'unlink';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const REMINDERS = [
  { kind: 'reminder-day', beforeMs: 24 * HOUR_MS },
  { kind: 'reminder-hour', beforeMs: HOUR_MS },
] as const;

/** An editor saves as one types: what was changed is told once it has been left alone for so long. */
export const CHANGE_SETTLES_MS = 5 * MINUTE_MS;

/** What people put into their calendars. */
export interface Told {
  readonly title: string;
  readonly start: Planned['plan']['start'];
  readonly lengthMinutes: number;
}

export const toldOf = ({ title, plan }: Planned): Told => ({
  title,
  start: plan.start,
  lengthMinutes: plan.lengthMinutes,
});

/** Whether somebody who was told the one has to be told the other. */
export const differs = (one: Told, other: Told): boolean => JSON.stringify(one) !== JSON.stringify(other);

/** Reminders that are still to come; those whose time is past are for nobody. */
export function reminders(planned: Planned, version: number, nowUnixMs: number): RegistrationTask[] {
  const startsAt = planned.startsAtUnixMs;
  if (startsAt === null || planned.phase !== 'scheduled' || planned.cancelled) return [];
  return REMINDERS.map(({ kind, beforeMs }) =>
    task(planned.webinarId, kind, { version, dueUnixMs: startsAt - beforeMs }),
  ).filter(({ dueUnixMs }) => dueUnixMs > nowUnixMs);
}

export const REMINDER_KINDS: readonly TaskKind[] = REMINDERS.map(({ kind }) => kind);

export const task = (
  webinarId: string,
  kind: TaskKind,
  { version, dueUnixMs }: { readonly version: number; readonly dueUnixMs: number },
): RegistrationTask => ({ webinarId, kind, version, dueUnixMs, afterNumber: 0 });
