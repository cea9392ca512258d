/** What an exported recording says of itself: `manifest.json` beside its files. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Id } from '@rostrum/contracts/ids';
import { z } from 'zod';

export const MANIFEST_NAME = 'manifest.json';
/** The recording's files are in here. */
export const FILES_NAME = 'files';

/** Parts of plain characters with slashes between: no way out of a folder, and nothing hidden. */
export const RelativePath = z
  .string()
  .max(300)
  .regex(/^[A-Za-z0-9_-][A-Za-z0-9_.-]*(\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*$/, 'a path within the recording');

const Manifest = z.object({
  version: z.literal(1),
  channelId: Id,
  exportedUnixMs: z.number(),
  files: z
    .array(
      z.object({
        path: RelativePath,
        bytes: z.int().nonnegative(),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
      }),
    )
    .max(2_000_000),
});
export type Manifest = z.infer<typeof Manifest>;

/** What was given is not what can be imported, or is in the way. `message` says what and where. */
export class CarryError extends Error {
  readonly code = 'refused';
}

/** @throws CarryError */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, MANIFEST_NAME), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR')
      throw new CarryError(`${folder} is no exported recording: it has no ${MANIFEST_NAME}`);
    throw error;
  });
  const parsed = Manifest.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new CarryError(`${MANIFEST_NAME} is damaged or not ours: ${issue?.path.join('.')} ${issue?.message}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
