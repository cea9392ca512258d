/** What a download was made of, which stands in its first bytes. */
import type { FileHandle } from 'node:fs/promises';
import { ascii, box, u32 } from '../packager/boxes.ts';

/** The key of what a file was made of, in a box that players pass over, behind `ftyp` and so always at the same place. */
export const KEY_BYTES = 32;
const FTYP = box('ftyp', ascii('isom'), u32(0x200), ...['isom', 'iso2', 'avc1', 'mp41'].map(ascii));
const KEY_AT = FTYP.byteLength + 8;
/** So many bytes of a file say what it was made of. */
export const FILE_START_BYTES = KEY_AT + KEY_BYTES;

export const fileStart = (key: Uint8Array): Uint8Array => Buffer.concat([FTYP, box('free', key)]);

/** The key in a file's first bytes; null: it is none of ours. */
export function keyIn(start: Uint8Array): Uint8Array | null {
  if (start.byteLength < FILE_START_BYTES) return null;
  const key = start.slice(KEY_AT, FILE_START_BYTES);
  return Buffer.compare(fileStart(key), start.subarray(0, FILE_START_BYTES)) === 0 ? key : null;
}

/** The key in an open file; null: it is no download of ours. */
export async function keyInFile(file: FileHandle): Promise<Uint8Array | null> {
  const start = Buffer.alloc(FILE_START_BYTES);
  const { bytesRead } = await file.read(start, 0, start.byteLength, 0);
  return keyIn(start.subarray(0, bytesRead));
}
