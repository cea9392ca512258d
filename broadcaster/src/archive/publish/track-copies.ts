/**
 * Removes copies of isolated tracks that were deleted, and has those of what tells of tracks say so. Level-triggered: what the
 * journal of the tracks says is erased, and not that its copies are, is to go.
 */
import { appendFile, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  readTracks,
  stateOf,
  TRACKS_FOLDER,
  TRACKS_JOURNAL,
  TRACKS_MANIFEST,
  type TrackState,
  trackLine,
} from '../../isolated/journal.ts';
import { manifestOf } from '../../isolated/manifest.ts';
import { type Bucket, Copies, type CopiesOptions } from './copies.ts';
import { headersOf, objectNames } from './wanted.ts';

export class TrackCopies extends Copies {
  constructor(options: CopiesOptions) {
    const words = {
      failing: 'copies of deleted tracks cannot be removed, trying again',
      again: 'copies of deleted tracks can be removed again',
      failed: 'copies of deleted tracks could not be removed',
    };
    super(options, words, async (channelId, bucket) => {
      const files = await removeErased(join(options.archiveDir, channelId), channelId, bucket);
      if (files > 0) options.logger.info({ channelId, files }, 'copies of deleted tracks are gone');
    });
  }
}

/** @returns how many files were not known to be gone */
async function removeErased(folder: string, channelId: string, bucket: Bucket): Promise<number> {
  const path = join(folder, TRACKS_JOURNAL);
  const state = stateOf(await readTracks(path));
  const files = [...state.erased].slice(state.copiesErased);
  if (files.length === 0) return 0;
  // Who reads them finds nothing that is not there.
  for (const file of tellingFiles(channelId, state, files)) {
    const bytes = await readFile(join(folder, file));
    await bucket.put({ name: objectNames.track(channelId, file), bytes, ...headersOf('track') });
  }
  for (const beginning of beginningsOf(channelId, state, files)) await bucket.remove(beginning);
  await appendFile(path, trackLine({ type: 'copiesErased', files: state.erased.size }));
  return files.length;
}

/** The manifest, and lists of what is left of tracks that lost some of it. */
function tellingFiles(channelId: string, state: TrackState, files: readonly string[]): string[] {
  const folders = new Set(files.map((file) => dirname(file)));
  const lists = manifestOf(channelId, state)
    .tracks.filter(({ id }) => folders.has(`${TRACKS_FOLDER}/${id}`))
    .flatMap(({ takes }) => takes.map(({ list }) => `${TRACKS_FOLDER}/${list}`));
  return [...lists, TRACKS_MANIFEST];
}

/** What names of objects that are to go begin with: a track of which nothing is left goes at once. */
function beginningsOf(channelId: string, state: TrackState, files: readonly string[]): Set<string> {
  const kept = new Set([...state.chunks, ...state.open].map(({ file }) => dirname(file)));
  const name = (file: string): string =>
    objectNames.track(channelId, kept.has(dirname(file)) ? file : `${dirname(file)}/`);
  return new Set(files.map(name));
}
