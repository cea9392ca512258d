/**
 * Makes one download, from the headers to the last byte, and goes on with what an earlier run left of it. Synchronous but for its
 * rests: it runs in a process of its own (`process.ts`).
 */
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordingCut } from '@rostrum/contracts/recording';
import { downloadName } from '../../download/names.ts';
import { JOURNAL_NAME, readJournal } from '../journal.ts';
import { ladderOf } from '../older.ts';
import { DamagedError } from './damaged.ts';
import { type Descriptions, readDescriptions } from './descriptions.ts';
import { unfinishedName } from './files.ts';
import { type Layout, LayoutBuilder, type Piece, SILENCE } from './layout.ts';
import { type PlannedSegment, planOf } from './plan.ts';
import { hasRoom, isOfDisk, NoRoomError } from './room.ts';
import { scanSegment } from './scan.ts';

export interface Order {
  /** The channel's. */
  readonly folder: string;
  readonly rendition: string;
  readonly cuts: readonly RecordingCut[];
  /** Of `keyOf`. */
  readonly key: Uint8Array;
  /** The disk is not filled beyond this share of it. */
  readonly maxUsedShare: number;
}

export interface Progress {
  readonly bytes: number;
  readonly ofBytes: number;
}

/** So much is written between two looks at the disk, and is durable before it goes on: a disk that is busy with us holds up live's fsync. */
const STEP_BYTES = 8 * 1024 * 1024;
/** It rests as long as it has worked: at most half of a disk is taken from whatever is live. */
const REST_SHARE = 1;

/** Resolves with the file's length. Rejects with `DamagedError`, `NoRoomError`, or the file system's error. */
export async function make(order: Order, told: (progress: Progress) => void): Promise<number> {
  const pace = new Pace();
  const layout = await layoutOf(order, pace);
  const ofBytes = layout.byteLength;
  const { folder, rendition, maxUsedShare } = order;
  // Not with parents: a recording that is deleted meanwhile stays so.
  makeFolder(join(folder, dirname(downloadName(rendition))));
  const path = join(folder, unfinishedName(rendition));
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o644);
  try {
    const writer = new Writer(fd, folder);
    const begin = resumeAt(fd, layout);
    ftruncateSync(fd, begin.at);
    if (!hasRoom(folder, ofBytes - begin.at, maxUsedShare)) throw new NoRoomError(ofBytes);
    writer.at = begin.at;
    if (begin.at === 0) writer.write(layout.head);
    told({ bytes: writer.at, ofBytes });
    let durable = writer.at;
    for (const piece of layout.pieces.slice(begin.piece)) {
      writer.copy(piece);
      if (writer.at - durable >= STEP_BYTES) {
        fdatasyncSync(fd);
        durable = writer.at;
        if (!hasRoom(folder, 0, maxUsedShare)) throw new NoRoomError(ofBytes);
        told({ bytes: writer.at, ofBytes });
      }
      await pace.rest();
    }
    if (writer.at !== ofBytes) throw new Error(`${writer.at} bytes were written of ${ofBytes}`);
    fdatasyncSync(fd);
    renameSync(path, join(folder, downloadName(rendition)));
    syncFolder(dirname(path));
    told({ bytes: ofBytes, ofBytes });
    return ofBytes;
  } catch (error) {
    // It is not trusted again after an error of the disk, and must not keep the room that is short.
    rmSync(path, { force: true });
    throw isOfDisk(error) ? new NoRoomError(ofBytes, error) : error;
  } finally {
    closeSync(fd);
  }
}

async function layoutOf(order: Order, pace: Pace): Promise<Layout> {
  const { folder, key } = order;
  const plan = await planFrom(order);
  const builder = new LayoutBuilder(key, plan);
  const inits = new Map<string, Descriptions>();
  for (const segment of plan) {
    let descriptions = inits.get(segment.init);
    if (!descriptions) {
      descriptions = readDescriptions(await missingIsDamage(readFile(join(folder, segment.init))));
      inits.set(segment.init, descriptions);
    }
    builder.add(scan(folder, segment), descriptions);
    await pace.rest();
  }
  return builder.finish();
}

