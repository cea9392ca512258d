/** The few things the archive asks of a file system. What returns has been fsynced. */
import { writeSync } from 'node:fs';
import { constants, type FileHandle, mkdir, open, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Disk {
  /**
   * Makes a folder and its parents, durably. `root`: a folder above it that is there already, and fails where it is not: below
   * a mount point whose disk is gone lies another disk, on which nothing of ours belongs.
   */
  makeFolder(path: string, root?: string): Promise<void>;
  /** Writes a whole file and fsyncs it; its name is durable after `syncFolder` of its folder. */
  writeFile(path: string, pieces: readonly Uint8Array[]): Promise<void>;
  /** As `writeFile`, but the old content stays until the new one is whole. Durable. */
  replaceFile(path: string, pieces: readonly Uint8Array[]): Promise<void>;
  syncFolder(path: string): Promise<void>;
  /**
   * Writes at `position`, cutting off what was there after it, and fsyncs. Fails when there is less than that before it: then
   * it is not the file that was written to.
   */
  writeTail(path: string, position: number, bytes: Uint8Array): Promise<void>;
}

/**
 * Writes all of it. A system call may write less than it was given and report no error (write(2): a nearly full file system, a
 * limit, a signal); the next one then says why.
 * @param position in the file; at its end where absent
 */
export async function writeWhole(
  file: Pick<FileHandle, 'write'>,
  pieces: readonly Uint8Array[],
  position: number | null = null,
): Promise<void> {
  let at = position;
  for (const piece of pieces) {
    for (let done = 0; done < piece.byteLength; ) {
      const { bytesWritten } = await file.write(piece, done, piece.byteLength - done, at);
      if (bytesWritten === 0) throw nothingWritten(piece.byteLength - done);
      done += bytesWritten;
      if (at !== null) at += bytesWritten;
    }
  }
}

/** The same at once, from the file's beginning. @param fd of an empty file */
export function writeWholeSync(fd: number, pieces: readonly Uint8Array[]): void {
  for (const piece of pieces) {
    for (let done = 0; done < piece.byteLength; ) {
      const bytesWritten = writeSync(fd, piece, done, piece.byteLength - done);
      if (bytesWritten === 0) throw nothingWritten(piece.byteLength - done);
      done += bytesWritten;
    }
  }
}

/** POSIX has no such answer for a regular file; a loop without end would be worse than an error. */
const nothingWritten = (bytes: number): Error => new Error(`nothing of ${bytes} bytes was written`);

/**
 * In place: what is written again is the same, and the journal may name it already where its own sync failed. So a file that was
 * whole once is never seen, or left by a crash, as less.
 */
async function writeAndSync(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT);
  try {
    await writeWhole(file, pieces);
    await file.truncate(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The real one. */
export const nodeDisk: Disk = {
  writeFile: writeAndSync,
  syncFolder,
  async makeFolder(path, root) {
    if (root !== undefined) await stat(root);
    const first = await mkdir(path, { recursive: true });
    // Below a root all names are synced, whoever made them: those that are there may be there for this process alone.
    const top = root ?? (first === undefined ? path : dirname(first));
    for (let at = path; at.length > top.length; at = dirname(at)) await syncFolder(dirname(at));
  },
  async replaceFile(path, pieces) {
    await writeAndSync(`${path}.new`, pieces);
    await rename(`${path}.new`, path);
    await syncFolder(dirname(path));
  },
  async writeTail(path, position, bytes) {
    const { O_APPEND, O_CREAT, O_RDWR } = constants;
    const file = await open(path, O_RDWR | O_APPEND | (position === 0 ? O_CREAT : 0));
    try {
      const { size } = await file.stat();
      if (size < position) throw new Error(`${path} has ${size} bytes of the ${position} that were written`);
      await file.truncate(position);
      await file.appendFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
  },
};
