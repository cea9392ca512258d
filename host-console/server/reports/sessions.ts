/** What stays come to: sessions of a person, and how many were there. Pure. */
import type { Participant, ParticipantSession } from '@rostrum/contracts';
import type { AirTime, Attendant, Stay } from '../store/index.ts';

/** Somebody who is back within this was never gone: they reloaded, their network changed, or the server was started anew. */
export const AWAY_MS = 60_000;

/** A time span; `to` null: it lasts. */
interface Span {
  readonly from: number;
  readonly to: number | null;
}

/** A person with their stays, in the order in which these began; at least one. */
export function participantOf(
  { personId, name, role, joinedUnixMs }: Attendant,
  stays: readonly Stay[],
  air: AirTime,
  nowUnixMs: number,
): Participant {
  const sessions = sessionsOf(stays);
  const spans = sessions.map((s) => ({ from: s.joinedUnixMs, to: s.leftUnixMs }));
  const open = sessions.some((session) => session.leftUnixMs === null);
  return {
    personId,
    name,
    role,
    joinedUnixMs,
    leftUnixMs: open ? null : Math.max(joinedUnixMs, ...sessions.map((s) => s.leftUnixMs ?? 0)),
    sessions,
    presentMs: spans.reduce((ms, span) => ms + lengthOf(span, nowUnixMs), 0),
    presentLiveMs: spans.reduce((ms, span) => ms + liveLengthOf(span, air, nowUnixMs), 0),
  };
}

/** Stays that overlap or follow each other closely are one session, with what it began on. */
export function sessionsOf(stays: readonly Stay[]): ParticipantSession[] {
  const sessions: ParticipantSession[] = [];
  for (const { personId: _, ...stay } of stays) {
    const last = sessions.at(-1);
    if (!last || (last.leftUnixMs !== null && stay.joinedUnixMs - last.leftUnixMs > AWAY_MS)) {
      sessions.push(stay);
      continue;
    }
    const leftUnixMs =
      last.leftUnixMs === null || stay.leftUnixMs === null
        ? null
        : Math.max(last.leftUnixMs, stay.leftUnixMs);
    sessions[sessions.length - 1] = { ...last, leftUnixMs, node: last.node ?? stay.node };
  }
  return sessions;
}

export interface Turnout {
  /** How many attendees came. */
  readonly attendees: number;
  /** At most at once, and when that was first; null: nobody came. */
  readonly peak: { readonly attendees: number; readonly atUnixMs: number } | null;
  /** Of each on average, and what of it was while the webinar was live. 0: nobody came. */
  readonly averageMs: number;
  readonly averageLiveMs: number;
}

/** @param stays of attendees alone, in the order in which they began */
export function turnoutOf(stays: readonly Stay[], air: AirTime, nowUnixMs: number): Turnout {
  const spans = [...Map.groupBy(stays, (stay) => stay.personId).values()].map((own) =>
    sessionsOf(own).map((s) => ({ from: s.joinedUnixMs, to: s.leftUnixMs })),
  );
  const attendees = spans.length;
  const all = spans.flat();
  const average = (ms: number): number => (attendees === 0 ? 0 : ms / attendees);
  return {
    attendees,
    peak: peakOf(all),
    averageMs: average(all.reduce((ms, span) => ms + lengthOf(span, nowUnixMs), 0)),
    averageLiveMs: average(all.reduce((ms, span) => ms + liveLengthOf(span, air, nowUnixMs), 0)),
  };
}

function peakOf(spans: readonly Span[]): Turnout['peak'] {
  const changes = spans.flatMap(({ from, to }) => [
    { atUnixMs: from, by: 1 },
    ...(to === null ? [] : [{ atUnixMs: to, by: -1 }]),
  ]);
  // Who leaves at a moment was not there with who comes at it.
  changes.sort((a, b) => a.atUnixMs - b.atUnixMs || a.by - b.by);
  let here = 0;
  let peak: Turnout['peak'] = null;
  for (const { atUnixMs, by } of changes) {
    here += by;
    if (here > (peak?.attendees ?? 0)) peak = { attendees: here, atUnixMs };
  }
  return peak;
}

const lengthOf = ({ from, to }: Span, nowUnixMs: number): number => Math.max(0, (to ?? nowUnixMs) - from);

function liveLengthOf({ from, to }: Span, { liveUnixMs, endedUnixMs }: AirTime, nowUnixMs: number): number {
  if (liveUnixMs === null) return 0;
  const end = Math.min(to ?? nowUnixMs, endedUnixMs ?? nowUnixMs);
  return Math.max(0, end - Math.max(from, liveUnixMs));
}
