/** The files by which an ended recording is played: playlists, and what a page is told of it. Made of its journal and its shape. */
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RecordingAbout, type RecordingCut, type RecordingShape } from '@rostrum/contracts/recording';
import { z } from 'zod';
import { DOWNLOADS_FOLDER, downloadOf } from '../download/names.ts';
import {
  ABOUT_NAME,
  aboutOf,
  type Extras,
  MULTIVARIANT_NAME,
  POSTER_NAME,
  type Recording,
} from '../packager/index.ts';
import type { Disk } from './disk.ts';
import { JOURNAL_NAME, type JournalEntry } from './journal.ts';
import { ladderOf, profileOf } from './older.ts';
import { readEntries } from './publish/journal-reader.ts';
import { recordingOf, recover } from './recovery.ts';

/** What a folder has besides. The names of downloads and captions are for whoever makes those. */
export type ExtrasOf = (folder: string) => Promise<Extras>;

/** Beside a poster: of which segment it is. */
export const POSTER_NOTE = 'poster.json';

/** null: there is no poster, or it is not known what it is of. */
export async function posterSegment(folder: string): Promise<string | null> {
  try {
    const [note, names] = await Promise.all([readFile(join(folder, POSTER_NOTE), 'utf8'), readdir(folder)]);
    const { segment } = z.object({ segment: z.string() }).parse(JSON.parse(note));
    return names.includes(POSTER_NAME) ? segment : null;
  } catch {
    return null; // it is made anew
  }
}

/** Those that are whole: they have their names from then on. */
async function downloadsOf(folder: string): Promise<Extras['downloads']> {
  const paths = (await readdir(join(folder, DOWNLOADS_FOLDER)).catch(() => [])).map(
    (name) => `${DOWNLOADS_FOLDER}/${name}`,
  );
  const found = await Promise.all(
    paths.toSorted().map(async (path) => {
      const rendition = downloadOf(path);
      if (rendition === undefined) return [];
      return [{ rendition, state: 'ready' as const, bytes: (await stat(join(folder, path))).size, path }];
    }),
  );
  return found.flat();
}

export const extrasOf: ExtrasOf = async (folder) => {
  const names = new Set(await readdir(folder));
  return {
    poster: names.has(POSTER_NAME) ? POSTER_NAME : null,
    downloads: await downloadsOf(folder),
    captions: [],
  };
};

/** Tells of what there is by now; of one that is for nobody nothing. Rejects with the file system's error. */
export async function tellExtras(disk: Disk, folder: string): Promise<void> {
  const text = await readFile(join(folder, ABOUT_NAME), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (text === null) return;
  const about = { ...RecordingAbout.parse(JSON.parse(text)), ...(await extrasOf(folder)) };
  await disk.replaceFile(join(folder, ABOUT_NAME), [new TextEncoder().encode(JSON.stringify(about))]);
}

/**
 * Writes them anew, and takes away those that are none any more: of one that is not published all of them, since what is not there
 * is served by nobody, whatever becomes of this process. Each is whole at any time. Rejects with the file system's error; then it is
 * to be done again.
 */
export async function writeRecordingFiles(
  disk: Disk,
  folder: string,
  recording: Recording,
  shape: RecordingShape,
): Promise<void> {
  // Nobody is shown a picture of what was cut.
  const segment = await posterSegment(folder);
  const plays = (name: string): boolean =>
    recording.playlists.some(({ pieces }) => pieces.some((piece) => piece.includes(`${name}\n`)));
  if (segment === null || !plays(segment)) await rm(join(folder, POSTER_NAME), { force: true });
  const files = new Map<string, string>();
  const multivariant = shape.published ? recording.multivariant('VOD') : undefined;
  if (multivariant !== undefined) {
    for (const playlist of recording.playlists) files.set(playlist.name, playlist.text('VOD'));
    const about = aboutOf(recording.spans, shape, false, await extrasOf(folder));
    if (about) files.set(ABOUT_NAME, JSON.stringify(about));
    // Last: who finds it finds the others.
    files.set(MULTIVARIANT_NAME, multivariant);
  }
  const surplus = (await readdir(folder)).filter(
    (name) => (name.endsWith('.m3u8') || name === ABOUT_NAME) && !files.has(name),
  );
  for (const name of surplus.toSorted((a, b) => order(a) - order(b))) await rm(join(folder, name));
  if (surplus.length > 0) await disk.syncFolder(folder);
  const encoder = new TextEncoder();
  for (const [name, text] of files) await disk.replaceFile(join(folder, name), [encoder.encode(text)]);
}

/** What others are found by goes first. */
const order = (name: string): number => (name === MULTIVARIANT_NAME ? 0 : 1);

/** The recording of a folder whose channel is over, without what is cut. null: nothing was begun. Other work goes on meanwhile. */
export async function readRecording(
  folder: string,
  cuts: readonly RecordingCut[],
): Promise<Recording | null> {
  const entries: JournalEntry[] = [];
  for (let at = 0; ; ) {
    const read = await readEntries(join(folder, JOURNAL_NAME), at);
    entries.push(...read.entries.map(({ entry }) => entry));
    if (read.next === at) break;
    at = read.next;
  }
  const first = entries.find((entry) => entry.type === 'channel');
  if (!first) return null;
  const profile = profileOf(first);
  const ladder = first.ladder ?? (await ladderOf(folder, first, entries));
  const recording = recordingOf(recover(entries, profile, ladder), profile, ladder, first.channelId, cuts);
  recording.finish();
  return recording;
}
