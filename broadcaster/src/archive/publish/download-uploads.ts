/**
 * Downloads to the bucket, piece by piece: of a file of gigabytes one piece is in memory. Level-triggered as the rest: a file that is
 * there and not noted as copied goes up; a copy whose file is there no more, or is another, is removed.
 */
import { createHash } from 'node:crypto';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { Id } from '@rostrum/contracts/ids';
import type { Logger } from '@rostrum/service-kit/logger';
import { keyInFile } from '../../download/key.ts';
import { dispositionOf, downloadName } from '../../download/names.ts';
import { readNote, removeNote, renditionsIn, type UploadNote, writeNote } from './download-notes.ts';
import type { Gate } from './gate.ts';
import type { LargeObject, LargeTarget, UploadedPart } from './large.ts';
import type { PublishMetrics } from './metrics.ts';
import { PublishError } from './target.ts';
import { headersOf, objectNames } from './wanted.ts';

export interface DownloadUploadsOptions {
  readonly archiveDir: string;
  readonly target: LargeTarget;
  readonly gate: Gate;
  readonly metrics: PublishMetrics;
  readonly logger: Logger;
  readonly lookIntervalMs: number;
}

/** S3 takes 10,000 parts of at least 5 MiB. The least is the best for a slow line: each has twenty seconds. */
const PART_BYTES = 5 * 1024 * 1024;
const MAX_PARTS = 10_000;
/** Hashed in one go. */
const SLICE_BYTES = 256 * 1024;

export const partBytesOf = (byteLength: number): number =>
  Math.max(PART_BYTES, Math.ceil(byteLength / MAX_PARTS));

/** The file is not what goes up any more. */
class Stale extends Error {}

export class DownloadUploads {
  readonly #options: DownloadUploadsOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #forgotten = new Set<string>();
  /** Channels of which something was told to be wrong. */
  readonly #troubled = new Set<string>();
  #working: Promise<void> | null = null;
  #current: { readonly channelId: string; readonly work: Promise<void> } | null = null;
  #closed = false;

  constructor(options: DownloadUploadsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.look(), options.lookIntervalMs);
    this.#timer.unref();
  }

  /** Looks for what is to go up or to go away, and does it, one after the other. Never rejects. */
  look(): Promise<void> {
    this.#working ??= this.#all().finally(() => {
      this.#working = null;
    });
    return this.#working;
  }

  /** What was begun of its downloads is given up, and nothing of them goes up any more. */
  async forget(channelId: string): Promise<void> {
    this.#forgotten.add(channelId);
    if (this.#current?.channelId === channelId) await this.#current.work;
    const folder = join(this.#options.archiveDir, channelId);
    for (const rendition of await renditionsIn(folder)) {
      const note = await readNote(folder, rendition);
      if (note) await this.#retire(channelId, rendition, note);
    }
  }

  /** The gate has to be stopped. What is on its way is gone on with at the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#working;
    this.#options.target.close();
  }

  async #all(): Promise<void> {
    const { archiveDir } = this.#options;
    const names = await readdir(archiveDir).catch(() => []); // the publisher says so
    for (const channelId of names) {
      if (!Id.safeParse(channelId).success) continue;
      if (this.#closed) return;
      if (this.#forgotten.has(channelId)) continue;
      const work = this.#lookThrough(channelId);
      this.#current = { channelId, work };
      await work;
      this.#current = null;
    }
  }

  /** Never rejects. */
  async #lookThrough(channelId: string): Promise<void> {
    const { archiveDir, logger } = this.#options;
    try {
      for (const rendition of await renditionsIn(join(archiveDir, channelId))) {
        await this.#lookAt(channelId, rendition);
      }
      this.#troubled.delete(channelId);
    } catch (error) {
      const gone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (this.#closed || gone || error instanceof Stale || this.#troubled.has(channelId)) return;
      this.#troubled.add(channelId);
      logger.error({ err: error, channelId }, 'a download cannot be copied, trying again');
    }
  }

  async #lookAt(channelId: string, rendition: string): Promise<void> {
    const folder = join(this.#options.archiveDir, channelId);
    const note = await readNote(folder, rendition);
    const path = join(folder, downloadName(rendition));
    const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (!file) {
      if (note) await this.#retire(channelId, rendition, note);
      return;
    }
    try {
      const found = await keyInFile(file);
      if (!found) return;
      const key = Buffer.from(found).toString('hex');
      if (note && note.key !== key) await this.#retire(channelId, rendition, note);
      if (note?.key === key && note.upload === null) return;
      const { size, ino } = await file.stat();
      const object: LargeObject = {
        ...{ name: objectNames.recording(channelId, downloadName(rendition)), byteLength: size, key },
        ...headersOf('recording-playlist'),
        contentType: 'video/mp4',
        contentDisposition: await dispositionOf(folder, rendition),
      };
      const upload = new Upload(this.#options, folder, rendition, object, file, async () => {
        const now = await stat(path).catch(() => null);
        if (now?.ino !== ino || this.#forgotten.has(channelId)) throw new Stale();
      });
      await upload.run(note?.key === key ? note.upload : null);
    } finally {
      await file.close();
    }
  }

  /** The copy goes, whole or begun; then its note. */
  async #retire(channelId: string, rendition: string, { upload }: UploadNote): Promise<void> {
    const { archiveDir, gate, target } = this.#options;
    const name = objectNames.recording(channelId, downloadName(rendition));
    await gate.run('later', async (signal) => {
      try {
        if (upload !== null) await target.abort(name, upload, signal);
        // Also where it may have been finished by who could not note it.
        await target.removeObject(name, signal);
      } catch (error) {
        // That it may not be removed is no reason to hold up what goes up.
        if (error instanceof PublishError && error.code === 'forbidden') {
          throw new Error(`${name} stays in the bucket: ${error.message}`, { cause: error });
        }
        throw error;
      }
    });
    await removeNote(join(archiveDir, channelId), rendition);
  }
}

