/**
 * How far a channel's journal has been worked off, beside the journal: one line for each file that is in the bucket. Not fsynced.
 * What a crash takes from it goes up once more: the same bytes under the same name, which harms nobody.
 */
import { appendFile, open, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { JOURNAL_NAME, parseJournal } from '../journal.ts';
import { jsonLines } from '../json-lines.ts';
import { wantedFileOf } from './wanted.ts';

export const PUBLISHED_NAME = 'published.jsonl';
/** The name of a channel's end among files. */
export const END = 'end';

const line = z.object({
  /** The journal's line ends at this byte; all before it is in the bucket as well. */
  at: z.number().int().positive(),
  name: z.string(),
  byteLength: z.number().int().nonnegative(),
  /** Hex; absent when the file was not what the journal says: then it is left out. */
  md5: z.string().optional(),
});
export type PublishedLine = z.infer<typeof line>;

/** More than the longest lines of either file. */
const TAIL_BYTES = 16 * 1024;

/** Appends lines; after one that was torn they begin on a line of their own. What cannot be written goes up again after a restart: the caller may go on. */
export async function notePublished(
  folder: string,
  lines: readonly PublishedLine[],
  afterTorn = false,
): Promise<void> {
  const text = (afterTorn ? '\n' : '') + lines.map((one) => `${JSON.stringify(one)}\n`).join('');
  await appendFile(join(folder, PUBLISHED_NAME), text);
}

/**
 * Byte of the journal up to which all is in the bucket, and whether that is the channel's end. From the beginning where it
 * is not known, or tells of lines that the journal does not have (a power cut took them). Cuts off a torn last line.
 */
export async function publishedUpTo(
  folder: string,
): Promise<{ readonly at: number; readonly ended: boolean }> {
  const nothing = { at: 0, ended: false };
  const path = join(folder, PUBLISHED_NAME);
  const tail = await tailOf(path);
  if (!tail) return nothing;
  const whole = tail.bytes.lastIndexOf(0x0a) + 1;
  if (whole < tail.bytes.byteLength) await truncate(path, tail.start + whole);
  const text = tail.bytes.subarray(0, whole).toString().trimEnd();
  // Damaged: from the beginning, then.
  const [last] = parsePublished(text.slice(text.lastIndexOf('\n') + 1));
  if (!last) return nothing;
  const said = await tailOf(join(folder, JOURNAL_NAME), last.at);
  if (!said || said.start + said.bytes.byteLength !== last.at) return nothing;
  const entry = parseJournal(said.bytes).entries.at(-1);
  if (said.bytes.at(-1) !== 0x0a || !entry) return nothing;
  if (last.name === END) return entry.type === 'end' ? { at: last.at, ended: true } : nothing;
  return wantedFileOf(entry)?.file === last.name ? { at: last.at, ended: false } : nothing;
}

/** All notes of a text, those that cannot be read left out. */
export const parsePublished = (text: string): PublishedLine[] => jsonLines(line, text);

/** The last bytes of a file, before `end` where that is given; null: there is none. */
async function tailOf(path: string, end?: number): Promise<{ bytes: Buffer; start: number } | null> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!file) return null;
  try {
    const stop = Math.min(end ?? Number.POSITIVE_INFINITY, (await file.stat()).size);
    const start = Math.max(0, stop - TAIL_BYTES);
    const bytes = Buffer.alloc(stop - start);
    const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, start);
    return { bytes: bytes.subarray(0, bytesRead), start };
  } finally {
    await file.close();
  }
}
