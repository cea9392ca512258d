/** Looks at one recording, and changes nothing: also at one that is being written to. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MULTIVARIANT_NAME, parseMediaName } from '../../packager/index.ts';
import { playlistName } from '../../packager/names.ts';
import { JOURNAL_NAME } from '../journal.ts';
import { objectNames, objectOfFile, wantedFileOf } from '../publish/wanted.ts';
import { readShape } from '../shape.ts';
import type { BucketReader } from './bucket.ts';
import type { Finding, Report } from './findings.ts';
import { type Journaled, readJournaled, readPublished } from './journaled.ts';
import type { Progress } from './progress.ts';

export interface InspectOptions {
  readonly archiveDir: string;
  readonly channelId: string;
  /** Also compares copies by name and size; null: does not. */
  readonly bucket: BucketReader | null;
  /** Also reads every file that was copied, and compares its MD5 with the one that was noted then. */
  readonly deep: boolean;
  readonly progress: Progress;
  /** Unix milliseconds. */
  readonly nowUnixMs: () => number;
}

/** What is younger in an open channel may be on its way into the journal. */
const SETTLED_AFTER_MS = 60_000;
const STAT_AT_ONCE = 32;

/** null: there is no such recording (any more). Rejects with the file system's error, and with `PublishError`. */
export async function inspect(options: InspectOptions): Promise<Report | null> {
  const { archiveDir, channelId } = options;
  const folder = join(archiveDir, channelId);
  // Before the journal: what is on disk by then and not in it comes later, or never.
  const onDisk = await mediaIn(folder);
  if (!onDisk) return null;
  const journal = await readJournaled(folder);
  if (!journal) {
    return {
      channelId,
      ended: false,
      files: 0,
      bytes: 0,
      findings: [{ kind: 'no-journal' }],
      notUpYet: null,
    };
  }
  const findings: Finding[] = [];
  if (!journal.begun) findings.push({ kind: 'no-beginning' });
  if (journal.unreadable > 0) findings.push({ kind: 'unreadable-lines', lines: journal.unreadable });
  if (journal.tornBytes > 0 && (journal.ended || (await isSettled(join(folder, JOURNAL_NAME), options))))
    findings.push({ kind: 'torn-journal', bytes: journal.tornBytes });
  const files = filesOf(journal);
  findings.push(...(await wrongFiles(folder, files, options)));
  if (journal.ended) findings.push(...(await wrongPlaylists(folder, journal)));
  for (const file of onDisk) {
    if (journal.named.has(file)) continue;
    const path = join(folder, file);
    const found = await stat(path).catch(() => null);
    if (found && (journal.ended || (await isSettled(path, options))))
      findings.push({ kind: 'unreferenced', file, bytes: found.size });
  }
  const copies = await wrongCopies(folder, files, options);
  // It may have been deleted meanwhile: then nothing of this holds.
  if (!(await mediaIn(folder))) return null;
  return {
    channelId,
    ended: journal.ended !== null,
    files: files.length,
    bytes: files.reduce((sum, { byteLength }) => sum + (byteLength ?? 0), 0),
    findings: [...findings, ...copies.findings],
    notUpYet: copies.notUpYet,
  };
}

interface KnownFile {
  readonly file: string;
  /** null: the journal does not say. */
  readonly byteLength: number | null;
}

/** What has to be there by the journal, inits first. */
function filesOf({ inits, segments, tracks }: Journaled): KnownFile[] {
  const media = segments.flatMap((entry) => wantedFileOf(entry) ?? []);
  const others = [...tracks].map(([file, byteLength]) => ({ file, byteLength }));
  return [...[...inits].map((file) => ({ file, byteLength: null })), ...media, ...others];
}