/** Apart, so that the journal leaves the memory: of a long show it is the most there is. */
async function planFrom({ folder, rendition, cuts }: Order): Promise<PlannedSegment[]> {
  const { entries } = await readJournal(join(folder, JOURNAL_NAME));
  const first = entries.find((entry) => entry.type === 'channel');
  if (!first) throw new DamagedError('the journal does not say what the channel was begun with');
  const ladder = first.ladder ?? (await ladderOf(folder, first, entries));
  const plan = planOf(entries, ladder, rendition, cuts);
  if (plan.length === 0) throw new DamagedError(`nothing is to be seen of ${rendition}`);
  return plan;
}

function scan(folder: string, { file, byteLength }: PlannedSegment): ReturnType<typeof scanSegment> {
  const fd = openSegment(folder, file, byteLength);
  try {
    return scanSegment(fd, byteLength);
  } finally {
    closeSync(fd);
  }
}

function openSegment(folder: string, file: string, byteLength: number): number {
  let fd: number;
  try {
    fd = openSync(join(folder, file), 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new DamagedError(`${file} is missing`);
    throw error;
  }
  const { size } = fstatSync(fd);
  if (size === byteLength) return fd;
  closeSync(fd);
  throw new DamagedError(`${file} has ${size} bytes of ${byteLength}`);
}

const missingIsDamage = <T>(reading: Promise<T>): Promise<T> =>
  reading.catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new DamagedError(`${error.path} is missing`) : error;
  });

/** Behind the last piece that is there whole, where the file begins as this one does; else at the beginning. */
function resumeAt(fd: number, { head, pieces }: Layout): { readonly at: number; readonly piece: number } {
  const { size } = fstatSync(fd);
  const start = Buffer.alloc(head.byteLength);
  if (
    size < head.byteLength ||
    readSync(fd, start, 0, start.byteLength, 0) < head.byteLength ||
    !start.equals(head)
  ) {
    return { at: 0, piece: 0 };
  }
  let at = head.byteLength;
  let piece = 0;
  for (; piece < pieces.length; piece += 1) {
    const end = at + (pieces[piece]?.byteLength ?? 0);
    if (end > size) break;
    at = end;
  }
  return { at, piece };
}

class Writer {
  at = 0;
  readonly #fd: number;
  readonly #folder: string;
  #buffer = Buffer.alloc(0);

  constructor(fd: number, folder: string) {
    this.#fd = fd;
    this.#folder = folder;
  }

  copy({ file, fileLength, ranges, silence, byteLength }: Piece): void {
    // The segment, and behind it what goes into the MP4: one buffer for all of them.
    if (this.#buffer.byteLength < fileLength + byteLength)
      this.#buffer = Buffer.alloc(fileLength + byteLength);
    const from = openSegment(this.#folder, file, fileLength);
    try {
      const read = readSync(from, this.#buffer, 0, fileLength, 0);
      if (read < fileLength) throw new DamagedError(`${file} has ${read} bytes of ${fileLength}`);
    } finally {
      closeSync(from);
    }
    let end = fileLength;
    for (let i = 0; i < ranges.length; i += 2) {
      const offset = ranges[i] ?? 0;
      const length = ranges[i + 1] ?? 0;
      if (offset === SILENCE) this.#buffer.fill(silence ?? '', end, end + length);
      else this.#buffer.copy(this.#buffer, end, offset, offset + length);
      end += length;
    }
    this.write(this.#buffer.subarray(fileLength, end));
  }

  write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.byteLength; ) {
      const written = writeSync(this.#fd, bytes, done, bytes.byteLength - done, this.at);
      if (written === 0) throw new Error(`nothing of ${bytes.byteLength - done} bytes was written`);
      done += written;
      this.at += written;
    }
  }
}

/** Gives back as much time as it took. */
class Pace {
  #sinceMs = performance.now();

  async rest(): Promise<void> {
    const workedMs = performance.now() - this.#sinceMs;
    if (workedMs < 20) return;
    await sleep(workedMs * REST_SHARE);
    this.#sinceMs = performance.now();
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  syncFolder(dirname(path));
}

function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
