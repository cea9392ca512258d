/**
 * The first write of each spool, which whoever publishes waits for, but never longer than a moment: a disk that hangs keeps
 * whoever calls it in the kernel, and all viewers would wait with us.
 */
import { Worker } from 'node:worker_threads';
import { type BeginOrder, type Begun, beginSync, WRITTEN } from './spool-begin.ts';

/** Nearly always it is a tenth of a millisecond. */
const WAIT_MS = 5;

interface Pending {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

class Beginnings {
  /** Takes orders; undefined before it runs, and after it ended. */
  #thread: Worker | undefined;
  #started = false;
  readonly #pending = new Map<number, Pending>();
  #ids = 0;
  /** Of the newest order. */
  #newest: Int32Array | undefined;

  start(): void {
    if (this.#started) return;
    this.#started = true;
    const thread = new Worker(new URL('./spool-thread.ts', import.meta.url), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    thread.once('online', () => {
      this.#thread = thread;
    });
    thread.on('message', ({ id, error }: Begun) => {
      const pending = this.#pending.get(id);
      this.#pending.delete(id);
      if (error) pending?.reject(Object.assign(new Error(error.message), { code: error.code }));
      else pending?.resolve();
    });
    const gone = (): void => {
      this.#thread = undefined;
      for (const { reject } of this.#pending.values())
        reject(new Error('the thread that begins spools ended'));
      this.#pending.clear();
    };
    thread.on('error', gone).on('exit', gone);
    thread.unref(); // last: a listener for messages takes it back
  }

  /** `written`: it is now. `done` settles when it is, or rejects with the file system's error. */
  begin(path: string, pieces: readonly Uint8Array[]): { written: boolean; done: Promise<void> } {
    const thread = this.#thread;
    if (!thread) return beginHere(path, pieces);
    const behind = this.#newest !== undefined && Atomics.load(this.#newest, 0) === 0;
    const state = new Int32Array(new SharedArrayBuffer(4));
    this.#newest = state;
    const bytes = joined(pieces);
    const id = this.#ids++;
    const done = new Promise<void>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    thread.postMessage({ id, path, bytes, state } satisfies BeginOrder, [bytes.buffer]);
    // One wait is enough to know that the disk hangs.
    if (!behind) Atomics.wait(state, 0, 0, WAIT_MS);
    return { written: Atomics.load(state, 0) === WRITTEN, done };
  }
}

function beginHere(path: string, pieces: readonly Uint8Array[]): { written: boolean; done: Promise<void> } {
  try {
    beginSync(path, pieces);
    return { written: true, done: Promise.resolve() };
  } catch (error) {
    return { written: false, done: Promise.reject(error as Error) };
  }
}

/** In memory of their own, which can be handed over. */
function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.byteLength;
  }
  return all;
}

/** Of all channels of the process. */
export const beginnings = new Beginnings();
