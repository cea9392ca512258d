/**
 * What a process asked of the file system, in order, as `strace` saw it. Calls that change files count when they have
 * returned; the word of an acknowledgement counts when it was about to be said.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export type FileOp =
  | { readonly op: 'create'; readonly path: string; readonly file: number }
  | { readonly op: 'makeFolder'; readonly path: string }
  | { readonly op: 'rename'; readonly from: string; readonly to: string }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'write'; readonly file: number; readonly offset: number; readonly bytes: Buffer }
  | { readonly op: 'truncate'; readonly file: number; readonly length: number }
  /** What was written before `began` is durable from `ended` on. */
  | { readonly op: 'syncBegan'; readonly sync: number; readonly of: number | string }
  | { readonly op: 'syncEnded'; readonly sync: number }
  | { readonly op: 'said'; readonly line: string };

const CALLS =
  'openat,open,creat,close,dup,dup2,dup3,fcntl,lseek,read,write,pwrite64,writev,pwritev,pwritev2,fsync,fdatasync,sync_file_range,fallocate,ftruncate,truncate,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir,mmap,copy_file_range,sendfile';
/** Bytes of one call that are kept: more than any one writes. */
const MOST_BYTES = 8 * 2 ** 20;

/** Runs a program under strace. Throws when it fails. */
export async function record(traceFile: string, args: readonly string[]): Promise<void> {
  const strace = ['-f', '-qq', '-xx', '-s', String(MOST_BYTES), '--signal=none', '-e', `trace=${CALLS}`];
  const child = spawn('strace', [...strace, '-o', traceFile, process.execPath, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '', UV_USE_IO_URING: '0' },
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`the recorded program ended with ${code}`);
}

interface OpenFile {
  /** null: outside of the folder. */
  readonly path: string | null;
  readonly file: number | null;
  offset: number;
  readonly append: boolean;
}

/** Reads a trace. Throws on a call it has no meaning for: a recording that is not understood proves nothing. */
export async function readRecording(traceFile: string, folder: string): Promise<FileOp[]> {
  const reader = new TraceReader(folder);
  for await (const line of createInterface({ input: createReadStream(traceFile) })) reader.add(line);
  return reader.ops;
}

class TraceReader {
  readonly ops: FileOp[] = [];
  readonly #folder: string;
  readonly #unfinished = new Map<string, { name: string; args: string; sync: number | null }>();
  readonly #open = new Map<number, OpenFile>();
  readonly #files = new Map<string, number>();
  readonly #sizes: number[] = [];
  #syncs = 0;
  #said = '';

  constructor(folder: string) {
    this.#folder = folder;
  }

