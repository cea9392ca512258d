/** How far the copy of a download in the bucket is, noted beside it. */
import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DOWNLOADS_FOLDER } from '../../download/names.ts';
import { nodeDisk } from '../disk.ts';

/** `upload`: begun, and not finished as far as is known; null: it is there. */
export const UploadNote = z.object({ key: z.string(), upload: z.string().nullable() });
export type UploadNote = z.infer<typeof UploadNote>;

const ENDING = '.upload.json';
const pathOf = (folder: string, rendition: string): string =>
  join(folder, DOWNLOADS_FOLDER, `${rendition}${ENDING}`);

/** null: nothing is noted that can be read. */
export async function readNote(folder: string, rendition: string): Promise<UploadNote | null> {
  try {
    return UploadNote.parse(JSON.parse(await readFile(pathOf(folder, rendition), 'utf8')));
  } catch {
    return null;
  }
}

/** Durable: what is begun and not noted would lie in the bucket unseen. Rejects where the download's folder is gone. */
export const writeNote = (folder: string, rendition: string, note: UploadNote): Promise<void> =>
  nodeDisk.replaceFile(pathOf(folder, rendition), [new TextEncoder().encode(JSON.stringify(note))]);

/** The folder goes with the last of what was in it. */
export async function removeNote(folder: string, rendition: string): Promise<void> {
  await rm(pathOf(folder, rendition), { force: true });
  await rmdir(join(folder, DOWNLOADS_FOLDER)).catch(() => undefined); // there is more in it
}

/** Renditions that have a download, or a note of one, in a channel's folder. */
export async function renditionsIn(folder: string): Promise<string[]> {
  const names = await readdir(join(folder, DOWNLOADS_FOLDER)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  const found = names.flatMap((name) => /^([A-Za-z0-9_-]{1,32})\.(mp4|upload\.json)$/.exec(name)?.[1] ?? []);
  return [...new Set(found)];
}
