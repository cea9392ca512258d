/** What a journal says of a channel, for who only looks at it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTracks, stateOf, TRACKS_JOURNAL } from '../../isolated/journal.ts';
import { JOURNAL_NAME, type JournalEntry, parseJournal, type SegmentEntry } from '../journal.ts';
import { PUBLISHED_NAME, type PublishedLine, parsePublished } from '../publish/published.ts';

export interface Journaled {
  readonly entries: readonly JournalEntry[];
  readonly unreadable: number;
  /** Bytes after the last whole line. */
  readonly tornBytes: number;
  readonly begun: Extract<JournalEntry, { type: 'channel' }> | null;
  readonly ended: Extract<JournalEntry, { type: 'end' }> | null;
  /** What holds of each segment: its last line. */
  readonly segments: readonly SegmentEntry[];
  /** Files of isolated tracks that nobody wanted deleted, with what holds of their length; null: it is not known. */
  readonly tracks: ReadonlyMap<string, number | null>;
  /** Init segments by name. */
  readonly inits: ReadonlySet<string>;
  /** All files that any line names. */
  readonly named: ReadonlySet<string>;
}

/** null: there is none. Takes no lock: a journal is only ever added to. Rejects with the file system's error. */
export async function readJournaled(folder: string): Promise<Journaled | null> {
  const bytes = await readOrNull(join(folder, JOURNAL_NAME));
  if (!bytes) return null;
  const { entries, length, unreadable } = parseJournal(bytes);
  const segments = new Map<string, SegmentEntry>();
  const tracks = new Map<string, number | null>();
  const inits = new Set<string>();
  const named = new Set<string>();
  for (const entry of entries) {
    if (entry.type === 'init') inits.add(entry.file);
    if (entry.type === 'track') tracks.set(entry.file, entry.byteLength ?? null);
    if (entry.type === 'segment') segments.set(`${entry.rendition} ${entry.msn}`, entry);
    if ((entry.type === 'segment' || entry.type === 'init') && entry.file !== undefined)
      named.add(entry.file);
  }
  for (const file of stateOf(await readTracks(join(folder, TRACKS_JOURNAL))).erased) tracks.delete(file);
  return {
    ...{ entries, unreadable, tracks, inits, named },
    tornBytes: bytes.byteLength - length,
    begun: entries.find((entry) => entry.type === 'channel') ?? null,
    ended: entries.findLast((entry) => entry.type === 'end') ?? null,
    segments: [...segments.values()],
  };
}

/** What was noted as copied, by file; the last note holds. */
export async function readPublished(folder: string): Promise<ReadonlyMap<string, PublishedLine>> {
  const bytes = await readOrNull(join(folder, PUBLISHED_NAME));
  return new Map(parsePublished(bytes?.toString() ?? '').map((line) => [line.name, line]));
}

async function readOrNull(path: string): Promise<Buffer | null> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
