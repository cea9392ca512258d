/**
 * A disk that forgets what was not synced. It keeps for each file what is durable and, in order, what was written since;
 * likewise for the names in each folder. A power cut keeps of the latter what chance will have: nothing, the first few with
 * the last one torn, or any of them, each whole or in part by sectors of 512 bytes.
 */
import { dirname } from 'node:path';
import type { FileOp } from './recording.ts';

type DataOp = Extract<FileOp, { op: 'write' | 'truncate' }>;
type NameOp = Extract<FileOp, { op: 'create' | 'makeFolder' | 'rename' | 'remove' }>;

interface Pending<Op> {
  readonly at: number;
  readonly op: Op;
}

/** A number from 0 to 1, 1 excluded. */
export type Random = () => number;

const SECTOR_BYTES = 512;
const FOLDER = -1;

export class DiskModel {
  readonly #contents: Content[] = [];
  readonly #unsynced: Pending<DataOp>[][] = [];
  /** The file of each durable name, or `FOLDER`. */
  readonly #names = new Map<string, number>();
  #unsyncedNames: Pending<NameOp>[] = [];
  readonly #syncs = new Map<number, { readonly of: number | string; readonly before: number }>();
  readonly #syncsCount: boolean;
  #at = 0;

  /** `syncsCount` false: a disk on which a sync does nothing, to see that the loss is noticed. */
  constructor(syncsCount = true) {
    this.#syncsCount = syncsCount;
  }

  apply(op: FileOp): void {
    this.#at += 1;
    switch (op.op) {
      case 'said':
        return;
      case 'write':
      case 'truncate':
        this.#unsynced[op.file]?.push({ at: this.#at, op });
        return;
      case 'syncBegan':
        this.#syncs.set(op.sync, { of: op.of, before: this.#at });
        return;
      case 'syncEnded':
        this.#synced(op.sync);
        return;
      case 'create':
        this.#contents[op.file] = new Content();
        this.#unsynced[op.file] = [];
        this.#unsyncedNames.push({ at: this.#at, op });
        return;
      case 'makeFolder':
      case 'rename':
      case 'remove':
        this.#unsyncedNames.push({ at: this.#at, op });
    }
  }

  #synced(sync: number): void {
    const begun = this.#syncs.get(sync);
    this.#syncs.delete(sync);
    if (!begun || !this.#syncsCount) return;
    const { of, before } = begun;
    if (typeof of === 'string') {
      const isOf = ({ at, op }: Pending<NameOp>): boolean => at < before && folderOf(op) === of;
      for (const pending of this.#unsyncedNames) if (isOf(pending)) rename(this.#names, pending.op);
      this.#unsyncedNames = this.#unsyncedNames.filter((pending) => !isOf(pending));
      return;
    }
    const unsynced = this.#unsynced[of] ?? [];
    for (const { at, op } of unsynced) if (at < before) this.#contents[of]?.apply(op);
    this.#unsynced[of] = unsynced.filter(({ at }) => at >= before);
  }

  /** What is there after a power cut now: bytes by path, null for a folder. */
  cut(random: Random): Map<string, Uint8Array | null> {
    const names = new Map(this.#names);
    for (const { op } of chosen(this.#unsyncedNames, random)) rename(names, op);
    const tree = new Map<string, Uint8Array | null>();
    for (const [path, file] of names) {
      if (!isReachable(names, path)) continue;
      if (file === FOLDER) tree.set(path, null);
      else tree.set(path, this.#contentAfter(file, random));
    }
    return tree;
  }

  #contentAfter(file: number, random: Random): Uint8Array {
    const content = new Content(this.#contents[file]);
    const kept = chosen(this.#unsynced[file] ?? [], random);
    for (const [i, { op }] of kept.entries()) {
      const torn = op.op === 'write' && (i === kept.length - 1 ? random() < 0.5 : random() < 0.2);
      if (torn && op.op === 'write') for (const part of sectorsOf(op, random)) content.apply(part);
      else content.apply(op);
    }
    return content.bytes;
  }
}

/** What chance keeps of things that were not synced. */
function chosen<T>(pending: readonly T[], random: Random): readonly T[] {
  const way = random();
  if (way < 0.25) return [];
  if (way < 0.5) return pending.slice(0, Math.floor(random() * (pending.length + 1)));
  const likely = random();
  return pending.filter(() => random() < likely);
}

/** Some of a write's sectors, as they lie on the disk. */
function* sectorsOf(
  { file, offset, bytes }: Extract<FileOp, { op: 'write' }>,
  random: Random,
): Generator<DataOp> {
  for (let at = 0; at < bytes.length; ) {
    const end = Math.min(bytes.length, at + SECTOR_BYTES - ((offset + at) % SECTOR_BYTES));
    if (random() < 0.5) yield { op: 'write', file, offset: offset + at, bytes: bytes.subarray(at, end) };
    at = end;
  }
}

function rename(names: Map<string, number>, op: NameOp): void {
  switch (op.op) {
    case 'create':
      names.set(op.path, op.file);
      return;
    case 'makeFolder':
      names.set(op.path, FOLDER);
      return;
    case 'remove':
      names.delete(op.path);
      return;
    case 'rename': {
      const file = names.get(op.from);
      if (file === undefined) return;
      names.delete(op.from);
      names.set(op.to, file);
    }
  }
}

const parentOf = (path: string): string => (dirname(path) === '.' ? '' : dirname(path));
const folderOf = (op: NameOp): string => parentOf(op.op === 'rename' ? op.to : op.path);

/** The folder itself was there before. */
function isReachable(names: ReadonlyMap<string, number>, path: string): boolean {
  const parent = parentOf(path);
  return parent === '' || (names.get(parent) === FOLDER && isReachable(names, parent));
}

/** A file's bytes, growing. */
class Content {
  #buffer: Uint8Array;
  #length: number;

  constructor(other?: Content) {
    this.#buffer = other ? other.#buffer.slice(0, other.#length) : new Uint8Array(4096);
    this.#length = other ? other.#length : 0;
  }

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  apply(op: DataOp): void {
    if (op.op === 'truncate') {
      this.#reach(op.length);
      this.#buffer.fill(0, op.length, this.#length);
      this.#length = op.length;
      return;
    }
    const end = op.offset + op.bytes.length;
    this.#reach(end);
    this.#buffer.set(op.bytes, op.offset);
    this.#length = Math.max(this.#length, end);
  }

  #reach(length: number): void {
    if (length <= this.#buffer.length) return;
    const larger = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
