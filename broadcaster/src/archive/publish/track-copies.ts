/**
 * Removes copies of isolated tracks that were deleted, and has those of what tells of tracks say so. Level-triggered: what the
 * journal of the tracks says is erased, and not that its copies are, is to go.
 */
import { appendFile, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Backoff } from '@rostrum/service-kit/backoff';
import { Drain } from '@rostrum/service-kit/drain';
import type { Logger } from '@rostrum/service-kit/logger';
import {
  readTracks,
  stateOf,
  TRACKS_FOLDER,
  TRACKS_JOURNAL,
  TRACKS_MANIFEST,
  type TrackState,
  trackLine,
} from '../../isolated/journal.ts';
import { manifestOf } from '../../isolated/manifest.ts';
import { Gate } from './gate.ts';
import type { PublishTarget } from './target.ts';
import { headersOf, objectNames } from './wanted.ts';

export interface TrackCopiesOptions {
  readonly archiveDir: string;
  readonly target: PublishTarget;
  /** Is all of the channel in the bucket, so that nothing of it is on its way? */
  readonly complete: (channelId: string) => boolean;
  readonly logger: Logger;
  readonly backoff?: Backoff;
  readonly lookIntervalMs?: number;
}

const BACKOFF: Backoff = { firstMs: 1000, maxMs: 30_000 };
const LOOK_INTERVAL_MS = 1000;

export class TrackCopies {
  readonly #options: TrackCopiesOptions;
  readonly #gate: Gate;
  readonly #wanted = new Set<string>();
  readonly #drain = new Drain(() => this.#eraseAll());
  readonly #timer: NodeJS.Timeout;
  #erasing: { readonly channelId: string; readonly stopped: AbortController; done: Promise<void> } | null =
    null;
  #closed = false;

  constructor(options: TrackCopiesOptions) {
    const { logger } = options;
    this.#options = options;
    this.#gate = new Gate({
      atOnce: 1,
      backoff: options.backoff ?? BACKOFF,
      onFailure: (error, first) => {
        if (first) logger.warn({ err: error }, 'copies of deleted tracks cannot be removed, trying again');
      },
      onRecovery: () => logger.info({}, 'copies of deleted tracks can be removed again'),
    });
    this.#timer = setInterval(() => {
      if (this.#wanted.size > 0) this.#drain.wake();
    }, options.lookIntervalMs ?? LOOK_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Tracks of it may have been deleted. */
  want(channelId: string): void {
    this.#wanted.add(channelId);
    this.#drain.wake();
  }

  /** May there be copies that are to go? */
  waits(channelId: string): boolean {
    return this.#wanted.has(channelId) || this.#erasing?.channelId === channelId;
  }

  /** All of the channel is removed by somebody else: nothing comes after this. */
  async forget(channelId: string): Promise<void> {
    this.#wanted.delete(channelId);
    if (this.#erasing?.channelId !== channelId) return;
    this.#erasing.stopped.abort();
    await this.#erasing.done;
    this.#wanted.delete(channelId);
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#gate.stop();
    await this.#drain.settled();
    this.#options.target.close();
  }

  async #eraseAll(): Promise<void> {
    for (const channelId of [...this.#wanted]) {
      if (this.#closed) return;
      if (!this.#wanted.has(channelId) || !this.#options.complete(channelId)) continue;
      // What is deleted meanwhile is wanted again.
      this.#wanted.delete(channelId);
      const stopped = new AbortController();
      const done = this.#erase(channelId, stopped.signal).catch((error: unknown) => {
        if (this.#closed || stopped.signal.aborted) return;
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // the recording is gone
        this.#options.logger.error(
          { err: error, channelId },
          'copies of deleted tracks could not be removed',
        );
        this.#wanted.add(channelId);
      });
      this.#erasing = { channelId, stopped, done };
      await done;
      this.#erasing = null;
    }
  }

  async #erase(channelId: string, signal: AbortSignal): Promise<void> {
    const folder = join(this.#options.archiveDir, channelId);
    const path = join(folder, TRACKS_JOURNAL);
    const state = stateOf(await readTracks(path));
    const files = [...state.erased].slice(state.copiesErased);
    if (files.length === 0) return;
    // Who reads them finds nothing that is not there.
    for (const file of tellingFiles(channelId, state, files))
      await this.#put(channelId, folder, file, signal);
    for (const beginning of beginningsOf(channelId, state, files))
      await this.#run(signal, (both) => this.#options.target.remove(beginning, both));
    await appendFile(path, trackLine({ type: 'copiesErased', files: state.erased.size }));
    this.#options.logger.info({ channelId, files: files.length }, 'copies of deleted tracks are gone');
  }

  async #put(channelId: string, folder: string, file: string, signal: AbortSignal): Promise<void> {
    const bytes = await readFile(join(folder, file));
    const object = { name: objectNames.track(channelId, file), bytes, ...headersOf('track') };
    await this.#run(signal, (both) => this.#options.target.put(object, both));
  }

  #run<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#gate.run('later', async (stopped) => {
      try {
        return await work(AbortSignal.any([signal, stopped]));
      } catch (error) {
        signal.throwIfAborted(); // no failure of the bucket's
        throw error;
      }
    });
  }
}

/** The manifest, and lists of what is left of tracks that lost some of it. */
function tellingFiles(channelId: string, state: TrackState, files: readonly string[]): string[] {
  const folders = new Set(files.map((file) => dirname(file)));
  const lists = manifestOf(channelId, state)
    .tracks.filter(({ id }) => folders.has(`${TRACKS_FOLDER}/${id}`))
    .flatMap(({ takes }) => takes.map(({ list }) => `${TRACKS_FOLDER}/${list}`));
  return [...lists, TRACKS_MANIFEST];
}

/** What names of objects that are to go begin with: a track of which nothing is left goes at once. */
function beginningsOf(channelId: string, state: TrackState, files: readonly string[]): Set<string> {
  const kept = new Set([...state.chunks, ...state.open].map(({ file }) => dirname(file)));
  const name = (file: string): string =>
    objectNames.track(channelId, kept.has(dirname(file)) ? file : `${dirname(file)}/`);
  return new Set(files.map(name));
}
