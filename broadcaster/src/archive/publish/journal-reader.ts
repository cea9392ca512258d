/** Reads a journal piece by piece, from a place on. */
import { open } from 'node:fs/promises';
import { type JournalEntry, parseJournal } from '../journal.ts';

export interface PlacedEntry {
  readonly entry: JournalEntry;
  /** Bytes of the journal up to the end of its line. */
  readonly end: number;
}

const PIECE_BYTES = 64 * 1024;
/** A line of a segment with its parts has a few hundred bytes. */
const LONGEST_LINE = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * Whole lines from byte `from` on, some dozens at a time; a line that cannot be read is left out. `next`: where to go on; equal to
 * `from` when there is nothing more yet. Rejects with the file system's error.
 */
export async function readEntries(
  path: string,
  from: number,
): Promise<{ readonly entries: readonly PlacedEntry[]; readonly next: number }> {
  const file = await open(path, 'r');
  try {
    for (let length = PIECE_BYTES; ; length *= 4) {
      const piece = Buffer.alloc(length);
      const { bytesRead } = await file.read(piece, 0, length, from);
      const bytes = piece.subarray(0, bytesRead);
      if (bytes.includes(NEWLINE)) return placed(bytes, from);
      if (bytesRead < length) return { entries: [], next: from }; // the line is being written
      if (length > LONGEST_LINE) throw new Error(`${path} has no line end after byte ${from}`);
    }
  } finally {
    await file.close();
  }
}

function placed(bytes: Buffer, from: number): { entries: PlacedEntry[]; next: number } {
  const entries: PlacedEntry[] = [];
  let start = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, start)) {
    const [entry] = parseJournal(bytes.subarray(start, at + 1)).entries;
    start = at + 1;
    if (entry) entries.push({ entry, end: from + start });
  }
  return { entries, next: from + start };
}
