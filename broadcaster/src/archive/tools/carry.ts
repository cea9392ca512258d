/** A recording with everything of it, out of one data folder and into another. Streams: a file of any size costs the same memory. */
import { createHash } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Id } from '@rostrum/contracts/ids';
import { Tombstones } from '../delete/tombstones.ts';
import { nodeDisk } from '../disk.ts';
import { endOf } from '../ended.ts';
import { JOURNAL_NAME } from '../journal.ts';
import { PUBLISHED_NAME } from '../publish/published.ts';
import { isWrong, wordsOf } from './findings.ts';
import { inspect } from './inspect.ts';
import { readJournaled } from './journaled.ts';
import {
  CarryError,
  FILES_NAME,
  MANIFEST_NAME,
  type Manifest,
  RelativePath,
  readManifest,
} from './manifest.ts';
import type { Progress } from './progress.ts';

export interface CarryOptions {
  readonly archiveDir: string;
  readonly progress: Progress;
  readonly nowUnixMs: () => number;
  /** What is left out, and why. */
  readonly warn: (text: string) => void;
}

/** What is of this machine and its bucket alone. */
const STAYS = new Set([PUBLISHED_NAME]);
const IMPORTING = '.import-';

/**
 * Writes an ended recording to a new folder, each file with its SHA-256. It is there whole or not at all. Resolves with what was
 * written. @throws CarryError
 */
export async function exportRecording(
  channelId: string,
  to: string,
  options: CarryOptions,
): Promise<Manifest> {
  const { archiveDir, progress, nowUnixMs, warn } = options;
  const folder = join(archiveDir, idOf(channelId));
  const end = await endOf(join(folder, JOURNAL_NAME));
  if (end === null) throw new CarryError(`there is no recording ${channelId} in ${archiveDir}`);
  if (end === 'open')
    throw new CarryError(
      `${channelId} has no end yet: end its webinar, or \`./rostrum archive repair --end ${channelId}\``,
    );
  if (await exists(to)) throw new CarryError(`${to} is there already`);
  const part = `${to}.part`;
  await rm(part, { recursive: true, force: true });
  await mkdir(join(part, FILES_NAME), { recursive: true });
  const files: Manifest['files'] = [];
  const paths = (await pathsIn(folder, warn)).filter((path) => !STAYS.has(path));
  for (const path of paths) {
    const copied = await copyFile(join(folder, path), join(part, FILES_NAME, path));
    files.push({ path, ...copied });
    progress.tell(`${channelId}: ${files.length} of ${paths.length} files`);
  }
  const manifest: Manifest = { version: 1, channelId, exportedUnixMs: nowUnixMs(), files };
  const text = new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`);
  await nodeDisk.replaceFile(join(part, MANIFEST_NAME), [text]);
  await rename(part, to);
  await nodeDisk.syncFolder(dirname(to));
  return manifest;
}

/**
 * Takes an exported recording into an archive that does not have it: checked file by file, and there for a broadcaster whole or not
 * at all. It may run meanwhile. @throws CarryError
 */
export async function importRecording(from: string, options: CarryOptions): Promise<Manifest> {
  const { archiveDir, progress } = options;
  const manifest = await readManifest(from);
  const { channelId, files } = manifest;
  await refuseKnown(archiveDir, channelId);
  const importing = join(archiveDir, `${IMPORTING}${channelId}`);
  await rm(importing, { recursive: true, force: true });
  try {
    await nodeDisk.makeFolder(importing, archiveDir);
    for (const [n, { path, bytes, sha256 }] of files.entries()) {
      const source = join(from, FILES_NAME, path);
      const copied = await copyFile(source, join(importing, path)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') throw new CarryError(`${source} is missing`);
        if (error.code === 'ELOOP') throw new CarryError(`${source} is a link: it is not followed`);
        throw error;
      });
      if (copied.bytes !== bytes || copied.sha256 !== sha256)
        throw new CarryError(`${source} is not what was exported: its checksum differs`);
      progress.tell(`${channelId}: ${n + 1} of ${files.length} files`);
    }
    await refuseOther(importing, channelId, options);
    for (const folder of foldersOf(files.map(({ path }) => path)))
      await nodeDisk.syncFolder(join(importing, folder));
    await refuseKnown(archiveDir, channelId);
    await rename(importing, join(archiveDir, channelId));
    await nodeDisk.syncFolder(archiveDir);
  } finally {
    await rm(importing, { recursive: true, force: true });
  }
  return manifest;
}

async function refuseKnown(archiveDir: string, channelId: string): Promise<void> {
  if (await exists(join(archiveDir, channelId)))
    throw new CarryError(`there is a recording ${channelId} already: it is left as it is`);
  if ((await new Tombstones(archiveDir).read()).has(channelId))
    throw new CarryError(`the recording ${channelId} is being deleted here`);
}

/** What was carried has to be the recording that it says, ended and whole. */
async function refuseOther(importing: string, channelId: string, options: CarryOptions): Promise<void> {
  const journal = await readJournaled(importing);
  if (journal?.begun?.channelId !== channelId)
    throw new CarryError(`its journal is of ${journal?.begun?.channelId ?? 'nothing'}, not of ${channelId}`);
  if (!journal.ended) throw new CarryError('its journal has no end');
  const { progress, nowUnixMs } = options;
  const report = await inspect({
    ...{ archiveDir: dirname(importing), channelId: `${IMPORTING}${channelId}`, progress, nowUnixMs },
    ...{ bucket: null, deep: false },
  });
  const wrong = report?.findings.filter(isWrong) ?? [];
  for (const finding of wrong) options.warn(`imported as it was exported: ${wordsOf(finding)}`);
}

/** All regular files, as paths with slashes, sorted. */
async function pathsIn(folder: string, warn: (text: string) => void): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name)
      .slice(folder.length + 1)
      .replaceAll(sep, '/');
    if (entry.isDirectory()) return [];
    if (entry.isFile() && RelativePath.safeParse(path).success) return [path];
    warn(`left out: ${path}, which is ${entry.isFile() ? 'no name of ours' : 'no file'}`);
    return [];
  });
  return paths.sort();
}

/** Durable but for the folder. Links are not followed; a file in the way is an error. */
async function copyFile(from: string, to: string): Promise<{ bytes: number; sha256: string }> {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    if (!(await source.stat()).isFile()) throw new CarryError(`${from} is no file`);
    await mkdir(dirname(to), { recursive: true });
    const hash = createHash('sha256');
    let bytes = 0;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        bytes += chunk.byteLength;
        done(null, chunk);
      },
    });
    const target = createWriteStream(to, { flags: 'wx', flush: true });
    await pipeline(source.createReadStream({ autoClose: false }), count, target);
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    await source.close();
  }
}

function foldersOf(paths: readonly string[]): string[] {
  const folders = new Set<string>(['']);
  for (const path of paths) {
    const parts = path.split('/').slice(0, -1);
    for (let n = 1; n <= parts.length; n += 1) folders.add(parts.slice(0, n).join('/'));
  }
  return [...folders].toSorted((a, b) => b.length - a.length);
}

const idOf = (text: string): string => {
  const parsed = Id.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new CarryError(`${JSON.stringify(text)} is no recording: ${parsed.error.issues[0]?.message}`);
};

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