async function wrongFiles(
  folder: string,
  files: readonly KnownFile[],
  { deep, progress, channelId }: InspectOptions,
): Promise<Finding[]> {
  const noted = deep ? await readPublished(folder) : new Map<string, never>();
  const findings: Finding[] = [];
  let done = 0;
  for (let at = 0; at < files.length; at += STAT_AT_ONCE) {
    const some = files.slice(at, at + STAT_AT_ONCE);
    const found = await Promise.all(
      some.map(async ({ file, byteLength }): Promise<Finding | null> => {
        const path = join(folder, file);
        const size = await sizeOf(path);
        if (size === null) return { kind: 'missing', file };
        if (byteLength !== null && size !== byteLength)
          return { kind: 'short', file, bytes: byteLength, found: size };
        // An init segment's length is in no line; an empty one is none.
        if (size === 0) return { kind: 'short', file, bytes: 1, found: 0 };
        const md5 = noted.get(file)?.md5;
        if (md5 !== undefined && (await md5Of(path)) !== md5) return { kind: 'damaged', file };
        return null;
      }),
    );
    findings.push(...found.filter((one) => one !== null));
    done += some.length;
    progress.tell(`${channelId}: ${done} of ${files.length} files`);
  }
  return findings;
}

async function wrongPlaylists(folder: string, journal: Journaled): Promise<Finding[]> {
  // One that is for nobody has none.
  if (!(await readShape(folder)).published) return [];
  // Nor has one on which nothing was shown.
  const shown = new Set(
    journal.segments.flatMap(({ rendition, file }) => (file === undefined ? [] : rendition)),
  );
  if (shown.size === 0) return [];
  const findings: Finding[] = [];
  for (const file of [MULTIVARIANT_NAME, ...[...shown].map(playlistName)]) {
    const tail = await tailOf(join(folder, file));
    if (tail === null) findings.push({ kind: 'no-playlist', file });
    else if (file !== MULTIVARIANT_NAME && !tail.endsWith('#EXT-X-ENDLIST\n'))
      findings.push({ kind: 'unfinished-playlist', file });
  }
  return findings;
}

async function wrongCopies(
  folder: string,
  files: readonly KnownFile[],
  { bucket, channelId }: InspectOptions,
): Promise<{ findings: Finding[]; notUpYet: number | null }> {
  if (!bucket) return { findings: [], notUpYet: null };
  // First what was noted: what goes up meanwhile is not missed then.
  const noted = await readPublished(folder);
  const up = new Map([
    ...(await bucket.sizes(objectNames.media(channelId, ''))),
    ...(await bucket.sizes(objectNames.track(channelId, ''))),
  ]);
  const findings: Finding[] = [];
  let notUpYet = 0;
  for (const { file } of files) {
    const line = noted.get(file);
    const name = objectOfFile(channelId, file);
    const found = up.get(name);
    if (line === undefined) {
      if (found === undefined) notUpYet += 1;
      continue;
    }
    // Left out, since it was not what the journal says: the disk's findings have it.
    if (line.md5 === undefined) continue;
    if (found === undefined) findings.push({ kind: 'not-in-bucket', name });
    else if (found !== line.byteLength)
      findings.push({ kind: 'other-in-bucket', name, bytes: line.byteLength, found });
  }
  return { findings, notUpYet };
}

/** Media files below a folder, by their names in it; null: there is none. What is under way (`.open`, `.new`) is not among them. */
async function mediaIn(folder: string): Promise<string[] | null> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
      throw error;
    },
  );
  if (!entries) return null;
  return entries.flatMap((entry) => {
    if (!entry.isFile()) return [];
    const name = join(entry.parentPath, entry.name)
      .slice(folder.length + 1)
      .replaceAll(sep, '/');
    return parseMediaName(name) ? [name] : [];
  });
}

async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    (found) => (found.isFile() ? found.size : null),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
      throw error;
    },
  );
}

async function isSettled(path: string, { nowUnixMs }: InspectOptions): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && nowUnixMs() - found.mtimeMs > SETTLED_AFTER_MS;
}

/** By streams: a file of any size costs the same memory. */
async function md5Of(path: string): Promise<string> {
  const hash = createHash('md5');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

const TAIL_BYTES = 64;

async function tailOf(path: string): Promise<string | null> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!file) return null;
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TAIL_BYTES), 0, TAIL_BYTES, start);
    return buffer.subarray(0, bytesRead).toString();
  } finally {
    await file.close();
  }
}
