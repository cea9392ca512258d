import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';

const Ids = z.array(z.string().min(1));

/**
 * Which webinars the demo made and has not ended, in a file beside the database that they are in: a demo that was killed is
 * cleaned up after by the next one, which can thereby end no webinar but a demo's.
 */
export class OwnWebinars {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  async list(): Promise<string[]> {
    try {
      return Ids.parse(JSON.parse(await readFile(this.#file, 'utf8')));
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new Error(`${this.#file} cannot be read; delete it if the demo's last webinar has ended`, {
        cause,
      });
    }
  }

  async add(webinarId: string): Promise<void> {
    await this.#write([...(await this.list()), webinarId]);
  }

  async remove(webinarId: string): Promise<void> {
    await this.#write((await this.list()).filter((id) => id !== webinarId));
  }

  async #write(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return rm(this.#file, { force: true });
    await mkdir(dirname(this.#file), { recursive: true });
    await writeFile(`${this.#file}.new`, JSON.stringify(ids));
    await rename(`${this.#file}.new`, this.#file);
  }
}
