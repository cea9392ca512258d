/** Which downloads of a recording are wanted, kept beside them: whoever starts next makes them. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RecordingCut } from '@rostrum/contracts/recording';
import { z } from 'zod';
import { nodeDisk } from '../disk.ts';
import { DOWNLOADS_FOLDER } from './files.ts';

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
