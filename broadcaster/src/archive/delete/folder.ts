/** A channel's folder, taken away. */
import { lstat, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Id } from '@rostrum/contracts/ids';
import { nodeDisk } from '../disk.ts';
import { REMOVED } from '../retention.ts';

export type Removed = 'removed' | 'nothing-there' | 'link-removed';

/**
 * Removes a channel's folder with all that is in it, at once for readers; what a crash leaves of it goes with the next call. Links
 * are removed and never followed: what lies outside of the archive stays, and `link-removed` says so. Rejects with the file
 * system's error, or where `channelId` is no id.
 */
export async function removeChannelFolder(archiveDir: string, channelId: string): Promise<Removed> {
  const folder = join(archiveDir, Id.parse(channelId));
  const removed = join(archiveDir, `${REMOVED}${channelId}`);
  await rm(removed, { recursive: true, force: true });
  const stat = await lstat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (stat) await rename(folder, removed);
  await nodeDisk.syncFolder(archiveDir);
  await rm(removed, { recursive: true, force: true });
  if (!stat) return 'nothing-there';
  return stat.isSymbolicLink() ? 'link-removed' : 'removed';
}
