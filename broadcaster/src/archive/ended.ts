/** Whether a channel's journal has its end, without reading all of it. */
import { open } from 'node:fs/promises';
import { parseJournal } from './journal.ts';

/** The line of the end is the last one, and short. */
const TAIL_BYTES = 512;

/** When a channel ended, Unix ms; `open`: it has not; null: there is none, or nothing of it was begun. */
export async function endOf(journal: string): Promise<number | 'open' | null> {
  const file = await open(journal, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (!file) return null;
  try {
    const { size } = await file.stat();
    if (size === 0) return null;
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await file.read(tail, 0, tail.byteLength, size - tail.byteLength);
    const last = parseJournal(tail).entries.at(-1);
    return last?.type === 'end' ? last.endedUnixMs : 'open';
  } finally {
    await file.close();
  }
}
