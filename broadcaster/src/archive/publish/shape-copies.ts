/**
 * Copies to a bucket what says how an ended recording is played: its playlists, what pages are told of it, its poster. They change
 * when it is cut, published or taken back; the media, which never do, are there before. Level-triggered: what is in the folder and is
 * not noted as copied goes up, and what is noted and in the folder no more is removed.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backoff } from '@rostrum/service-kit/backoff';
import { Drain } from '@rostrum/service-kit/drain';
import type { Logger } from '@rostrum/service-kit/logger';
import { z } from 'zod';
import { ABOUT_NAME, MULTIVARIANT_NAME, POSTER_NAME, withMediaInPlace } from '../../packager/index.ts';
import { nodeDisk } from '../disk.ts';
import { Gate } from './gate.ts';
import type { PublishTarget } from './target.ts';
import { headersOf, objectNames } from './wanted.ts';

export interface ShapeCopiesOptions {
  readonly archiveDir: string;
  readonly target: PublishTarget;
  /** Is all of its media in the bucket? */
  readonly complete: (channelId: string) => boolean;
  readonly logger: Logger;
  readonly backoff?: Backoff;
  readonly lookIntervalMs?: number;
}

const NOTE_NAME = 'copied.json';
const BACKOFF: Backoff = { firstMs: 1000, maxMs: 30_000 };
const LOOK_INTERVAL_MS = 1000;
const TYPES: Readonly<Record<string, string>> = {
  [ABOUT_NAME]: 'application/json',
  [POSTER_NAME]: 'image/jpeg',
};

/** By name: the digest of what is in the bucket. */
const Note = z.record(z.string(), z.string());
type Note = z.infer<typeof Note>;

export class ShapeCopies {
  readonly #options: ShapeCopiesOptions;
  readonly #gate: Gate;
  readonly #wanted = new Set<string>();
  readonly #drain = new Drain(() => this.#copyAll());
  readonly #timer: NodeJS.Timeout;
  #copying: string | null = null;
  #closed = false;

  constructor(options: ShapeCopiesOptions) {
    const { logger } = options;
    this.#options = options;
    this.#gate = new Gate({
      atOnce: 1,
      backoff: options.backoff ?? BACKOFF,
      onFailure: (error, first) => {
        if (first)
          logger.warn({ err: error }, 'how recordings are played does not reach the bucket, trying again');
      },
      onRecovery: () => logger.info({}, 'how recordings are played reaches the bucket again'),
    });
    this.#timer = setInterval(() => this.#drain.wake(), options.lookIntervalMs ?? LOOK_INTERVAL_MS);
    this.#timer.unref();
  }

  /** It may be played otherwise now, or nobody knows. */
  want(channelId: string): void {
    this.#wanted.add(channelId);
    this.#drain.wake();
  }

  /** Is there something of it that may not be in the bucket yet? */
  waits(channelId: string): boolean {
    return this.#wanted.has(channelId) || this.#copying === channelId;
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#gate.stop();
    await this.#drain.settled();
    this.#options.target.close();
  }

  async #copyAll(): Promise<void> {
    for (const channelId of [...this.#wanted]) {
      if (this.#closed) return;
      if (!this.#options.complete(channelId)) continue;
      // What changes meanwhile is wanted again.
      this.#wanted.delete(channelId);
      this.#copying = channelId;
      try {
        await this.#copy(channelId);
      } catch (error) {
        if (this.#closed) return;
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue; // it is gone, or changes just now
        this.#options.logger.warn({ err: error, channelId }, 'how a recording is played could not be copied');
        this.#wanted.add(channelId);
      } finally {
        this.#copying = null;
      }
    }
  }

  async #copy(channelId: string): Promise<void> {
    const folder = join(this.#options.archiveDir, channelId);
    const names = (await readdir(folder)).filter((name) => name.endsWith('.m3u8') || name in TYPES);
    let note = await noteOf(folder);
    const surplus = Object.keys(note).filter((name) => !names.includes(name));
    const last = (name: string): number => Number(name === MULTIVARIANT_NAME);
    // Whoever finds the multivariant playlist finds the others.
    for (const name of surplus.toSorted((a, b) => last(b) - last(a))) {
      const object = objectNames.recording(channelId, name);
      await this.#gate.run('later', (signal) => this.#options.target.remove(object, signal));
      const { [name]: _, ...rest } = note;
      note = rest;
      await keepNote(folder, note);
    }
    for (const name of names.toSorted((a, b) => last(a) - last(b))) {
      const file = await readFile(join(folder, name));
      const bytes = name in TYPES ? file : Buffer.from(withMediaInPlace(file.toString(), channelId));
      const digest = createHash('sha256').update(bytes).digest('hex');
      if (note[name] === digest) continue;
      await this.#put(channelId, name, bytes);
      note = { ...note, [name]: digest };
      await keepNote(folder, note);
    }
  }

  #put(channelId: string, name: string, bytes: Uint8Array): Promise<string> {
    const headers = headersOf('recording-playlist');
    const object = {
      name: objectNames.recording(channelId, name),
      bytes,
      ...headers,
      contentType: TYPES[name] ?? headers.contentType,
    };
    return this.#gate.run('later', (signal) => this.#options.target.put(object, signal));
  }
}

/** What cannot be read counts as nothing copied: it goes up again. */
async function noteOf(folder: string): Promise<Note> {
  const text = await readFile(join(folder, NOTE_NAME), 'utf8').catch(() => '{}');
  try {
    return Note.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

const keepNote = (folder: string, note: Note): Promise<void> =>
  nodeDisk.replaceFile(join(folder, NOTE_NAME), [Buffer.from(JSON.stringify(note))]);
