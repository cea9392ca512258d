export * from './multivariant.ts';
export { MULTIVARIANT_NAME, parseMediaName, playlistName } from './names.ts';
export { Packager, type PackagerEvent, type PackagerResume } from './packager.ts';
export * from './playlist.ts';
export * from './recording.ts';
export * from './reload.ts';
export * from './vod-playlist.ts';
export * from './window.ts';
