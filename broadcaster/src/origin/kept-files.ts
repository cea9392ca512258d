/** Small files that many ask for (recordings' playlists, the watch page): read and compressed once, beside the event loop. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { SharedBody } from './responder.ts';

const compress = promisify(gzip);
/** What was looked at less than this long ago is believed. */
const FRESH_MS = 2000;
const MAX_KEPT_BYTES = 32 * 1024 * 1024;
/** Such a name is not there. */
const MISSING = new Set(['ENOENT', 'EISDIR', 'ENOTDIR', 'ENAMETOOLONG']);

interface Kept {
  readonly body: SharedBody;
  readonly version: string;
  readonly byteLength: number;
  lookedAtMs: number;
}

/** A weak tag of a content, however it is coded. */
export const etagOf = (plain: Buffer): string =>
  `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;

export class KeptFiles {
  readonly #nowMs: () => number;
  readonly #maxBytes: number;
  /** The longest unused first. */
  readonly #kept = new Map<string, Kept>();
  readonly #loading = new Map<string, Promise<SharedBody | undefined>>();
  #byteLength = 0;

  /** @param nowMs monotonic milliseconds */
  constructor(nowMs: () => number, maxBytes = MAX_KEPT_BYTES) {
    this.#nowMs = nowMs;
    this.#maxBytes = maxBytes;
  }

  /** Bytes that are kept, both plain and compressed. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /**
   * undefined: there is no such file. Rejects with the file system's error when it cannot be read.
   *
   * @param reading what is made of its bytes; of a file always the same
   */
  get(path: string, reading: (bytes: Buffer) => Buffer = (bytes) => bytes): Promise<SharedBody | undefined> {
    const known = this.#kept.get(path);
    if (known && this.#nowMs() - known.lookedAtMs < FRESH_MS) {
      this.#kept.delete(path);
      this.#kept.set(path, known);
      return Promise.resolve(known.body);
    }
    const loading =
      this.#loading.get(path) ?? this.#load(path, reading).finally(() => this.#loading.delete(path));
    this.#loading.set(path, loading);
    return loading;
  }

  async #load(path: string, reading: (bytes: Buffer) => Buffer): Promise<SharedBody | undefined> {
    const known = this.#kept.get(path);
    const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
      this.#forget(path);
      if (MISSING.has(error.code ?? '')) return undefined;
      throw error;
    });
    if (!file) return undefined;
    try {
      const stat = await file.stat();
      const version = `${stat.dev} ${stat.ino} ${stat.mtimeMs} ${stat.size}`;
      if (known?.version === version) {
        known.lookedAtMs = this.#nowMs();
        return known.body;
      }
      this.#forget(path);
      if (!stat.isFile()) return undefined;
      const plain = reading(await file.readFile());
      const zipped = await compress(plain);
      const body: SharedBody = { plain, gzip: () => zipped, etag: etagOf(plain) };
      this.#keep(path, {
        body,
        version,
        byteLength: plain.byteLength + zipped.byteLength,
        lookedAtMs: this.#nowMs(),
      });
      return body;
    } finally {
      await file.close();
    }
  }

  #keep(path: string, kept: Kept): void {
    this.#kept.set(path, kept);
    this.#byteLength += kept.byteLength;
    for (const oldest of this.#kept.keys()) {
      if (this.#byteLength <= this.#maxBytes) return;
      this.#forget(oldest);
    }
  }

  #forget(path: string): void {
    this.#byteLength -= this.#kept.get(path)?.byteLength ?? 0;
    this.#kept.delete(path);
  }
}
