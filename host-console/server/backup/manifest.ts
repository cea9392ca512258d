import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Something that a person has to know and mend; no stack trace is wanted. */
export class BackupError extends Error {
  readonly code = 'backup';
}

export const MANIFEST_FILE = 'manifest.json';
/** Where the files of the data folder are in a backup. */
export const FILES_FOLDER = 'files';
export const DATABASE_FILE = { sqlite: 'database.sqlite', postgres: 'database.dump' } as const;

/** Relative, with slashes, and out of no folder. */
const RelativePath = z
  .string()
  .min(1)
  .refine(
    (path) => !path.startsWith('/') && path.split('/').every((part) => !['', '.', '..'].includes(part)),
  );

export const Manifest = z.object({
  format: z.literal(1),
  madeAt: z.iso.datetime(),
  engine: z.enum(['sqlite', 'postgres']),
  /** The last migration that the database has had. */
  schema: z.string().regex(/^\d{3}_\w+$/),
  /** Secrets and keys are among the files. */
  secrets: z.boolean(),
  /** What its logs came to when they were read. */
  webinars: z.int().nonnegative(),
  events: z.int().nonnegative(),
  files: z.array(
    z.object({
      path: RelativePath,
      bytes: z.int().nonnegative(),
      sha256: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  ),
});
export type Manifest = z.infer<typeof Manifest>;

/** Every file below a folder, sorted by path. What is neither file nor folder (a socket, a link) is left out. */
export async function filesBelow(folder: string, below = ''): Promise<string[]> {
  const files: string[] = [];
  for (const name of (await readdir(join(folder, below))).sort()) {
    const path = below === '' ? name : `${below}/${name}`;
    const found = await lstat(join(folder, path));
    if (found.isDirectory()) files.push(...(await filesBelow(folder, path)));
    else if (found.isFile()) files.push(path);
  }
  return files;
}

export async function described(folder: string, path: string): Promise<Manifest['files'][number]> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(join(folder, path)) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.byteLength;
  }
  return { path, bytes, sha256: hash.digest('hex') };
}
