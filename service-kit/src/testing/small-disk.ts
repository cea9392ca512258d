/** A file system of its own and of few bytes, in memory: what a full disk really answers, without filling anybody's. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FILLER = '.filler';

export interface SmallDisk {
  readonly folder: string;
  /** Takes all but so many bytes, in whole pages of 4096. Again: takes more or less. */
  leave(bytes: number): Promise<void>;
  /** Unmounts it. */
  close(): Promise<void>;
}

/** Mounts a tmpfs, which takes the right to mount. @throws Error that says so where that is not given */
export async function openSmallDisk(bytes: number): Promise<SmallDisk> {
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-small-disk-'));
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', folder]);
  } catch (error) {
    await rm(folder, { recursive: true });
    throw new Error('no small file system could be mounted: run this as root, or with CAP_SYS_ADMIN', {
      cause: error,
    });
  }
  return {
    folder,
    async leave(wanted) {
      await rm(join(folder, FILLER), { force: true });
      const { bavail, bsize } = await statfs(folder);
      await writeFile(join(folder, FILLER), Buffer.alloc(Math.max(0, bavail * bsize - wanted), 1));
    },
    async close() {
      await run('umount', ['-l', folder]);
      await rm(folder, { recursive: true });
    },
  };
}
