import { readFile } from 'node:fs/promises';
import type { z } from 'zod';

/** Each line of a text that is what it should be; others, as one that was torn by a crash, are left out. */
export function jsonLines<T>(schema: z.ZodType<T>, text: string): T[] {
  return text.split('\n').flatMap((line) => {
    if (line === '') return [];
    try {
      return schema.safeParse(JSON.parse(line)).data ?? [];
    } catch {
      return [];
    }
  });
}

/** Of a file that is not there: nothing. Rejects with the file system's error. */
export async function readJsonLines<T>(schema: z.ZodType<T>, path: string): Promise<T[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return jsonLines(schema, text);
}
