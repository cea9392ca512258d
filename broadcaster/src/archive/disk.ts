/** The few things the archive asks of a file system. What returns has been fsynced. */
import { mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Disk {
  /** Makes a folder and its parents, durably. */
  makeFolder(path: string): Promise<void>;
  /** Writes a whole file and fsyncs it; its name is durable after `syncFolder` of its folder. */
  writeFile(path: string, pieces: readonly Uint8Array[]): Promise<void>;
  /** As `writeFile`, but the old content stays until the new one is whole. Durable. */
  replaceFile(path: string, pieces: readonly Uint8Array[]): Promise<void>;
  syncFolder(path: string): Promise<void>;
  /** Writes at `position`, cutting off what was there after it, and fsyncs. */
  writeTail(path: string, position: number, bytes: Uint8Array): Promise<void>;
}

async function writeAndSync(path: string, pieces: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, 'w');
  try {
    if (pieces.length > 0) await file.writev([...pieces]);
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
  async makeFolder(path) {
    const first = await mkdir(path, { recursive: true });
    if (first === undefined) return;
    // Each new folder's name lies in its parent.
    for (let at = path; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
  },
  async replaceFile(path, pieces) {
    await writeAndSync(`${path}.new`, pieces);
    await rename(`${path}.new`, path);
    await syncFolder(dirname(path));
  },
  async writeTail(path, position, bytes) {
    const file = await open(path, 'a+');
    try {
      await file.truncate(position);
      await file.appendFile(bytes);
      await file.datasync();
    } finally {
      await file.close();
    }
  },
};
