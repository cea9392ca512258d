/** What of a channel is to be in the bucket, and under which name. Pure. */

import { cacheControl, type ResponseClass } from '@rostrum/cdn-config';
import { folderOf, type MediaArea } from '@rostrum/contracts/media-urls';
import { type LatencyProfile, PROFILES } from '@rostrum/contracts/profile';
import type { JournalEntry } from '../journal.ts';

/** A file that the journal says is on disk. */
export interface WantedFile {
  /** Relative to the channel's folder. */
  readonly file: string;
  /** What the file has to have; null: the journal does not say (init segments). */
  readonly byteLength: number | null;
}

/** What a line of the journal asks for; null: nothing. */
export function wantedFileOf(entry: JournalEntry): WantedFile | null {
  switch (entry.type) {
    case 'init':
      return { file: entry.file, byteLength: null };
    case 'segment': {
      if (entry.file === undefined) return null;
      return { file: entry.file, byteLength: entry.parts.reduce((sum, part) => sum + part.byteLength, 0) };
    }
    case 'track':
      return { file: entry.file, byteLength: entry.byteLength ?? null };
    default:
      return null;
  }
}

/** Isolated tracks are the crew's: they lie under no path that a CDN asks a bucket for. */
const TRACK = /^tracks\//;
/** How a file that the journal names is sent. */
export const kindOfFile = (file: string): 'media' | 'track' => (TRACK.test(file) ? 'track' : 'media');

/**
 * Media have the names that the origin serves them under, so that a CDN can ask either. Recordings'
 * playlists too; playlists without parts have an address of their own, since those of the origin can wait and a bucket's cannot.
 */
export const objectNames = {
  media: (channelId: string, file: string): string => below('live', channelId, file),
  track: (channelId: string, file: string): string => `tracks/${channelId}/${file.replace(TRACK, '')}`,
  recording: (channelId: string, playlist: string): string => below('recordings', channelId, playlist),
  standard: (channelId: string, playlist: string): string => below('standard', channelId, playlist),
};

/** Of a file that the journal names. */
export const objectOfFile = (channelId: string, file: string): string =>
  objectNames[kindOfFile(file)](channelId, file);

/** All folders that a channel has anything in. */
export const objectFolders = (channelId: string): readonly string[] => [
  ...(['live', 'recordings', 'standard'] as const).map((area) => below(area, channelId, '')),
  objectNames.track(channelId, ''),
];

/** Paths without their first slash. */
const below = (area: MediaArea, channelId: string, name: string): string =>
  `${folderOf(area, channelId)}/${name}`.slice(1);

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl';
const MEDIA_TYPE = 'video/mp4';

/** Headers of an object: what the origin says of the same thing. */
export function headersOf(
  kind: Extract<ResponseClass, 'media' | 'recording-playlist' | 'playlist-at-once'> | 'track',
  profile: LatencyProfile = PROFILES.standard,
): { readonly contentType: string; readonly cacheControl: string } {
  if (kind === 'track') return { contentType: 'application/octet-stream', cacheControl: 'private, no-store' };
  return {
    contentType: kind === 'media' ? MEDIA_TYPE : PLAYLIST_TYPE,
    cacheControl: cacheControl(kind, profile),
  };
}
