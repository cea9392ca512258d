/** Posters of ended recordings. Whatever goes wrong with one, the recording is what it is. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { KeyedQueue } from '@rostrum/service-kit/keyed-queue';
import type { Logger } from '@rostrum/service-kit/logger';
import { POSTER_NAME } from '../../packager/index.ts';
import { type Disk, nodeDisk } from '../disk.ts';
import { POSTER_NOTE, posterSegment, readRecording, tellExtras } from '../recording-files.ts';
import { readShape } from '../shape.ts';
import { type PosterFrame, posterFrame } from './frame.ts';
import { stillOf } from './still.ts';

export interface PostersOptions {
  readonly archiveDir: string;
  readonly logger: Logger;
  /** Runs a task while nothing else is done with the channel. */
  readonly inTurn: (channelId: string, task: () => Promise<void>) => Promise<void>;
  readonly disk?: Disk;
  readonly still?: typeof stillOf;
  /** One is there now, and is told of. */
  readonly made?: (channelId: string) => void;
}

export class Posters {
  readonly #options: PostersOptions;
  readonly #disk: Disk;
  /** One at a time. */
  readonly #queue = new KeyedQueue();
  readonly #stopped = new AbortController();

  constructor(options: PostersOptions) {
    this.#options = options;
    this.#disk = options.disk ?? nodeDisk;
  }

  /** A recording ended, or plays something else now. Resolves when it has its poster, or there is none to be had; never rejects. */
  async want(channelId: string): Promise<void> {
    try {
      await this.#queue.run('all', () => this.#make(channelId));
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      this.#options.logger.warn({ err: error, channelId }, 'a recording has no poster');
    }
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#stopped.abort();
    await this.#queue.settled();
  }

  async #make(channelId: string): Promise<void> {
    const { signal } = this.#stopped;
    if (signal.aborted) return;
    const folder = join(this.#options.archiveDir, channelId);
    const { revision, cuts } = await readShape(folder);
    const recording = await readRecording(folder, cuts);
    // In the order of the ladder: the best first.
    const frame = recording?.playlists
      .filter(({ kind }) => kind === 'key-frames')
      .map(({ pieces }) => posterFrame(pieces))
      .find((found) => found !== null);
    if (!frame || (await posterSegment(folder)) === frame.segment) return;
    const files = await Promise.all([frame.init, frame.segment].map((name) => readFile(join(folder, name))));
    const jpeg = await (this.#options.still ?? stillOf)(Buffer.concat(files), signal);
    await this.#options.inTurn(channelId, async () => {
      // What is played now may be without that picture; then this is done again.
      if ((await readShape(folder)).revision === revision) await this.#keep(channelId, folder, frame, jpeg);
    });
  }

  async #keep(channelId: string, folder: string, { segment }: PosterFrame, jpeg: Buffer): Promise<void> {
    const write = (name: string, bytes: Uint8Array): Promise<void> =>
      this.#disk.replaceFile(join(folder, name), [bytes]);
    // First the picture: one of which nothing is known is taken away, and made again.
    await write(POSTER_NAME, jpeg);
    await write(POSTER_NOTE, Buffer.from(JSON.stringify({ segment })));
    await tellExtras(this.#disk, folder);
    this.#options.made?.(channelId);
  }
}
