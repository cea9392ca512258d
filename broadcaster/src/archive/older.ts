/** Profile and ladder of a channel as its journal has them, whatever they are today. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LADDER, type LatencyProfile, PROFILES, type Rendition } from '@rostrum/contracts/profile';
import type { ChannelEntry, JournalEntry } from './journal.ts';

/** The recording needs its lengths alone; what else a profile has is for live players. */
export function profileOf({ profile, partMs, segmentMs }: ChannelEntry): LatencyProfile {
  const known = Object.values(PROFILES).find(({ name }) => name === profile) ?? PROFILES.standard;
  if (known.partMs === partMs && known.segmentMs === segmentMs) return known;
  return { ...known, partMs, segmentMs, targetDurationS: Math.max(1, Math.round(segmentMs / 1000)) };
}

/** Of a journal that has the renditions' names alone: the rest is as it is today, or as the rendition's own init segment has it. */
export function ladderOf(
  folder: string,
  { renditions }: ChannelEntry,
  entries: readonly JournalEntry[],
): Promise<Rendition[]> {
  return Promise.all(
    renditions.map(async (name): Promise<Rendition> => {
      const known = LADDER.find((rendition) => rendition.name === name);
      if (known) return known;
      const init = entries.findLast((entry) => entry.type === 'init' && entry.rendition === name);
      if (init?.type !== 'init' || !init.codecs.includes('avc1')) return { kind: 'audio', name };
      const size = await pictureSize(join(folder, init.file));
      return { kind: 'video', name, videoBitrate: 0, ...size };
    }),
  );
}

/** From `avc1` to its width and height: version, reference and reserved fields (ISO/IEC 14496-12, 12.1.3). */
const WIDTH_AFTER_TYPE = 28;

async function pictureSize(path: string): Promise<{ readonly width: number; readonly height: number }> {
  const bytes = await readFile(path);
  const at = bytes.indexOf('avc1', 0, 'latin1') + WIDTH_AFTER_TYPE;
  return { width: bytes.readUInt16BE(at), height: bytes.readUInt16BE(at + 2) };
}
