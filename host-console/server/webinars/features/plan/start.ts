import { type PlannedStart, RostrumError, UnixMs } from '@rostrum/contracts';
import { DateTime } from 'luxon';

/**
 * When the clocks of a place say so, Unix milliseconds. A time that they skip is taken with the offset from before the gap, and of
 * one that they show twice it is the first (RFC 5545 section 3.3.5). Throws `bad-input` for a day that is none.
 */
export function startsAt({ local, zone }: PlannedStart): number {
  // In a gap luxon takes the lesser of the offsets around it, which is the one before: clocks skip forward.
  const at = DateTime.fromISO(local, { zone });
  const first = Math.min(...at.getPossibleOffsets().map((one) => one.toMillis()));
  if (!at.isValid || !UnixMs.safeParse(first).success) {
    throw new RostrumError('bad-input', `there is no ${local} in ${zone}`, { field: 'fields.start.local' });
  }
  return first;
}

/** What the clocks of a place say then. */
export const localTime = (unixMs: number, zone: string): string =>
  DateTime.fromMillis(unixMs, { zone }).toFormat("yyyy-MM-dd'T'HH:mm");
