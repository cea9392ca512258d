/** From a journal back to a channel: its segments, holes filled, and the names that come next. Pure. */
import type { LatencyProfile, Rendition } from '@rostrum/contracts/profile';
import type { RecordingCut } from '@rostrum/contracts/recording';
import { durationMsOf, type PackagerResume, type Part, Recording, type Segment } from '../packager/index.ts';
import { partName } from '../packager/names.ts';
import { Held } from './held.ts';
import type { JournalEntry, OpenEntry, SegmentEntry } from './journal.ts';
import type { SpooledSegment } from './spool.ts';

export interface Recovered extends PackagerResume {
  readonly ended: boolean;
  readonly held: Held;
  /** Holes that recovery filled: segments that were public and are lost, or lack a rendition. To be journaled. */
  readonly filled: readonly { readonly rendition: string; readonly segment: Segment }[];
  /** As `segments`, of all that was recorded: the live playlist goes on with what came after what was held. */
  readonly recorded: PackagerResume['segments'];
}

const FIRST_MSN = 1;

/**
 * Rebuilds a channel. Every rendition gets every MSN that was ever opened, because a viewer has seen that MSN and it
 * must not come again with other content: what was open when the process died ends with the last part that all
 * renditions have, but where one has all parts, for that one was public as a whole segment; what is lost wholly is a gap.
 */
export function recover(
  entries: readonly JournalEntry[],
  profile: LatencyProfile,
  ladder: readonly Rendition[],
  spooled: readonly SpooledSegment[] = [],
): Recovered {
  const opened = new Map<number, OpenEntry>();
  const closed = new Map<string, Map<number, SegmentEntry>>(ladder.map(({ name }) => [name, new Map()]));
  const codecs = new Map<string, string>();
  const held = new Held();
  let lastEpoch = 0;
  let lastMsn = FIRST_MSN - 1;
  let ended = false;
  for (const entry of entries) {
    switch (entry.type) {
      case 'run':
        lastEpoch = Math.max(lastEpoch, entry.firstEpoch);
        break;
      case 'epoch':
        lastEpoch = Math.max(lastEpoch, entry.epoch);
        break;
      case 'init':
        codecs.set(entry.rendition, entry.codecs);
        break;
      case 'open':
        opened.set(entry.msn, entry);
        lastMsn = Math.max(lastMsn, entry.msn);
        break;
      case 'segment':
        closed.get(entry.rendition)?.set(entry.msn, entry);
        lastMsn = Math.max(lastMsn, entry.msn);
        break;
      case 'hold':
      case 'record':
        held.turn(entry.fromMsn, entry.type === 'hold');
        break;
      case 'end':
        ended = true;
        break;
      case 'channel':
      case 'track':
        break;
    }
  }

  const spools = new Map<string, SpooledSegment>();
  for (const spool of spooled) {
    if (closed.get(spool.rendition)?.has(spool.msn)) continue;
    const { rendition, parts: _, ...start } = spool;
    spools.set(`${rendition} ${spool.msn}`, spool);
    opened.set(spool.msn, { type: 'open', ...start });
    lastMsn = Math.max(lastMsn, spool.msn);
    lastEpoch = Math.max(lastEpoch, spool.epoch);
  }

  const recorded = new Map<string, Segment[]>(ladder.map(({ name }) => [name, []]));
  const filled: { rendition: string; segment: Segment }[] = [];
  let endMs = 0;
  let lastHeldMsn = FIRST_MSN - 1;
  let discontinuities = 0;
  let gone = 0;
  for (let msn = FIRST_MSN; msn <= lastMsn; msn += 1) {
    if (opened.get(msn)?.discontinuity) discontinuities += 1;
    // Nothing of it was kept, and nobody is to have it again.
    if (held.has(msn)) {
      lastHeldMsn = msn;
      gone = discontinuities;
      continue;
    }
    const sibling = [...closed.values()].map((byMsn) => byMsn.get(msn)).find((found) => found !== undefined);
    const start = sibling ??
      opened.get(msn) ?? { epoch: lastEpoch, discontinuity: false, programDateTimeMs: endMs };
    const left = ladder.map(({ name }) => spools.get(`${name} ${msn}`)?.parts ?? []);
    const durationsMs = (sibling?.parts ?? commonParts(profile, left)).map((part) => part.durationMs);
    for (const [i, { name }] of ladder.entries()) {
      const entry = closed.get(name)?.get(msn);
      const segment = entry ? fromEntry(entry) : fromSpool(name, msn, start, durationsMs, left[i] ?? []);
      if (!entry) filled.push({ rendition: name, segment });
      recorded.get(name)?.push(segment);
      endMs = segment.programDateTimeMs + durationMsOf(segment);
    }
  }
  return {
    nextMsn: lastMsn + 1,
    nextEpoch: lastEpoch + 1,
    segments: new Map([...recorded].map(([name, list]) => [name, list.filter((s) => s.msn > lastHeldMsn)])),
    discontinuitySequence: gone,
    codecs,
    ended,
    held,
    filled,
    recorded,
  };
}

