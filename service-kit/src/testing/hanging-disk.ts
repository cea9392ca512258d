/** A file system of its own on a loop device that hangs when it is told to: whoever writes to it waits, in the kernel. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface HangingDisk {
  readonly folder: string;
  /** Resolves when it hangs, with how to tell whether it still does, and with when it is over. */
  hangFor(ms: number): Promise<{ hangs(): boolean; readonly over: Promise<unknown> }>;
  /** Unmounts it. */
  close(): Promise<void>;
}

/** Makes an ext4, which takes the right to mount. @throws Error that says so where that is not given */
export async function openHangingDisk(bytes: number): Promise<HangingDisk> {
  const base = await mkdtemp(join(tmpdir(), 'rostrum-hanging-disk-'));
  const folder = join(base, 'disk');
  const image = join(base, 'image');
  await mkdir(folder);
  await writeFile(image, '');
  await truncate(image, bytes);
  try {
    await run('/usr/sbin/mkfs.ext4', ['-q', '-F', image]);
    await run('mount', ['-o', 'loop', image, folder]);
  } catch (error) {
    await rm(base, { recursive: true });
    throw new Error('no file system could be mounted from a file: run this as root, or with CAP_SYS_ADMIN', {
      cause: error,
    });
  }
  let over: Promise<unknown> = Promise.resolve();
  return {
    folder,
    async hangFor(ms) {
      // By another process: whoever waits for the disk, which may be us, cannot bring it back.
      const script = 'fsfreeze -f "$1" && echo hangs && sleep "$2"; fsfreeze -u "$1"';
      const child = spawn('sh', ['-c', script, 'sh', folder, String(ms / 1000)], {
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true,
        env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin` },
      });
      over = once(child, 'exit');
      const [word] = (await Promise.race([once(child.stdout, 'data'), over])) as [Buffer | number];
      if (typeof word === 'number') throw new Error(`fsfreeze ended with ${word}`);
      return {
        // Of one that has ended there is none, whether or not we heard of it.
        hangs: () => {
          try {
            return readFileSync(`/proc/${child.pid}/cmdline`, 'utf8') !== '';
          } catch {
            return false;
          }
        },
        over,
      };
    },
    async close() {
      await over;
      await run('umount', ['-l', folder]);
      await rm(base, { recursive: true });
    },
  };
}
