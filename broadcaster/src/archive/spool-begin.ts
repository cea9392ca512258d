/** How a spool's file is begun, and how the thread that does it is told. */
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeWholeSync } from './disk.ts';

/** Of `BeginOrder.state`; 0 before. */
export const WRITTEN = 1;
export const FAILED = 2;

export interface BeginOrder {
  readonly id: number;
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly state: Int32Array;
}

export interface Begun {
  readonly id: number;
  /** It is written where absent. */
  readonly error?: { readonly code: string | undefined; readonly message: string };
}

/** Makes the file anew, with these bytes. Throws the file system's error. */
export function beginSync(path: string, pieces: readonly Uint8Array[]): void {
  for (const folder of [dirname(dirname(path)), dirname(path)]) makeFolder(folder);
  const file = openSync(path, 'w');
  try {
    writeWholeSync(file, pieces);
  } finally {
    closeSync(file);
  }
}

/** Not its parents: where the channel's folder is gone, its disk is, and what lies below the mount point is another. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