/**
 * What was recorded. It goes on from what viewers had of it before: that was made of closed segments in the journal alone, in the
 * same way, and what recovery fills comes after them.
 */
export function recordingOf(
  { recorded, codecs, nextMsn }: Recovered,
  profile: LatencyProfile,
  ladder: readonly Rendition[],
  channelId: string,
  cuts: readonly RecordingCut[] = [],
): Recording {
  const recording = new Recording(ladder, profile, channelId, cuts);
  for (const [rendition, text] of codecs) recording.setCodecs(rendition, text);
  for (const [rendition, segment] of byMoment({ recorded, nextMsn })) recording.add(rendition, segment);
  return recording;
}

/** Moment by moment, so that in a timeline no rendition has to wait for the others. */
export function* byMoment({
  recorded,
  nextMsn,
}: Pick<Recovered, 'recorded' | 'nextMsn'>): Iterable<readonly [rendition: string, segment: Segment]> {
  for (let at = 0; at < nextMsn; at += 1) {
    for (const [rendition, list] of recorded) {
      const segment = list[at];
      if (segment) yield [rendition, segment];
    }
  }
}

/** A closed segment as the journal has it: its bytes are in its file. */
export function fromEntry(entry: SegmentEntry): Segment {
  const { msn, epoch, discontinuity, programDateTimeMs } = entry;
  const parts = entry.parts.map(
    (part, index): Part => ({
      ...part,
      index,
      name: partName(entry.rendition, epoch, msn, index),
      data: undefined,
    }),
  );
  return { msn, epoch, discontinuity, programDateTimeMs, parts, closed: true };
}

/**
 * The parts that every rendition has; of a whole segment when there are none, or when one rendition has it: its last part closed
 * it, before the journal was told, and sound is ahead of pictures by the time these take to encode.
 */
function commonParts(
  profile: LatencyProfile,
  left: readonly (readonly Part[])[],
): readonly Pick<Part, 'durationMs'>[] {
  const [first = []] = left;
  const wholeCount = Math.round(profile.segmentMs / profile.partMs);
  const whole = left.find((parts) => parts.length >= wholeCount);
  if (whole) return whole;
  const count = Math.min(...left.map((parts) => parts.length));
  if (count > 0) return first.slice(0, count);
  return Array.from({ length: wholeCount }, () => ({ durationMs: profile.partMs }));
}

/** A segment of what was spooled; what was not is a gap. */
function fromSpool(
  rendition: string,
  msn: number,
  start: Pick<Segment, 'epoch' | 'discontinuity' | 'programDateTimeMs'>,
  durationsMs: readonly number[],
  spooled: readonly Part[],
): Segment {
  const { epoch, discontinuity, programDateTimeMs } = start;
  const parts = durationsMs.map((durationMs, index): Part => {
    const found = spooled[index];
    if (found) return found;
    const name = partName(rendition, epoch, msn, index);
    return { index, name, durationMs, independent: false, gap: true, byteLength: 0, data: undefined };
  });
  return { msn, epoch, discontinuity, programDateTimeMs, parts, closed: true };
}
