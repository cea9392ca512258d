/** Which scene was when, beside a channel's tracks: what a new picture is made from (recompose/). */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Scene } from '@rostrum/contracts';
import type { Logger } from '@rostrum/service-kit/logger';
import { z } from 'zod';
import { readJsonLines } from '../archive/json-lines.ts';

/** In the channel's folder: one JSON line a scene, only ever appended to. */
export const SCENES_FILE = 'tracks/scenes.jsonl';

/** By the programme's clock, as the tracks are. */
const SceneEntry = z.object({ atUnixMs: z.number().nonnegative(), scene: Scene });
export type SceneEntry = z.infer<typeof SceneEntry>;

/** Before there are tracks, and after the disk took nothing. */
const MOST_WAITING = 1000;

export interface SceneLogOptions {
  /** The channel's. */
  readonly folder: string;
  readonly nowUnixMs: () => number;
  readonly logger: Logger;
}

/** Writes nothing before there are tracks: then what came before them too. */
export class SceneLog {
  readonly #options: SceneLogOptions;
  #waiting: SceneEntry[] = [];
  #tracksAreThere = false;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: SceneLogOptions) {
    this.#options = options;
  }

  note(scene: Scene): void {
    this.#waiting.push({ atUnixMs: this.#options.nowUnixMs(), scene });
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    if (this.#tracksAreThere) this.#write();
  }

  /** A file of the tracks is on disk, so that their folder is there. Idempotent. */
  begin(): void {
    if (this.#tracksAreThere) return;
    this.#tracksAreThere = true;
    this.#write();
  }

  /** Resolves when what was noted is on disk, or could not be written. Never rejects. */
  settled(): Promise<void> {
    return this.#writing;
  }

  #write(): void {
    this.#writing = this.#writing.then(async () => {
      const entries = this.#waiting.splice(0);
      if (entries.length === 0) return;
      try {
        const file = await open(join(this.#options.folder, SCENES_FILE), 'a');
        try {
          // Each begins with an end of line as well: the one before it may be torn.
          await file.appendFile(entries.map((entry) => `\n${JSON.stringify(entry)}\n`).join(''));
          await file.datasync();
        } finally {
          await file.close();
        }
      } catch (error) {
        this.#options.logger.warn(
          { err: error },
          'scenes could not be noted beside the tracks; they are with the next one',
        );
        this.#waiting = [...entries, ...this.#waiting].slice(-MOST_WAITING);
      }
    });
  }
}

/** In the order of their times; lines that cannot be read are left out. Of a file that is not there: nothing. */
export async function readScenes(folder: string): Promise<SceneEntry[]> {
  const scenes = await readJsonLines(SceneEntry, join(folder, SCENES_FILE));
  return scenes.toSorted((a, b) => a.atUnixMs - b.atUnixMs);
}
