/** A zone's clocks as calendars are told of them (RFC 5545 section 3.6.5). */
import ICAL from 'ical.js';
import { tzlib_get_ical_block } from 'timezones-ical-library';
import { comesOnce, instantOf, offsetMs, transitions } from '../time-zones.ts';

/** More than a year, so that those next to it are among them. */
const MARGIN_MS = 400 * 86_400_000;

/**
 * The zone's component, right for these local times (`2027-03-28T19:00:00`): the library's, whose rules every calendar takes,
 * where it agrees with this process; else one with each move of the clocks by itself. They differ where one's time zone data are
 * later than the other's, and where clocks follow no rule (Morocco, Gaza: the library says that they stand still).
 */
export function vtimezoneFor(zone: string, locals: readonly string[]): ICAL.Component {
  const known = libraryZone(zone);
  return known && agrees(known, zone, locals) ? known : observed(zone, locals);
}

function libraryZone(zone: string): ICAL.Component | null {
  const answer = tzlib_get_ical_block(zone);
  const block = Array.isArray(answer) ? answer[0] : answer;
  if (!block?.startsWith('BEGIN:VTIMEZONE')) return null;
  return new ICAL.Component(ICAL.parse(block.replaceAll(/\r?\n/g, '\r\n')));
}

function agrees(component: ICAL.Component, zone: string, locals: readonly string[]): boolean {
  const timezone = new ICAL.Timezone(component);
  return locals.every((local) => {
    if (!comesOnce({ local, zone })) return true;
    const time = ICAL.Time.fromDateTimeString(local);
    time.zone = timezone;
    return time.toUnixTime() * 1000 === instantOf({ local, zone });
  });
}

function observed(zone: string, locals: readonly string[]): ICAL.Component {
  const instants = locals.map((local) => instantOf({ local, zone }));
  const first = Math.min(...instants) - MARGIN_MS;
  const moves = transitions(zone, first, Math.max(...instants) + MARGIN_MS);
  const component = new ICAL.Component('vtimezone');
  component.addPropertyWithValue('tzid', zone);
  const least = Math.min(...[first, ...moves].map((unixMs) => offsetMs(unixMs, zone)));
  for (const unixMs of [first, ...moves]) {
    const to = offsetMs(unixMs, zone);
    const from = unixMs === first ? to : offsetMs(unixMs - 1000, zone);
    const observance = new ICAL.Component(to > least ? 'daylight' : 'standard');
    // Its beginning is told by the clock as it was until then.
    const begins = new Date(unixMs + from).toISOString().slice(0, 19);
    observance.addPropertyWithValue('dtstart', ICAL.Time.fromDateTimeString(begins));
    observance.addPropertyWithValue('tzoffsetfrom', ICAL.UtcOffset.fromSeconds(from / 1000));
    observance.addPropertyWithValue('tzoffsetto', ICAL.UtcOffset.fromSeconds(to / 1000));
    component.addSubcomponent(observance);
  }
  return component;
}
