export * from './multivariant.ts';
export {
  ABOUT_NAME,
  MULTIVARIANT_NAME,
  POSTER_NAME,
  parseMediaName,
  playedNames,
  playlistName,
} from './names.ts';
export { withMediaInPlace } from './older-recording.ts';
export { Packager, type PackagerEvent, type PackagerResume } from './packager.ts';
export * from './playlist.ts';
export { type RecordedSpan, Recording } from './recording.ts';
export { aboutOf, type Extras } from './recording-about.ts';
export type { RecordingPlaylist, RecordingType } from './recording-playlist.ts';
export * from './reload.ts';
export * from './window.ts';
