/** What a recording is to be, as the coordinator said it last; kept beside its files. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NO_SHAPE, RecordingShape } from '@rostrum/contracts/recording';
import type { Disk } from './disk.ts';

export const SHAPE_NAME = 'shape.json';

/** Of a channel's folder. What cannot be understood counts as nothing said: it is said again. Rejects with the file system's error. */
export async function readShape(folder: string): Promise<RecordingShape> {
  const text = await readFile(join(folder, SHAPE_NAME), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
    throw error;
  });
  return shapeOf(text) ?? NO_SHAPE;
}

export function writeShape(disk: Disk, folder: string, shape: RecordingShape): Promise<void> {
  return disk.replaceFile(join(folder, SHAPE_NAME), [new TextEncoder().encode(JSON.stringify(shape))]);
}

function shapeOf(text: string): RecordingShape | null {
  try {
    return RecordingShape.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null; // no JSON
  }
}
