/** Which recording goes when a full disk has to lose one, and how it goes. */
import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeDisk } from './disk.ts';
import { JOURNAL_NAME, parseJournal } from './journal.ts';

/** A folder with this in front is no channel's any more: ids have no dot. */
const REMOVED = '.removed-';
/** The line of the end is the last one, and short. */
const TAIL_BYTES = 512;

/**
 * Removes the finished recording that ended first; what has not ended is never touched. At once for readers, whenever this
 * process dies meanwhile: what is left of it goes with the next call. Resolves with its id; with null when there is none.
 */
export async function removeOldestRecording(
  archiveDir: string,
  keep: (channelId: string) => boolean,
): Promise<string | null> {
  const names = await readdir(archiveDir);
  for (const name of names) {
    if (name.startsWith(REMOVED)) await rm(join(archiveDir, name), { recursive: true, force: true });
  }
  const ended = await Promise.all(
    names
      .filter((name) => !name.startsWith('.') && !keep(name))
      .map(async (name) => ({ name, endedUnixMs: await endOf(join(archiveDir, name, JOURNAL_NAME)) })),
  );
  const [oldest] = ended
    .flatMap(({ name, endedUnixMs }) => (endedUnixMs === null ? [] : [{ name, endedUnixMs }]))
    .toSorted((a, b) => a.endedUnixMs - b.endedUnixMs);
  if (!oldest) return null;
  const removed = join(archiveDir, `${REMOVED}${oldest.name}`);
  await rename(join(archiveDir, oldest.name), removed);
  await nodeDisk.syncFolder(archiveDir);
  await rm(removed, { recursive: true, force: true });
  return oldest.name;
}

/** When a channel ended, Unix ms; null: it has not, or there is none. */
async function endOf(journal: string): Promise<number | null> {
  const file = await open(journal, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (!file) return null;
  try {
    const { size } = await file.stat();
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    await file.read(tail, 0, tail.byteLength, size - tail.byteLength);
    const last = parseJournal(tail).entries.at(-1);
    return last?.type === 'end' ? last.endedUnixMs : null;
  } finally {
    await file.close();
  }
}
