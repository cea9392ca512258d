/** Isolated tracks of who wants them deleted, taken off the disk. */
import { open, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { MediaSource } from '@rostrum/contracts';
import type { TracksErasure } from '@rostrum/contracts/recording';
import { type Disk, nodeDisk } from '../archive/disk.ts';
import { TRACKS_FOLDER, TRACKS_JOURNAL, type TrackState, trackLine } from './journal.ts';
import { listName, trackId } from './manifest.ts';
import { finishTracks, recoverTracks } from './recovery.ts';

/**
 * Deletes what is wished. First the journal says so, for good; then what editors read tells of it no more; then the files go. What a
 * crash leaves is done by the next call. Nobody may be recording there, or putting it in order. Resolves with how many files went.
 * Rejects with the file system's error; then it is to be called again.
 * @param folder of the channel
 */
export async function eraseTracks(
  folder: string,
  channelId: string,
  wishes: readonly TracksErasure[],
  disk: Disk = nodeDisk,
): Promise<number> {
  if (wishes.length === 0 || !(await isThere(join(folder, TRACKS_FOLDER)))) return 0;
  const state = await recoverTracks(folder);
  const files = [...(await unlisted(folder, state, wishes)), ...filesToErase(state, wishes)];
  if (files.length > 0) await note(folder, files);
  const left: string[] = [];
  for (const file of [...state.erased, ...files]) if (await isThere(join(folder, file))) left.push(file);
  // The files go last: where none is left, all is as it should be.
  if (files.length === 0 && left.length === 0) return 0;
  const kept = new Set((await finishTracks(folder, channelId, disk)).map(({ file }) => dirname(file)));
  for (const track of new Set(left.map((file) => dirname(file)))) {
    const gone = kept.has(track) ? left.filter((file) => dirname(file) === track) : [track];
    for (const path of gone) await rm(join(folder, path), { recursive: true, force: true });
    await disk.syncFolder(join(folder, kept.has(track) ? track : dirname(track)));
  }
  return left.length;
}

/**
 * Chunks, whole or not, and lists of takes of which no chunk stays; relative to the channel's folder. A take goes wholly when it
 * began before the moment: a no ends it, and what came of it afterwards was on its way, or by a clock that differs. Pure.
 */
export function filesToErase(state: TrackState, wishes: readonly TracksErasure[]): string[] {
  const before = new Map(wishes.map(({ personId, beforeUnixMs }) => [personId, beforeUnixMs]));
  const isWished = (take: number): boolean => {
    const { personId } = state.takes.get(take) ?? { personId: '' };
    return (state.beganUnixMs.get(take) ?? Number.POSITIVE_INFINITY) < (before.get(personId) ?? 0);
  };
  const chunks = [...state.chunks, ...state.open].filter(({ take }) => isWished(take));
  const lists = [...state.takes.values()]
    .filter(({ take }) => isWished(take))
    .map(({ take, personId, source }) => `${TRACKS_FOLDER}/${listName(trackId(personId, source), take)}`);
  return [...chunks.map(({ file }) => file), ...lists.filter((list) => !state.erased.has(list))];
}

/**
 * Chunks that the journal does not know, as a power cut leaves them: from when they are nobody can say, and nobody finds them to
 * edit either.
 */
async function unlisted(
  folder: string,
  { chunks, open: torn, erased }: TrackState,
  wishes: readonly TracksErasure[],
): Promise<string[]> {
  const known = new Set([...[...chunks, ...torn].map(({ file }) => file), ...erased]);
  const files: string[] = [];
  for (const { personId } of wishes) {
    for (const source of MediaSource.options) {
      const track = `${TRACKS_FOLDER}/${trackId(personId, source)}`;
      const names = await readdir(join(folder, track)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      const chunkNames = names.filter((name) => /^[1-9]\d{0,8}\.(?:webm|mkv)$/.test(name));
      files.push(...chunkNames.map((name) => `${track}/${name}`).filter((file) => !known.has(file)));
    }
  }
  return files;
}

async function note(folder: string, files: readonly string[]): Promise<void> {
  const journal = await open(join(folder, TRACKS_JOURNAL), 'a');
  try {
    await journal.appendFile(files.map((file) => trackLine({ type: 'erased', file })).join(''));
    await journal.sync();
  } finally {
    await journal.close();
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw error;
    },
  );
