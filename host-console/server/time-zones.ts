/** Between wall clocks of places and instants, by the time zones that this process knows (ICU's, which luxon reads). */
import { RostrumError } from '@rostrum/contracts';
import { IANAZone } from 'luxon';

/** A time of a wall clock, and the IANA zone that it hangs in. */
export interface LocalTime {
  /** `2027-03-28T19:00`, seconds may follow. */
  readonly local: string;
  readonly zone: string;
}

const DAY_MS = 86_400_000;

/**
 * When that is, Unix ms. A time that clocks skip is read with the offset from before that, so it is the later one; of two
 * the first (RFC 5545 section 3.3.5). Throws `bad-input` for a day that no calendar has, or an unknown zone.
 *
 * luxon's own reading of a time that comes twice is either of both, as it happens (docs, "Ambiguous times").
 */
export function instantOf(time: LocalTime): number {
  const { asIfUtc, before, instants } = read(time);
  return instants.length > 0 ? Math.min(...instants) : asIfUtc - before;
}

/** Whether clocks show it exactly once: not every calendar reads the others as RFC 5545 says. */
export const comesOnce = (time: LocalTime): boolean => read(time).instants.length === 1;

function read({ local, zone }: LocalTime) {
  const asIfUtc = Date.parse(`${local}Z`);
  if (Number.isNaN(asIfUtc) || localOfUtc(asIfUtc).slice(0, local.length) !== local) {
    throw new RostrumError('bad-input', `${local} is no time of day of a calendar`);
  }
  const before = offsetMs(asIfUtc - DAY_MS, zone);
  const offsets = new Set([before, offsetMs(asIfUtc + DAY_MS, zone)]);
  const instants = [...offsets]
    .filter((offset) => offsetMs(asIfUtc - offset, zone) === offset)
    .map((offset) => asIfUtc - offset);
  return { asIfUtc, before, instants };
}

/** What the wall clock shows there: `2027-03-28T19:00:00`. Throws `bad-input` for an unknown zone. */
export const localAt = (unixMs: number, zone: string): string => localOfUtc(unixMs + offsetMs(unixMs, zone));

/** How much the zone's clocks are ahead of UTC, ms. Throws `bad-input` for an unknown zone. */
export function offsetMs(unixMs: number, zone: string): number {
  const minutes = IANAZone.create(zone).offset(unixMs);
  if (Number.isNaN(minutes)) throw new RostrumError('bad-input', `no time zone of the IANA: ${zone}`);
  return Math.round(minutes * 60_000);
}

/** When clocks were moved between two instants, to the second: the first one of each new offset. */
export function transitions(zone: string, fromUnixMs: number, untilUnixMs: number): number[] {
  const found: number[] = [];
  // Ramadan is the shortest time between two (Morocco); a day's step misses none.
  for (let low = fromUnixMs; low < untilUnixMs; low += DAY_MS) {
    const offset = offsetMs(low, zone);
    let [before, at] = [low, Math.min(low + DAY_MS, untilUnixMs)];
    if (offsetMs(at, zone) === offset) continue;
    while (at - before > 1000) {
      const middle = Math.floor((before + at) / 2000) * 1000;
      if (middle <= before) break;
      if (offsetMs(middle, zone) === offset) before = middle;
      else at = middle;
    }
    found.push(at);
  }
  return found;
}

const localOfUtc = (unixMs: number): string => new Date(unixMs).toISOString().slice(0, 19);
