/** hls.js ships types for its full build only; the light one is a subset of the same classes. */
declare module 'hls.js/light' {
  export * from 'hls.js';
  export { default } from 'hls.js';
}
declare module '*.css';
