/** What recorders left open, or did not tell of, is put in order: after a crash, and at a channel's end. */
import { open, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Disk, nodeDisk } from '../archive/disk.ts';
import { opusDurationMs } from './depacketise/opus.ts';
import {
  type ChunkEntry,
  type OpenEntry,
  readTracks,
  stateOf,
  TRACKS_FOLDER,
  TRACKS_JOURNAL,
  TRACKS_MANIFEST,
  type TrackState,
  trackLine,
} from './journal.ts';
import { concatList, type ManifestTake, manifestOf } from './manifest.ts';
import { durationBytes, scanChunk } from './matroska.ts';

/** The last picture of a torn chunk is shown for so long. */
const PICTURE_MS = 40;

/**
 * Closes what was left open. Nobody may be recording there. Rejects with the file system's error.
 * @param folder of the channel
 */
export async function recoverTracks(folder: string): Promise<TrackState> {
  const path = join(folder, TRACKS_JOURNAL);
  const entries = await readTracks(path);
  const { open: torn, takes } = stateOf(entries);
  if (torn.length === 0) return stateOf(entries);
  const journal = await open(path, 'a');
  try {
    for (const one of torn) {
      const chunk = await closeTorn(folder, one, takes.get(one.take)?.codec === 'OPUS');
      if (!chunk) continue;
      await journal.appendFile(trackLine(chunk));
      entries.push(chunk);
    }
    await journal.sync();
  } finally {
    await journal.close();
  }
  return stateOf(entries);
}

/** null: nothing of it can be read. */
async function closeTorn(folder: string, entry: OpenEntry, isSound: boolean): Promise<ChunkEntry | null> {
  const path = join(folder, entry.file);
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  const found = bytes && scanChunk(bytes);
  if (!found || found.lastMs === null || !found.last) return null;
  const durationMs = found.lastMs + (isSound ? opusDurationMs(found.last) : PICTURE_MS);
  const file = await open(path, 'r+');
  try {
    await file.truncate(found.length);
    if (found.durationAt !== null) {
      const duration = durationBytes(durationMs);
      await file.write(duration, 0, duration.byteLength, found.durationAt);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return {
    ...entry,
    type: 'chunk',
    toUnixMs: entry.fromUnixMs + durationMs,
    frames: found.frames,
    byteLength: found.length,
  };
}

/** A file beside the tracks that there is now; relative to the channel's folder. */
export interface TrackFile {
  readonly file: string;
  /** null: it may still change. */
  readonly byteLength: number | null;
}

/**
 * Puts all in order and writes what editors read. Nobody may be recording there. Rejects with the file system's error.
 * @returns all files of the tracks; none where nothing was recorded
 */
export async function finishTracks(
  folder: string,
  channelId: string,
  disk: Disk = nodeDisk,
): Promise<TrackFile[]> {
  const there = await stat(join(folder, TRACKS_FOLDER)).catch(() => null);
  if (!there) return [];
  const state = await recoverTracks(folder);
  const manifest = manifestOf(channelId, state);
  const encode = (text: string): Uint8Array[] => [new TextEncoder().encode(text)];
  const lists: ManifestTake[] = [];
  for (const take of manifest.tracks.flatMap(({ takes }) => takes)) {
    const path = join(folder, TRACKS_FOLDER, take.list);
    // A folder that somebody took away is not made again for its list.
    if (!(await stat(dirname(path)).catch(() => null))) continue;
    await disk.replaceFile(path, encode(concatList(take)));
    lists.push(take);
  }
  await disk.replaceFile(join(folder, TRACKS_MANIFEST), encode(`${JSON.stringify(manifest, null, 1)}\n`));
  return [
    ...state.chunks.map(({ file, byteLength }) => ({ file, byteLength })),
    ...lists.map(({ list }) => ({ file: `${TRACKS_FOLDER}/${list}`, byteLength: null })),
    { file: TRACKS_MANIFEST, byteLength: null },
  ];
}
