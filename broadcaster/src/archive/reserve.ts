/** Room that is kept back, so that a show can be taken up again on a disk that is full. */
import { rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeDisk } from './disk.ts';

const RESERVE_NAME = '.reserve';
/** What a channel that was killed needs to be opened: the segments that were open, and a few lines of the journal. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Of a small disk no more than this. */
const MAX_SHARE = 0.02;

export class Reserve {
  readonly #folder: string;
  readonly #path: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.#path = join(folder, RESERVE_NAME);
  }

  /** Takes the room, unless it is taken. Rejects with the file system's error where there is none; nothing is left of it then. */
  async keep(): Promise<void> {
    const { blocks, bsize } = await statfs(this.#folder);
    const bytes = Math.floor(Math.min(MAX_BYTES, blocks * bsize * MAX_SHARE));
    const known = await stat(this.#path).catch(() => null);
    if (known?.size === bytes) return;
    try {
      await nodeDisk.writeFile(this.#path, [Buffer.alloc(bytes, 1)]);
    } catch (error) {
      await rm(this.#path, { force: true });
      throw error;
    }
  }

  /** Does the work; where it finds no room, the reserve is given up for it, and it is done again. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      const spent = await rm(this.#path).then(
        () => true,
        () => false, // there is none: it was given up before
      );
      if (!spent) throw error;
      return work();
    }
  }
}
