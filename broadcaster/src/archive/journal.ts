/**
 * The journal of a channel: what is durably on disk, one JSON line each, only ever appended to. It is enough to rebuild
 * the recording and to go on with names that were never used.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { initName, segmentName } from '../packager/names.ts';
import { durationMsOf, isGap, type Segment } from '../packager/window.ts';

export const JOURNAL_NAME = 'journal.jsonl';

const count = z.number().int().nonnegative();
const part = z.object({
  durationMs: z.number().positive(),
  byteLength: count,
  independent: z.boolean(),
  gap: z.boolean(),
  keyFrameLength: count.exactOptional(),
});

/** As in `@rostrum/contracts/profile`. */
const rendition = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('video'),
    name: z.string(),
    width: count,
    height: count,
    videoBitrate: count,
  }),
  z.object({ kind: z.literal('audio'), name: z.string() }),
]);

const entry = z.discriminatedUnion('type', [
  /** The first line; the channel's numbers are frozen for its life. */
  z.object({
    type: z.literal('channel'),
    version: z.literal(1),
    channelId: z.string(),
    profile: z.string(),
    partMs: z.number(),
    segmentMs: z.number(),
    renditions: z.array(z.string()),
    /** The same in full; absent in what was begun before it was written. */
    ladder: z.array(rendition).optional(),
  }),
  /** A process began to write. Durable before its first part is published. */
  z.object({ type: z.literal('run'), firstEpoch: count, startedUnixMs: z.number() }),
  z.object({ type: z.literal('epoch'), epoch: count }),
  z.object({
    type: z.literal('init'),
    rendition: z.string(),
    epoch: count,
    file: z.string(),
    codecs: z.string(),
  }),
  /** A segment's first part is out: its MSN is used, whether or not it ever closes. */
  z.object({
    type: z.literal('open'),
    msn: count,
    epoch: count,
    discontinuity: z.boolean(),
    programDateTimeMs: z.number(),
  }),
  /** A segment is on disk; `file` is absent when all of it is a gap. */
  z.object({
    type: z.literal('segment'),
    rendition: z.string(),
    msn: count,
    epoch: count,
    discontinuity: z.boolean(),
    durationMs: z.number(),
    programDateTimeMs: z.number(),
    init: z.string(),
    file: z.string().optional(),
    parts: z.array(part),
  }),
  /** All segments from this one on are held: shown, and not recorded; or recorded, which they are where nothing is said. */
  z.object({ type: z.enum(['hold', 'record']), fromMsn: count }),
  /** A file of the isolated tracks is on disk (`isolated/`); without a length it may have changed since. */
  z.object({ type: z.literal('track'), file: z.string(), byteLength: count.optional() }),
  z.object({ type: z.literal('end'), endedUnixMs: z.number() }),
]);

export type JournalEntry = z.infer<typeof entry>;
export type ChannelEntry = Extract<JournalEntry, { type: 'channel' }>;
export type SegmentEntry = Extract<JournalEntry, { type: 'segment' }>;
export type OpenEntry = Extract<JournalEntry, { type: 'open' }>;

export interface Journal {
  readonly entries: readonly JournalEntry[];
  /** Bytes up to the end of the last whole line; what follows was torn and is to be cut off. */
  readonly length: number;
  /** Whole lines that could not be read. */
  readonly unreadable: number;
}

/** The line of a closed segment. One that is all gap has no file. */
export function segmentEntry(rendition: string, segment: Segment): SegmentEntry {
  const { msn, epoch, discontinuity, programDateTimeMs } = segment;
  return {
    type: 'segment',
    rendition,
    msn,
    epoch,
    discontinuity,
    durationMs: durationMsOf(segment),
    programDateTimeMs,
    init: initName(rendition, epoch),
    ...(isGap(segment) ? {} : { file: segmentName(rendition, epoch, msn) }),
    parts: segment.parts.map(({ durationMs, byteLength, independent, gap, keyFrameLength }) => {
      const key = keyFrameLength === undefined ? {} : { keyFrameLength };
      return { durationMs, byteLength, independent, gap, ...key };
    }),
  };
}

export const formatEntry = (value: JournalEntry): string => `${JSON.stringify(value)}\n`;

/** Reads the journal's bytes. A last line without its newline was torn by a crash: it never counted. */
export function parseJournal(bytes: Uint8Array): Journal {
  const length = bytes.lastIndexOf(0x0a) + 1;
  const lines = new TextDecoder().decode(bytes.subarray(0, length)).split('\n').slice(0, -1);
  const entries: JournalEntry[] = [];
  let unreadable = 0;
  for (const line of lines) {
    const parsed = entry.safeParse(jsonOf(line));
    if (parsed.success) entries.push(parsed.data);
    else unreadable += 1;
  }
  return { entries, length, unreadable };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // counted by the caller as unreadable
  }
}

/** The journal of a folder; an empty one when there is none. */
export async function readJournal(path: string): Promise<Journal> {
  try {
    return parseJournal(await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { entries: [], length: 0, unreadable: 0 };
    throw error;
  }
}