  add(line: string): void {
    const resumed = /^(\d+)\s+<\.\.\. (\w+) resumed>(.*)$/.exec(line);
    if (resumed) {
      const [, pid = '', name, rest = ''] = resumed;
      const begun = this.#unfinished.get(pid);
      if (!begun || begun.name !== name) throw new Error(`not understood: ${line.slice(0, 200)}`);
      this.#unfinished.delete(pid);
      this.#call(begun.name, begun.args + rest, begun.sync, line);
      return;
    }
    const unfinished = /^(\d+)\s+(\w+)\((.*?)\s*<unfinished \.\.\.>$/.exec(line);
    if (unfinished) {
      const [, pid = '', name = '', args = ''] = unfinished;
      this.#unfinished.set(pid, { name, args, sync: this.#began(name, args) });
      return;
    }
    const whole = /^\d+\s+(\w+)\((.*)$/.exec(line);
    if (whole) {
      const [, name = '', rest = ''] = whole;
      this.#call(name, rest, this.#began(name, rest), line);
    } else if (!/^\d+\s+(\+\+\+|---)/.test(line)) throw new Error(`not understood: ${line.slice(0, 200)}`);
  }

  /** What counts from the moment a call was made: syncs, and what is said. */
  #began(name: string, args: string): number | null {
    if (name === 'write' && args.startsWith('1,')) this.#say(bytesOf(args).toString());
    if (name !== 'fsync' && name !== 'fdatasync') return null;
    const open = this.#open.get(Number.parseInt(args, 10));
    const of = open?.file ?? open?.path ?? null;
    if (of === null) return null;
    this.#syncs += 1;
    this.ops.push({ op: 'syncBegan', sync: this.#syncs, of });
    return this.#syncs;
  }

  #say(text: string): void {
    const lines = (this.#said + text).split('\n');
    this.#said = lines.pop() ?? '';
    for (const line of lines) this.ops.push({ op: 'said', line });
  }

  #call(name: string, text: string, sync: number | null, line: string): void {
    const at = text.lastIndexOf(') = ');
    const alone = text.lastIndexOf(')');
    const end = at >= 0 ? at : text.slice(0, alone).length;
    const result = Number.parseInt(/=\s+(-?\d+|0x[0-9a-f]+|\?)/.exec(text.slice(end))?.[1] ?? '-1', 10);
    if (Number.isNaN(result) || result < 0) return; // it changed nothing
    const args = text.slice(0, end).trimEnd().replace(/\)$/, '');
    const fd = Number.parseInt(args, 10);
    const open = this.#open.get(fd);
    const inside = open?.path != null;
    switch (name) {
      case 'openat':
      case 'open':
      case 'creat':
        this.#opened(args, result);
        return;
      case 'close':
        this.#open.delete(fd);
        return;
      case 'fsync':
      case 'fdatasync':
        if (sync !== null) this.ops.push({ op: 'syncEnded', sync });
        return;
      case 'read':
        if (open) open.offset += result;
        return;
      case 'lseek':
        if (open) open.offset = result;
        return;
      case 'write':
      case 'writev':
        if (open?.file == null) return;
        if (open.append) open.offset = this.#sizes[open.file] ?? 0;
        this.#wrote(open.file, open.offset, bytesOf(args), result);
        open.offset += result;
        return;
      case 'pwrite64':
      case 'pwritev':
        if (open?.file != null) this.#wrote(open.file, lastNumber(args), bytesOf(args), result);
        return;
      case 'ftruncate':
        if (open?.file == null) return;
        this.#sizes[open.file] = lastNumber(args);
        this.ops.push({ op: 'truncate', file: open.file, length: lastNumber(args) });
        return;
      case 'rename':
      case 'renameat':
      case 'renameat2':
        this.#renamed(args);
        return;
      case 'unlink':
      case 'unlinkat':
      case 'rmdir': {
        const [path] = this.#paths(args);
        if (path == null) return;
        this.#files.delete(path);
        this.ops.push({ op: 'remove', path });
        return;
      }
      case 'mkdir':
      case 'mkdirat': {
        const [path] = this.#paths(args);
        if (path != null) this.ops.push({ op: 'makeFolder', path });
        return;
      }
      case 'mmap':
        if (!/MAP_SHARED/.test(args) || !/PROT_WRITE/.test(args)) return;
        if (this.#open.get(Number(/,\s*(-?\d+),\s*\S+$/.exec(args)?.[1]))?.path == null) return;
        break;
      case 'fcntl':
        if (!/F_DUPFD/.test(args) || !inside) return;
        break;
      default:
        if (!inside && this.#paths(args).every((path) => path === null)) return;
    }
    throw new Error(`not understood: ${line.slice(0, 200)}`);
  }

  #opened(args: string, fd: number): void {
    const [path = null] = this.#paths(args);
    const flags = args.slice(args.lastIndexOf('"') + 1);
    if (path === null || /O_DIRECTORY/.test(flags)) {
      this.#open.set(fd, { path, file: null, offset: 0, append: false });
      return;
    }
    let file = this.#files.get(path);
    if (file === undefined) {
      if (!/O_CREAT/.test(flags)) {
        // A folder opened to be synced.
        this.#open.set(fd, { path, file: null, offset: 0, append: false });
        return;
      }
      file = this.#sizes.push(0) - 1;
      this.#files.set(path, file);
      this.ops.push({ op: 'create', path, file });
    } else if (/O_TRUNC/.test(flags)) {
      this.#sizes[file] = 0;
      this.ops.push({ op: 'truncate', file, length: 0 });
    }
    this.#open.set(fd, { path, file, offset: 0, append: /O_APPEND/.test(flags) });
  }

  #wrote(file: number, offset: number, bytes: Buffer, count: number): void {
    if (bytes.length < count) throw new Error(`${count} bytes were written, ${bytes.length} recorded`);
    this.#sizes[file] = Math.max(this.#sizes[file] ?? 0, offset + count);
    this.ops.push({ op: 'write', file, offset, bytes: bytes.subarray(0, count) });
  }

  #renamed(args: string): void {
    const [from = null, to = null] = this.#paths(args);
    if (from === null && to === null) return;
    if (from === null || to === null) throw new Error('a file came into the folder or left it');
    const file = this.#files.get(from);
    this.#files.delete(from);
    if (file !== undefined) this.#files.set(to, file);
    this.ops.push({ op: 'rename', from, to });
  }

  /** The paths among the arguments, relative to the folder; null: outside of it. */
  #paths(args: string): (string | null)[] {
    return [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, text = '']) => {
      const path = join('/', unescaped(text).toString());
      return path === this.#folder || path.startsWith(`${this.#folder}/`)
        ? path.slice(this.#folder.length + 1)
        : null;
    });
  }
}

const unescaped = (text: string): Buffer => Buffer.from(text.replaceAll('\\x', ''), 'hex');
const lastNumber = (args: string): number => Number.parseInt(/(\d+)\s*$/.exec(args)?.[1] ?? '', 10);

function bytesOf(args: string): Buffer {
  if (args.includes('"...')) throw new Error('a write is longer than what is recorded of one');
  const pieces = [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"/g)].map(([, text = '']) => unescaped(text));
  return Buffer.concat(pieces);
}
