/** Of which segments a download is made: what the rendition's recording plays, without what is cut. Pure. */
import type { Rendition } from '@rostrum/contracts/profile';
import type { RecordingCut } from '@rostrum/contracts/recording';
import { durationMsOf, type Segment } from '../../packager/index.ts';
import { initName, segmentName } from '../../packager/names.ts';
import { isCut } from '../../packager/recording-cuts.ts';
import { goesOn, RecordingTimeline } from '../../packager/recording-timeline.ts';
import type { JournalEntry } from '../journal.ts';
import { profileOf } from '../older.ts';
import { byMoment, recover } from '../recovery.ts';
import { DamagedError } from './damaged.ts';

export interface PlannedSegment {
  /** Relative to the channel's folder. */
  readonly file: string;
  readonly init: string;
  readonly byteLength: number;
  /** What its EXTINF says. */
  readonly durationMs: number;
  /** From its beginning to where what is in the file begins, and ends: parts that are missing have no bytes. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly programDateTimeMs: number;
  /** The coded stream of the one before simply goes on in it. */
  readonly goesOn: boolean;
}

/**
 * What `rendition` plays of an ended recording. Empty where it has nothing of its own: such a rendition is not listed either.
 * @param ladder of the journal (`ladderOf`)
 */
export function planOf(
  entries: readonly JournalEntry[],
  ladder: readonly Rendition[],
  rendition: string,
  cuts: readonly RecordingCut[],
): PlannedSegment[] {
  const first = entries.find((entry) => entry.type === 'channel');
  if (!first) throw new DamagedError('the journal does not say what the channel was begun with');
  const timeline = new RecordingTimeline(ladder);
  const plan: PlannedSegment[] = [];
  let own = false;
  let before: Parameters<typeof goesOn>[0] | undefined;
  const take = (settled: ReturnType<RecordingTimeline['finish']>): void => {
    for (const { rendition: player, source, segment } of settled) {
      if (player !== rendition) continue;
      own ||= source === rendition;
      if (isCut(segment, cuts)) continue;
      const one = { source, segment };
      plan.push(planned(source, segment, before !== undefined && goesOn(before, one)));
      before = one;
    }
  };
  for (const [name, segment] of byMoment(recover(entries, profileOf(first), ladder)))
    take(timeline.add(name, segment));
  take(timeline.finish());
  return own ? plan : [];
}

function planned(source: string, segment: Segment, goesOn: boolean): PlannedSegment {
  const { parts, epoch, msn, programDateTimeMs } = segment;
  const first = parts.findIndex(({ gap }) => !gap);
  const last = parts.findLastIndex(({ gap }) => !gap);
  const msBefore = (end: number): number =>
    parts.slice(0, end).reduce((sum, part) => sum + part.durationMs, 0);
  return {
    file: segmentName(source, epoch, msn),
    init: initName(source, epoch),
    byteLength: parts.reduce((sum, part) => sum + part.byteLength, 0),
    durationMs: durationMsOf(segment),
    fromMs: msBefore(first),
    toMs: msBefore(last + 1),
    programDateTimeMs,
    goesOn,
  };
}
