/** Which recording goes when a full disk has to lose one, and how it goes. */
import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeDisk } from './disk.ts';
import { endOf } from './ended.ts';
import { JOURNAL_NAME } from './journal.ts';

/** A folder with this in front is no channel's any more: ids have no dot. */
export const REMOVED = '.removed-';

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
    .flatMap(({ name, endedUnixMs }) => (typeof endedUnixMs === 'number' ? [{ name, endedUnixMs }] : []))
    .toSorted((a, b) => a.endedUnixMs - b.endedUnixMs);
  if (!oldest) return null;
  const removed = join(archiveDir, `${REMOVED}${oldest.name}`);
  await rename(join(archiveDir, oldest.name), removed);
  await nodeDisk.syncFolder(archiveDir);
  await rm(removed, { recursive: true, force: true });
  return oldest.name;
}
