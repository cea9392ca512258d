/** Where downloads lie below a channel's folder, and what of them is there. */
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordingCut } from '@rostrum/contracts/recording';
import { keyInFile } from '../../download/key.ts';
import { downloadName } from '../../download/names.ts';
import { JOURNAL_NAME } from '../journal.ts';

/** While it is made. Of a boot of the machine: what an earlier one left may have holes, where power was cut. */
export const unfinishedName = (rendition: string): string =>
  `${downloadName(rendition)}.${bootId().slice(0, 8)}.part`;

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** Another number where the same recording becomes another file. */
const FORMAT = 1;

/**
 * What a download is made of, as 32 bytes: the same key, the same file to the byte. The journal names each file of the recording, and no
 * name is ever given twice.
 */
export async function keyOf(
  folder: string,
  rendition: string,
  cuts: readonly RecordingCut[],
): Promise<Buffer> {
  const hash = createHash('sha256');
  const times = cuts.map(({ fromUnixMs, toUnixMs }) => [fromUnixMs, toUnixMs]);
  hash.update(`${JSON.stringify([FORMAT, rendition, times])}\n`);
  for await (const piece of createReadStream(join(folder, JOURNAL_NAME))) hash.update(piece as Buffer);
  return hash.digest();
}

/** Of a download that is there whole; null: there is none. */
export async function madeOf(
  path: string,
): Promise<{ readonly key: Uint8Array; readonly bytes: number } | null> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  });
  if (!file) return null;
  try {
    const key = await keyInFile(file);
    return key && { key, bytes: (await file.stat()).size };
  } finally {
    await file.close();
  }
}
