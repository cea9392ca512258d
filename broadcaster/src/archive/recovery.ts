/** From a journal back to a channel: its segments, holes filled, and the names that come next. Pure. */
import type { LatencyProfile, Rendition } from '@rostrum/contracts/profile';
import { durationMsOf, type PackagerResume, type Part, type Segment } from '../packager/index.ts';
import { partName } from '../packager/names.ts';
import type { JournalEntry, OpenEntry, SegmentEntry } from './journal.ts';

export interface Recovered extends PackagerResume {
  readonly ended: boolean;
  /** Holes that recovery filled: segments that were public and are lost, or lack a rendition. To be journaled. */
  readonly filled: readonly { readonly rendition: string; readonly segment: Segment }[];
}

const FIRST_MSN = 1;

/** Parts of unclosed segments that outlived the process. */
export type Spools = Map<string, readonly Part[]>;
export const spoolKey = (rendition: string, msn: number): string => `${rendition} ${msn}`;

/** Segments that were opened, but of which the journal has no file in this rendition. */
export function unclosed(
  entries: readonly JournalEntry[],
  ladder: readonly Rendition[],
): { rendition: string; msn: number; epoch: number }[] {
  const closed = new Set(
    entries.flatMap((entry) => (entry.type === 'segment' ? [spoolKey(entry.rendition, entry.msn)] : [])),
  );
  return entries.flatMap((entry) =>
    entry.type === 'open'
      ? ladder
          .filter(({ name }) => !closed.has(spoolKey(name, entry.msn)))
          .map(({ name }) => ({ rendition: name, msn: entry.msn, epoch: entry.epoch }))
      : [],
  );
}

/**
 * Rebuilds a channel. Every rendition gets every MSN that was ever opened, because a viewer has seen that MSN and it
 * must not come again with other content: what was open when the process died ends with the last part that all
 * renditions have; what is lost wholly is a gap.
 */
export function recover(
  entries: readonly JournalEntry[],
  profile: LatencyProfile,
  ladder: readonly Rendition[],
  spools: Spools = new Map(),
): Recovered {
  const opened = new Map<number, OpenEntry>();
  const closed = new Map<string, Map<number, SegmentEntry>>(ladder.map(({ name }) => [name, new Map()]));
  const codecs = new Map<string, string>();
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
      case 'end':
        ended = true;
        break;
      case 'channel':
        break;
    }
  }

  const segments = new Map<string, Segment[]>(ladder.map(({ name }) => [name, []]));
  const filled: { rendition: string; segment: Segment }[] = [];
  let endMs = 0;
  for (let msn = FIRST_MSN; msn <= lastMsn; msn += 1) {
    const sibling = [...closed.values()].map((byMsn) => byMsn.get(msn)).find((found) => found !== undefined);
    const start = sibling ??
      opened.get(msn) ?? { epoch: lastEpoch, discontinuity: false, programDateTimeMs: endMs };
    const durationsMs = sibling
      ? sibling.parts.map((part) => part.durationMs)
      : commonParts(msn, profile, ladder, spools);
    for (const { name } of ladder) {
      const entry = closed.get(name)?.get(msn);
      const spooled = spools.get(spoolKey(name, msn)) ?? [];
      const segment = entry ? fromEntry(entry) : fromSpool(name, msn, start, durationsMs, spooled);
      if (!entry) filled.push({ rendition: name, segment });
      segments.get(name)?.push(segment);
      endMs = segment.programDateTimeMs + durationMsOf(segment);
    }
  }
  return {
    nextMsn: lastMsn + 1,
    nextEpoch: lastEpoch + 1,
    segments,
    discontinuitySequence: 0,
    codecs,
    ended,
    filled,
  };
}

function fromEntry(entry: SegmentEntry): Segment {
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

/** Durations of the parts that every rendition has; of a whole segment when there are none. */
function commonParts(
  msn: number,
  profile: LatencyProfile,
  ladder: readonly Rendition[],
  spools: Spools,
): number[] {
  const [first = [], ...others] = ladder.map(({ name }) => spools.get(spoolKey(name, msn)) ?? []);
  const count = Math.min(first.length, ...others.map((parts) => parts.length));
  if (count > 0) return first.slice(0, count).map((part) => part.durationMs);
  return new Array<number>(Math.round(profile.segmentMs / profile.partMs)).fill(profile.partMs);
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
