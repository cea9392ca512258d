/** What pictures and sound that came, with the moments at which they did, say of a network. All times Unix ms unless said. */
import { clockAgeMs } from '../clock.ts';
import type { HeardWindow, SeenFrame } from './network-probe.ts';

/** A stretch of time: from the first, up to the second. */
export type Stretch = readonly [fromUnixMs: number, toUnixMs: number];

/** A picture that stays for longer than this is seen to stand. */
const FREEZE_MS = 300;
const WINDOW_MS = 20;
/** A window with less than this share of the tone's usual level is a hole. */
const SILENT_SHARE = 0.3;
/** Windows come a few at a time: by so much those of a stretch may be fewer than it is long, and none is missing. */
const BURST_MS = 150;
/** The picture has to be back for this long. */
const STEADY_MS = 1000;

const within = <T extends { readonly atUnixMs: number }>(all: readonly T[], [from, to]: Stretch): T[] =>
  all.filter(({ atUnixMs }) => atUnixMs >= from && atUnixMs < to);

/** Middle of the values, or what stands at another share of them. NaN of none. */
export function quantileOf(values: readonly number[], share = 0.5): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** For how long the tone was not heard, ms: windows without it, and what never came. */
export function holesMs(sound: readonly HeardWindow[], stretch: Stretch, usualLevel: number): number {
  const windows = within(sound, stretch);
  const quiet = windows.filter(({ level }) => level < SILENT_SHARE * usualLevel).length;
  const missingMs = stretch[1] - stretch[0] - windows.length * WINDOW_MS;
  return quiet * WINDOW_MS + (missingMs > BURST_MS ? missingMs : 0);
}

/** How often, and for how long altogether, the picture stood: pictures with the clock of the one before are none. */
export function freezes(
  frames: readonly SeenFrame[],
  [from, to]: Stretch,
): { readonly count: number; readonly ms: number } {
  const fresh: number[] = [];
  let before: number | null = null;
  for (const { atUnixMs, clock } of frames) {
    if (clock === null || clock === before) continue;
    before = clock;
    if (atUnixMs >= from && atUnixMs < to) fresh.push(atUnixMs);
  }
  const moments = [from, ...fresh, to];
  const gaps = moments.slice(1).map((moment, i) => moment - (moments[i] ?? moment));
  const stood = gaps.filter((ms) => ms > FREEZE_MS);
  return { count: stood.length, ms: stood.reduce((sum, ms) => sum + ms, 0) };
}

/** Ages of the pictures, ms, as they came. */
export const agesMs = (frames: readonly SeenFrame[], stretch: Stretch): number[] =>
  within(frames, stretch).flatMap(({ clock, atUnixMs }) =>
    clock === null ? [] : [clockAgeMs(clock, atUnixMs)],
  );

/** Lines that most pictures of a stretch have; 0: there are none. */
export const usualHeight = (frames: readonly SeenFrame[], stretch: Stretch): number =>
  quantileOf(within(frames, stretch).map(({ height }) => height)) || 0;

/** Time from the beginning to the first picture of fewer lines, ms; null: there is none. */
export function steppedDownMs(
  frames: readonly SeenFrame[],
  stretch: Stretch,
  fullHeight: number,
): number | null {
  const lower = within(frames, stretch).find(({ height }) => height < fullHeight);
  return lower ? lower.atUnixMs - stretch[0] : null;
}

/** Time from a moment until pictures have all their lines, without a freeze, and do so for a second, ms; null: not yet. */
export function backUpMs(
  frames: readonly SeenFrame[],
  sinceUnixMs: number,
  fullHeight: number,
): number | null {
  let since: number | null = null;
  let before: SeenFrame | null = null;
  for (const frame of frames) {
    if (frame.atUnixMs < sinceUnixMs) continue;
    const stood = before !== null && frame.atUnixMs - before.atUnixMs > FREEZE_MS;
    before = frame;
    if (frame.height < fullHeight) since = null;
    else if (since === null || stood) since = frame.atUnixMs;
    if (since !== null && frame.atUnixMs - since >= STEADY_MS) return since - sinceUnixMs;
  }
  return null;
}
