import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Id } from '@rostrum/contracts/ids';
import type { Logger } from '@rostrum/service-kit/logger';
import { endOf } from './ended.ts';
import { JOURNAL_NAME } from './journal.ts';

/**
 * Channels that were begun in a folder and not ended. Its own process keeps the list once the folder was looked through; the
 * coordinator is told some at a time, and has those finished whose webinar has ended meanwhile.
 */
export class OpenArchives {
  /** First those that were named the longest ago. */
  readonly #ids = new Set<string>();
  /** Ended before the folder was looked through. */
  readonly #ended = new Set<string>();
  #found = false;

  begun(channelId: string): void {
    this.#ids.add(channelId);
  }

  ended(channelId: string): void {
    this.#ids.delete(channelId);
    if (!this.#found) this.#ended.add(channelId);
  }

  /** Looks through the folder, one channel after the other. What cannot be read is told, and left out. */
  async find(archiveDir: string, logger: Logger): Promise<void> {
    for (const name of await readdir(archiveDir)) {
      if (!Id.safeParse(name).success) continue;
      const end = await endOf(join(archiveDir, name, JOURNAL_NAME)).catch((error: unknown) => {
        logger.warn({ err: error, channelId: name }, 'whether this recording has its end is not known');
        return null;
      });
      if (end === 'open' && !this.#ended.has(name)) this.#ids.add(name);
    }
    this.#found = true;
    this.#ended.clear();
  }

  /** At most so many of those that `runs` does not hold for; others the next time, all of them in turn. */
  some(atMost: number, runs: (channelId: string) => boolean): string[] {
    const named = [...this.#ids].filter((id) => !runs(id)).slice(0, atMost);
    for (const id of named) {
      this.#ids.delete(id);
      this.#ids.add(id);
    }
    return named;
  }
}
