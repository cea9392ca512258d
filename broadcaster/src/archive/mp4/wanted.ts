/** Which downloads of a recording are wanted, kept beside them: whoever starts next makes them. */
import { readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RecordingCut } from '@rostrum/contracts/recording';
import { z } from 'zod';
import { DOWNLOADS_FOLDER } from '../../download/names.ts';
import { nodeDisk } from '../disk.ts';

export const Wanted = z.object({
  renditions: z.array(z.string().regex(/^[A-Za-z0-9_-]{1,32}$/)),
  cuts: z.array(RecordingCut),
});
export type Wanted = z.infer<typeof Wanted>;

const pathIn = (folder: string): string => join(folder, DOWNLOADS_FOLDER, 'wanted.json');

export const sameWanted = (one: Wanted, other: Wanted): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** null: nothing is, as far as can be read. */
export async function readWanted(folder: string): Promise<Wanted | null> {
  try {
    return Wanted.parse(JSON.parse(await readFile(pathIn(folder), 'utf8')));
  } catch {
    return null; // it is told again by whoever wants them
  }
}

/** Its folder has to be there. Durable. */
export const writeWanted = (folder: string, wanted: Wanted): Promise<void> =>
  nodeDisk.replaceFile(pathIn(folder), [new TextEncoder().encode(JSON.stringify(wanted))]);

/** The folder goes with it, unless there is still something in it that is to be undone (a copy in a bucket). */
export async function removeWanted(folder: string): Promise<void> {
  await rm(pathIn(folder), { force: true });
  await rmdir(join(folder, DOWNLOADS_FOLDER)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY') throw error;
  });
}
