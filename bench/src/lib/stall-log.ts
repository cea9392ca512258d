import type { Viewer } from '@rostrum/e2e/viewer';

/** What a viewer's page did around each stall, so that a long run tells the cause of the next one. */
export interface StallLog {
  /** To be called with each sample: `stalls` so far, `state` in words. */
  sample(stalls: number, state: string): void;
}

const BEFORE_MS = 8000;
const AFTER_MS = 5000;

/**
 * Keeps the page's console and what is sampled of it for some seconds, and hands them to `tell` after a stall. `everything`: also
 * all that hls.js says, which costs the page some time; the page is loaded anew for it.
 */
export async function stallLog(
  { page }: Viewer,
  options: { readonly everything: boolean; readonly tell: (line: string) => void },
): Promise<StallLog> {
  let lines: { readonly atMs: number; readonly text: string }[] = [];
  let stalls = 0;
  let tellAtMs = Number.POSITIVE_INFINITY;
  const keep = (text: string): void => {
    lines.push({ atMs: Date.now(), text });
  };
  page.on('console', (message) => keep(message.text()));
  if (options.everything) {
    await page.evaluate(() => localStorage.setItem('rostrum.debug', 'hls'));
    await page.reload();
  }
  return {
    sample(stallsNow, state) {
      const nowMs = Date.now();
      keep(`-- ${state}`);
      if (stallsNow > stalls) {
        stalls = stallsNow;
        tellAtMs = Math.min(tellAtMs, nowMs + AFTER_MS);
      }
      if (nowMs >= tellAtMs) {
        options.tell(`stall ${stalls}`);
        for (const { atMs, text } of lines) {
          options.tell(`  ${new Date(atMs).toISOString().slice(11, 23)} ${text}`);
        }
        lines = [];
        tellAtMs = Number.POSITIVE_INFINITY;
      }
      lines = lines.filter(({ atMs }) => atMs > nowMs - BEFORE_MS - AFTER_MS);
    },
  };
}
