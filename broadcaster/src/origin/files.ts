/** Files from disk, whole, by range, or a slice of one as if it were a file. Names are checked by the callers. */
import { close, fstat, open, read, type Stats } from 'node:fs';
import { constants } from 'node:http2';
import { promisify } from 'node:util';
import type { Logger } from '@rostrum/service-kit/logger';
import { Pieces, Turns } from './file-pieces.ts';
import type { OriginRequest, OriginResponse } from './interface.ts';
import type { MetricClass, Responder } from './responder.ts';

// By number rather than FileHandle: a segment costs half of the processor time (`./rostrum bench vod`).
const openFile = promisify(open);
const statFile: (fd: number) => Promise<Stats> = promisify(fstat);
const readFile = promisify(read);

export interface FileAnswer {
  readonly path: string;
  readonly slice?: { readonly start: number; readonly length: number } | undefined;
  readonly metricClass: MetricClass;
  /** A function: of the open file's first bytes, so that they are of what is sent. It may reject as `open` does. */
  readonly headers:
    | Readonly<Record<string, string>>
    | ((firstBytes: (length: number) => Promise<Uint8Array>) => Promise<Readonly<Record<string, string>>>);
}

/** Where bytes of a file are to be read, `end` exclusive. */
interface Extent {
  readonly fd: number;
  readonly start: number;
  readonly end: number;
}

/**
 * libuv has four threads for all files of the process, and what is live needs them to be durable in time: so many are left to
 * whoever plays what was, also on a disk that answers to nobody.
 */
const READS_AT_ONCE = 2;
/** Who takes a piece in this time gets larger ones. Nearly always the kernel has the room, and it is none at all. */
const QUICK_MS = 20;

export class FileSender {
  readonly #responder: Responder;
  readonly #logger: Logger;
  readonly #turns = new Turns(READS_AT_ONCE);
  readonly #pieces = new Pieces();
  /** Connections that took the last piece at once. */
  readonly #quick = new WeakSet<object>();

  constructor(responder: Responder, logger: Logger) {
    this.#responder = responder;
    this.#logger = logger;
  }

  /** Bytes in pieces that clients have not taken yet. */
  get heldBytes(): number {
    return this.#pieces.heldBytes;
  }

  /** Never throws: a file that is not there is 404; a client that goes away ends it. */
  send(request: OriginRequest, response: OriginResponse, answer: FileAnswer): void {
    // Behind another answer of its connection nothing can be sent yet, and nobody would say if it never can.
    if (!response.socket && 'shouldKeepAlive' in response) {
      response.once('socket', () => this.send(request, response, answer));
      return;
    }
    this.#send(request, response, answer).catch((error: NodeJS.ErrnoException) => {
      const missing = ['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes(error.code ?? '');
      if (!missing) this.#logger.error({ err: error, path: answer.path }, 'file could not be sent');
      if (response.headersSent) abort(response);
      else if (missing) this.#responder.error(response, answer.metricClass, 404, 'not-found');
      else this.#responder.error(response, answer.metricClass, 500, 'internal');
    });
  }

  async #send(request: OriginRequest, response: OriginResponse, answer: FileAnswer): Promise<void> {
    await this.#turns.take();
    let fd: number | undefined;
    let stat: Stats;
    try {
      if (response.destroyed) return; // it waited longer than its client
      fd = await openFile(answer.path, 'r');
      stat = await statFile(fd);
    } catch (error) {
      if (fd !== undefined) closeFile(fd);
      throw error;
    } finally {
      this.#turns.give();
    }
    try {
      if (!stat.isFile()) throw Object.assign(new Error('not a file'), { code: 'EISDIR' });
      const length = answer.slice?.length ?? stat.size;
      const headers = await this.#headersOf(answer, fd, stat);
      if (response.destroyed) return;
      const range = this.#responder.rangeHead(request, response, answer.metricClass, length, headers);
      if (!range) return;
      const start = (answer.slice?.start ?? 0) + range.start;
      await this.#sendBytes(response, { fd, start, end: start + range.end - range.start + 1 });
    } finally {
      closeFile(fd);
    }
  }

  async #headersOf({ headers, slice }: FileAnswer, fd: number, stat: Stats): Promise<Record<string, string>> {
    if (typeof headers !== 'function') return slice ? headers : { ...headers, etag: etagOf(stat) };
    return headers(async (length) => {
      await this.#turns.take();
      try {
        const { buffer, bytesRead } = await readFile(fd, Buffer.alloc(length), 0, length, 0);
        return buffer.subarray(0, bytesRead);
      } finally {
        this.#turns.give();
      }
    });
  }

  /**
   * A piece at a time, of which the next is read when the kernel has all of the one before: of a client that takes nothing
   * one is in memory, a small one if it was slow before.
   */
  async #sendBytes(response: OriginResponse, { fd, start, end }: Extent): Promise<void> {
    if (start >= end) response.end();
    const client = connectionOf(response);
    for (let at = start; at < end; ) {
      const piece = this.#pieces.take(this.#quick.has(client) ? end - at : 0);
      let returned = false;
      try {
        const byteLength = await this.#read(fd, piece, at, end);
        if (response.destroyed) return;
        at += byteLength;
        const sinceMs = performance.now();
        const taken = await sent(response, piece.subarray(0, byteLength), at === end);
        if (!taken) return;
        returned = true;
        if (performance.now() - sinceMs < QUICK_MS) this.#quick.add(client);
        else this.#quick.delete(client);
      } finally {
        // One that was not taken may be in the hands of a socket still.
        if (returned) this.#pieces.give(piece);
        else this.#pieces.lose(piece);
      }
    }
  }

  async #read(fd: number, piece: Buffer, at: number, end: number): Promise<number> {
    await this.#turns.take();
    try {
      const { bytesRead } = await readFile(fd, piece, 0, Math.min(piece.byteLength, end - at), at);
      if (bytesRead === 0) throw new Error(`file ends at ${at} instead of ${end}`);
      return bytesRead;
    } finally {
      this.#turns.give();
    }
  }
}

/** A strong one: what is named so is written once, and what is replaced has another time. */
const etagOf = ({ size, mtimeMs }: Stats): string =>
  `"${size.toString(36)}-${Math.round(mtimeMs * 1000).toString(36)}"`;

/** What was only read from has nothing to lose. */
function closeFile(fd: number): void {
  close(fd, () => undefined);
}

/** Resolves when the kernel has it; with false when the client is gone. */
function sent(response: OriginResponse, piece: Uint8Array, last: boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const gone = (): void => resolve(false);
    response.once('close', gone);
    (response as NodeJS.WritableStream).write(piece, (error) => {
      response.off('close', gone);
      resolve(!error);
    });
    if (last) response.end();
  });
}

/** A page's requests of HTTP/2 share one. */
const connectionOf = (response: OriginResponse): object =>
  ('stream' in response ? response.stream.session : response.socket) ?? response;

/** Ends a response that cannot be completed, so that nobody takes it for whole. */
function abort(response: OriginResponse): void {
  if ('stream' in response) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}
