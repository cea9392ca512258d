import type { WebinarEvent } from '@rostrum/contracts';
import type { SnapshotPolicy } from '@rostrum/host-console/webinars/snapshots';

export const WEBINARS = ['webinar-a', 'webinar-b', 'webinar-c'] as const;
/** With which each of them begins. */
export const CREATED = {
  atUnixMs: 1,
  event: { type: 'webinar.created', title: 'T', startsAtUnixMs: null, profile: 'standard' },
} as const;
/** Each command's: all of them or none may be there. */
export const EVENTS_AT_ONCE = 2;
/** Often, and with next to nothing kept, so that every kind of write is met. */
export const POLICY: SnapshotPolicy = { everyEvents: 60, logKeepMs: 1 };

/** The event that has this number, so that whoever finds it knows whether it is the right one. */
export const eventAt = (seq: number): WebinarEvent => ({
  type: 'person.admitted',
  personId: `person-${seq}`,
  name: 'Ada',
  role: 'panelist',
});
