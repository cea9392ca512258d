/** What is to be deleted and is not gone yet: a file each, which is durable before anything is. */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Id } from '@rostrum/contracts/ids';
import { z } from 'zod';
import { nodeDisk } from '../disk.ts';

/** Ids have no dot: it is no channel's. */
const FOLDER_NAME = '.deleted';

/** `forget`: of caches at once; `forget-again`: when nothing can come into them any more. */
export const Task = z.enum([
  'files',
  'bucket',
  'forget-edge',
  'forget-cdn',
  'forget-edge-again',
  'forget-cdn-again',
]);
export type Task = z.infer<typeof Task>;

const Tombstone = z.object({
  version: z.literal(1),
  channelId: Id,
  askedUnixMs: z.number(),
  /** What is not done yet. */
  left: z.array(Task),
});
export type Tombstone = z.infer<typeof Tombstone>;

export class Tombstones {
  readonly #archiveDir: string;
  readonly #folder: string;

  constructor(archiveDir: string) {
    this.#archiveDir = archiveDir;
    this.#folder = join(archiveDir, FOLDER_NAME);
  }

  /**
   * All there are. Of one that cannot be read the name says enough: null stands for what is left of it. Rejects with the file
   * system's error.
   */
  async read(): Promise<Map<string, Tombstone | null>> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const found = new Map<string, Tombstone | null>();
    for (const name of names) {
      const channelId = Id.safeParse(name.replace(/\.json$/, ''));
      if (!channelId.success || !name.endsWith('.json')) continue;
      const text = await readFile(join(this.#folder, name), 'utf8');
      const said = parsed(text);
      found.set(channelId.data, said?.channelId === channelId.data ? said : null);
    }
    return found;
  }

  /** Durable when it resolves. */
  async write(tombstone: Tombstone): Promise<void> {
    await nodeDisk.makeFolder(this.#folder, this.#archiveDir);
    const text = `${JSON.stringify(tombstone)}\n`;
    await nodeDisk.replaceFile(this.#path(tombstone.channelId), [new TextEncoder().encode(text)]);
  }

  async remove(channelId: string): Promise<void> {
    await rm(this.#path(channelId), { force: true });
    await nodeDisk.syncFolder(this.#folder);
  }

  #path(channelId: string): string {
    return join(this.#folder, `${Id.parse(channelId)}.json`);
  }
}

function parsed(text: string): Tombstone | undefined {
  try {
    return Tombstone.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // the caller begins with all of it
  }
}
