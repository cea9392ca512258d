/** Whether a disk has room for a download: whatever is live needs what is left of it. */
import { statfsSync } from 'node:fs';

/** `needs`: bytes of the whole file. */
export class NoRoomError extends Error {
  readonly needs: number;

  constructor(needs: number, cause?: unknown) {
    super(`the disk has no room for ${needs} bytes`, { cause });
    this.name = 'NoRoomError';
    this.needs = needs;
  }
}

/** Would so many bytes more leave the disk below the share of it that may be used? As df counts: root's own share is no part of it. */
export function hasRoom(folder: string, bytes: number, maxUsedShare: number): boolean {
  const { blocks, bavail, bfree, bsize } = statfsSync(folder);
  const used = (blocks - bfree) * bsize;
  return used + bytes <= (used + bavail * bsize) * maxUsedShare;
}

const DISK_CODES: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

/** Does the disk not take it? */
export const isOfDisk = (error: unknown): boolean =>
  DISK_CODES.has((error as NodeJS.ErrnoException | null)?.code);
