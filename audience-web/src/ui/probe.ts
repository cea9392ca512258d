/**
 * `window.rostrum`: what tests and benchmarks read off the page. Not an interface for other sites.
 * Beside it stand the performance marks `rostrum:open` and `rostrum:first-frame`.
 */
export interface Probe {
  /** Capture to screen by programme date and the service's clock, milliseconds; null while unknown. */
  latencyMs(): number | null;
  /** Programme date of the picture now shown, Unix milliseconds. */
  playingDateUnixMs(): number | null;
  /** How often playback ran dry. */
  stalls: number;
  state: 'countdown' | 'joining' | 'playing' | 'recovering' | 'ended' | 'recording' | 'stage';
  /** `720p`, `audio`, or empty while unknown. */
  level: string;
}

declare global {
  interface Window {
    rostrum: Probe;
  }
}

export const probe: Probe = {
  latencyMs: () => null,
  playingDateUnixMs: () => null,
  stalls: 0,
  state: 'joining',
  level: '',
};
