export * from './multivariant.ts';
export { MULTIVARIANT_NAME, parseMediaName, playlistName } from './names.ts';
export { withMediaInPlace } from './older-recording.ts';
export { Packager, type PackagerEvent, type PackagerResume } from './packager.ts';
export * from './playlist.ts';
export { type RecordedSpan, Recording } from './recording.ts';
export type { RecordingPlaylist, RecordingType } from './recording-playlist.ts';
export * from './reload.ts';
export * from './window.ts';
