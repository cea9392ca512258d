import type { ViewerMeasurements } from '@rostrum/contracts/measurements';
import { createMeasurementsLog } from './measurements.ts';
import type { Player } from './player.ts';

const NOTE_EVERY_MS = 1000;
const REPORT_EVERY_MS = 60_000;
const RENDITIONS: readonly ViewerMeasurements['rendition'][] = ['720p', '480p', '240p', 'audio'];

/**
 * Tells the coordinator once a minute, and when the page is left, how playing went: for its sums, in which nobody can be
 * found again. Nothing is tried twice. Answers what stops it.
 *
 * By `fetch` with `keepalive`, which outlives the page as a beacon does; but beacons carry cookies, and this does not.
 */
export function reportMeasurements(options: {
  readonly player: Player;
  readonly video: HTMLVideoElement;
  /** null while it is not known. */
  readonly coordinatorUrl: () => string | null;
  /** What the first picture is counted from, on the page's own clock. */
  readonly openedAtMs: number;
}): () => void {
  const { player, video, openedAtMs } = options;
  const log = createMeasurementsLog();
  const stopped = new AbortController();

  const note = (): void => {
    const s = player.state.get();
    const first = performance.getEntriesByName('rostrum:first-frame')[0]?.startTime;
    const shown = s.quality === 'audio' ? 'audio' : `${s.playingHeight}p`;
    log.note({
      nowMs: performance.now(),
      playing: s.status === 'playing',
      stalled: s.status === 'recovering' && s.firstFrame,
      stalls: s.stalls,
      latencyMs: s.following ? s.latencyMs : null,
      rendition: RENDITIONS.find((name) => name === shown) ?? 'other',
      startDelayMs: first === undefined ? null : Math.max(0, first - openedAtMs),
      bufferMs:
        video.buffered.length === 0
          ? 0
          : (video.buffered.end(video.buffered.length - 1) - video.currentTime) * 1000,
      throughput: player.throughput(),
    });
  };
  const send = (): void => {
    const url = options.coordinatorUrl();
    const report = url === null ? null : log.take();
    if (report === null) return;
    fetch(`${url}/api/measurements`, {
      method: 'POST',
      mode: 'no-cors',
      credentials: 'omit',
      keepalive: true,
      body: JSON.stringify(report),
    }).catch((error: unknown) => console.info('rostrum: a report was lost', error));
  };
  const leave = (): void => {
    note();
    send();
  };
  const timers = [setInterval(note, NOTE_EVERY_MS), setInterval(send, REPORT_EVERY_MS)];
  window.addEventListener('pagehide', leave, { signal: stopped.signal });
  document.addEventListener(
    'visibilitychange',
    // The last that phones tell a page.
    () => document.visibilityState === 'hidden' && leave(),
    { signal: stopped.signal },
  );
  return () => {
    if (stopped.signal.aborted) return;
    leave();
    stopped.abort();
    for (const timer of timers) clearInterval(timer);
  };
}
