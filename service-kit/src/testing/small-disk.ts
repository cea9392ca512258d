/** A file system of its own and of few bytes, in memory: what a full disk really answers, without filling anybody's. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FILLER = '.filler';

export interface SmallDisk {
  readonly folder: string;
  /** Takes all but so many bytes, in whole pages of 4096. Again: takes more or less. */
  leave(bytes: number): Promise<void>;
  /** It goes from under whoever uses it, as a disk that is pulled: its folder is there, and is empty. */
  vanish(): Promise<void>;
  /** It is back, with what was on it. */
  comeBack(): Promise<void>;
  readOnly(is: boolean): Promise<void>;
  /** Unmounts it. */
  close(): Promise<void>;
}

/** Mounts a tmpfs, which takes the right to mount. @throws Error that says so where that is not given */
export async function openSmallDisk(bytes: number): Promise<SmallDisk> {
  const base = await mkdtemp(join(tmpdir(), 'rostrum-small-disk-'));
  const folder = join(base, 'disk');
  const kept = join(base, 'kept');
  await mkdir(folder);
  await mkdir(kept);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', kept]);
    await run('mount', ['--bind', kept, folder]);
  } catch (error) {
    await run('umount', ['-l', kept]).catch(() => undefined); // it was not mounted at all
    await rm(base, { recursive: true });
    throw new Error('no small file system could be mounted: run this as root, or with CAP_SYS_ADMIN', {
      cause: error,
    });
  }
  let there = true;
  return {
    folder,
    async leave(wanted) {
      await rm(join(folder, FILLER), { force: true });
      const { bavail, bsize } = await statfs(folder);
      const filler = Buffer.alloc(Math.max(0, bavail * bsize - wanted), 1);
      await writeFile(join(folder, FILLER), filler).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOSPC') throw error; // somebody took room meanwhile: it is full all the same
      });
    },
    async vanish() {
      await run('umount', ['-l', folder]);
      there = false;
    },
    async comeBack() {
      await run('mount', ['--bind', kept, folder]);
      there = true;
    },
    async readOnly(is) {
      // Mounted anew: what is being written to cannot be turned.
      await run('umount', ['-l', folder]);
      await run('mount', ['--bind', '-o', is ? 'ro' : 'rw', kept, folder]);
    },
    async close() {
      if (there) await run('umount', ['-l', folder]);
      await run('umount', ['-l', kept]);
      await rm(base, { recursive: true });
    },
  };
}