/** One file on its way. */
class Upload {
  readonly #options: DownloadUploadsOptions;
  readonly #folder: string;
  readonly #rendition: string;
  readonly #object: LargeObject;
  readonly #file: FileHandle;
  /** Rejects with `Stale`. */
  readonly #stillWanted: () => Promise<void>;
  readonly #partBytes: number;
  readonly #buffer: Buffer;

  constructor(
    options: DownloadUploadsOptions,
    folder: string,
    rendition: string,
    object: LargeObject,
    file: FileHandle,
    stillWanted: () => Promise<void>,
  ) {
    this.#options = options;
    this.#folder = folder;
    this.#rendition = rendition;
    this.#object = object;
    this.#file = file;
    this.#stillWanted = stillWanted;
    this.#partBytes = partBytesOf(object.byteLength);
    this.#buffer = Buffer.alloc(Math.min(this.#partBytes, object.byteLength));
  }

  /** @param begun what was noted: it is gone on with where it still is */
  async run(begun: string | null): Promise<void> {
    const { target, metrics, logger } = this.#options;
    const { name, byteLength, key } = this.#object;
    const startMs = performance.now();
    const known = begun === null ? null : await this.#step((signal) => target.parts(name, begun, signal));
    if (begun !== null && known === null && (await this.#isThere())) return;
    const upload =
      begun !== null && known !== null
        ? begun
        : await this.#step((signal) => target.begin(this.#object, signal));
    if (upload !== begun) await writeNote(this.#folder, this.#rendition, { key, upload });
    const parts: UploadedPart[] = [];
    for (let at = 0; at < byteLength; at += this.#partBytes) {
      const number = parts.length + 1;
      const length = Math.min(this.#partBytes, byteLength - at);
      const there = known?.find((part) => part.number === number && part.byteLength === length);
      parts.push(there ?? (await this.#putPart(upload, number, at, length)));
    }
    const end = await this.#step((signal) => target.complete(name, upload, parts, signal));
    // By an answer that was lost on its way, or by somebody else.
    if (end === 'gone' && !(await this.#isThere())) {
      throw new Error(`the upload of ${name} is gone before its end`);
    }
    if (end === 'done') await this.#done();
    metrics.objects.inc({ kind: 'download' });
    logger.info(
      { name, bytes: byteLength, ms: Math.round(performance.now() - startMs) },
      'a download is copied',
    );
  }

  async #putPart(upload: string, number: number, at: number, length: number): Promise<UploadedPart> {
    const { target, metrics } = this.#options;
    const part = await this.#step(async (signal) => {
      // Read within its turn: what waits is not kept in step with a file that may change.
      const bytes = this.#buffer.subarray(0, length);
      const hash = createHash('md5');
      for (let done = 0; done < length; ) {
        const some = Math.min(SLICE_BYTES, length - done);
        const { bytesRead } = await this.#file.read(bytes, done, some, at + done);
        if (bytesRead === 0) throw new Stale();
        hash.update(bytes.subarray(done, done + bytesRead));
        done += bytesRead;
        await turn();
      }
      return target.putPart(this.#object.name, upload, number, bytes, hash.digest('base64'), signal);
    });
    metrics.bytes.inc(length);
    return part;
  }

  async #isThere(): Promise<boolean> {
    const there = await this.#step((signal) => this.#options.target.has(this.#object, signal));
    if (there) await this.#done();
    return there;
  }

  #done(): Promise<void> {
    return writeNote(this.#folder, this.#rendition, { key: this.#object.key, upload: null });
  }

  /** Whatever is live goes first; again and again while the bucket is away, as long as it is wanted. */
  #step<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#options.gate.run('later', async (signal) => {
      await this.#stillWanted();
      return work(signal);
    });
  }
}
