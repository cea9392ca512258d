/**
 * Names of media files, relative to the folder that holds a channel's live playlists, and on disk; other playlists put
 * `mediaBase` (contracts/media-urls.ts) in front. The epoch in the path makes that no name is ever used twice (LL18). Media playlists lie all in one
 * folder, so that a name in EXT-X-RENDITION-REPORT is literally the one of the multivariant playlist (LL7).
 */

export const MULTIVARIANT_NAME = 'multivariant.m3u8';

/** Beside a recording's playlists: what a page is told of it, and its picture. */
export const ABOUT_NAME = 'about.json';
export const POSTER_NAME = 'poster.jpg';

export const playlistName = (rendition: string): string => `${rendition}.m3u8`;
/** Of the recording: the rendition's key frames alone. */
export const keyFramesName = (rendition: string): string => `${rendition}-iframes.m3u8`;
export const initName = (rendition: string, epoch: number): string => `${rendition}/e${epoch}/init.mp4`;
export const segmentName = (rendition: string, epoch: number, msn: number): string =>
  `${rendition}/e${epoch}/s${msn}.mp4`;
/** By `join`, which makes one flat string: a window of two hours keeps 144,000, and a template leaves four pieces of each. */
export const partName = (rendition: string, epoch: number, msn: number, part: number): string =>
  [rendition, '/e', epoch, '/s', msn, '.p', part, '.mp4'].join('');

export type MediaName =
  | { readonly kind: 'init'; readonly rendition: string; readonly epoch: number }
  | { readonly kind: 'segment'; readonly rendition: string; readonly epoch: number; readonly msn: number }
  | {
      readonly kind: 'part';
      readonly rendition: string;
      readonly epoch: number;
      readonly msn: number;
      readonly part: number;
    };

const NUMBER = '(0|[1-9][0-9]{0,9})';
const MEDIA_NAME = new RegExp(
  `^([A-Za-z0-9_-]{1,32})/e${NUMBER}/(?:init|s${NUMBER}(?:\\.p${NUMBER})?)\\.mp4$`,
);

/** What a media file's name says; undefined for a name that this system never gives. One spelling a name. */
export function parseMediaName(name: string): MediaName | undefined {
  const match = MEDIA_NAME.exec(name);
  if (!match) return undefined;
  const rendition = match[1] ?? '';
  const epoch = Number(match[2]);
  if (match[3] === undefined) return { kind: 'init', rendition, epoch };
  const msn = Number(match[3]);
  if (match[4] === undefined) return { kind: 'segment', rendition, epoch, msn };
  return { kind: 'part', rendition, epoch, msn, part: Number(match[4]) };
}

const PLAYED = /[A-Za-z0-9_-]{1,32}(?:\/e\d+\/(?:s\d+|init)\.mp4|\.m3u8)(?=["\n]|$)/g;

/** What a playlist plays: media by their names, of a multivariant playlist the playlists. */
export const playedNames = (playlist: string): ReadonlySet<string> => new Set(playlist.match(PLAYED) ?? []);
