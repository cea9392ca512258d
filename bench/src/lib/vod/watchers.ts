/**
 * One process of people who watch a recording, told what to do over IPC: each with a connection of their own, at a place of
 * their own, a segment at a time at the speed at which it plays. Now and then one seeks, sometimes in the middle of an answer.
 */
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { monotonicMs } from '../monotonic.ts';

export interface WatchedFile {
  readonly path: string;
  /** SHA-256, hex. */
  readonly hash: string;
}

export type ToWatchers =
  | {
      readonly do: 'watch';
      readonly port: number;
      readonly count: number;
      readonly segmentMs: number;
      readonly files: readonly WatchedFile[];
    }
  | { readonly do: 'leave' };

export interface Watched {
  /** From the request to the last byte, ms. */
  readonly tookMs: Float64Array;
  readonly bytes: number;
  readonly seeks: number;
  /** Answers that were no 200, ended early, or had other bytes than the file. */
  readonly failed: number;
}
export type FromWatchers = { readonly did: 'watch' } | ({ readonly did: 'leave' } & Watched);

const SEEK_SHARE = 1 / 20;
/** Of those that seek. */
const MIDWAY_SHARE = 1 / 4;
/** Of all answers: to hash all would cost more than to serve them. */
const LOOKED_AT_SHARE = 1 / 50;
const LONGEST_HEAD = 4096;

/** All sockets read into it, one after the other. */
const buffer = Buffer.allocUnsafe(256 * 1024);
const took: number[] = [];
let bytes = 0;
let seeks = 0;
let failed = 0;
let over = false;

class Watcher {
  readonly #port: number;
  readonly #files: readonly WatchedFile[];
  readonly #segmentMs: number;
  #socket: Socket | undefined;
  #at: number;
  #dueMs: number;
  #askedMs = 0;
  #head = '';
  /** Of the body, still to come; null before its head is whole. */
  #missing: number | null = null;
  /** Leaves when no more than so many bytes are missing. */
  #leavesAt = -1;
  #hash: ReturnType<typeof createHash> | undefined;

  constructor(port: number, files: readonly WatchedFile[], segmentMs: number) {
    this.#port = port;
    this.#files = files;
    this.#segmentMs = segmentMs;
    this.#at = this.#anywhere();
    this.#dueMs = monotonicMs() + Math.random() * segmentMs;
    this.#later();
  }

  #anywhere(): number {
    return Math.floor(Math.random() * this.#files.length);
  }

  #later(): void {
    setTimeout(() => this.#ask(), Math.max(0, this.#dueMs - monotonicMs()));
  }

  #ask(): void {
    if (over) return;
    this.#socket ??= this.#connect();
    this.#askedMs = monotonicMs();
    this.#head = '';
    this.#missing = null;
    this.#leavesAt = Math.random() < SEEK_SHARE * MIDWAY_SHARE ? Math.random() * 100_000 : -1;
    this.#hash = Math.random() < LOOKED_AT_SHARE ? createHash('sha256') : undefined;
    const { path } = this.#files[this.#at] ?? { path: '/' };
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  }

  #connect(): Socket {
    const socket = connect({
      port: this.#port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer,
        callback: (length) => {
          if (socket === this.#socket) this.#hear(buffer.subarray(0, length));
          return true;
        },
      },
    });
    return socket
      .on('error', () => socket.destroy())
      .on('close', () => {
        if (socket !== this.#socket) return;
        this.#socket = undefined;
        this.#fail();
      });
  }

  #hear(chunk: Buffer): void {
    const body = this.#missing === null ? this.#readHead(chunk) : chunk;
    if (body === null || this.#missing === null) return;
    this.#missing -= body.length;
    bytes += body.length;
    this.#hash?.update(body);
    if (this.#missing < 0) this.#close();
    else if (this.#missing === 0) this.#heardAll();
    else if (this.#missing <= this.#leavesAt) this.#seek(true);
  }

  /** What of the body comes with the end of the head; null: the head is not whole, or is no good. */
  #readHead(chunk: Buffer): Buffer | null {
    const before = this.#head.length;
    this.#head += chunk.toString('latin1', 0, Math.min(chunk.length, LONGEST_HEAD));
    const end = this.#head.indexOf('\r\n\r\n') + 4;
    if (end < 4) return null;
    this.#missing = Number(/\r\ncontent-length: *(\d+)\r\n/i.exec(this.#head)?.[1]);
    if (this.#head.startsWith('HTTP/1.1 200 ') && this.#missing > 0) return chunk.subarray(end - before);
    this.#close();
    return null;
  }

  #heardAll(): void {
    took.push(monotonicMs() - this.#askedMs);
    if (this.#hash && this.#hash.digest('hex') !== this.#files[this.#at]?.hash) failed += 1;
    if (Math.random() < SEEK_SHARE) {
      this.#seek(false);
      return;
    }
    this.#at = (this.#at + 1) % this.#files.length;
    this.#dueMs += this.#segmentMs;
    this.#later();
  }

  #seek(midway: boolean): void {
    if (midway) this.leave();
    seeks += 1;
    this.#at = this.#anywhere();
    this.#dueMs = monotonicMs();
    this.#later();
  }

  #close(): void {
    this.leave();
    this.#fail();
  }

  #fail(): void {
    if (over) return;
    failed += 1;
    this.#dueMs = monotonicMs() + this.#segmentMs;
    this.#later();
  }

  leave(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }
}

let watchers: Watcher[] = [];
const say = (message: FromWatchers): void => {
  process.send?.(message);
};

process.on('message', (message: ToWatchers) => {
  if (message.do === 'watch') {
    const { count, port, files, segmentMs } = message;
    watchers = Array.from({ length: count }, () => new Watcher(port, files, segmentMs));
    say({ did: 'watch' });
    return;
  }
  over = true;
  for (const watcher of watchers) watcher.leave();
  const watched: Watched = { tookMs: Float64Array.from(took), bytes, seeks, failed };
  process.send?.({ did: 'leave', ...watched } satisfies FromWatchers, () => process.disconnect());
});
