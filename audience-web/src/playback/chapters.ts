import type { Chapter } from './about.ts';

/** So long after a chapter's beginning "previous" still means the one before; later it means this one's beginning. */
const RETURN_S = 3;

/** Index of the chapter in which a position lies; -1 before the first and without any. Pure, as all here. */
export function chapterAt(chapters: readonly Chapter[], positionS: number): number {
  return chapters.findLastIndex(({ startMs }) => startMs <= positionS * 1000 + 1);
}

/** Where the next chapter begins, seconds; null in the last. */
export function nextChapterS(chapters: readonly Chapter[], positionS: number): number | null {
  const next = chapters[chapterAt(chapters, positionS) + 1];
  return next === undefined ? null : next.startMs / 1000;
}

/** Where "previous" leads, seconds: to this chapter's beginning, or, just after it, to that of the one before. */
export function previousChapterS(chapters: readonly Chapter[], positionS: number): number {
  const at = chapterAt(chapters, positionS);
  const own = chapters[at];
  if (own === undefined) return 0;
  const back = positionS - own.startMs / 1000 < RETURN_S ? chapters[at - 1] : own;
  return (back?.startMs ?? 0) / 1000;
}

/** Where marks stand on the scrubber, as shares of its length: of all chapters but one that begins it. */
export function chapterMarks(chapters: readonly Chapter[], durationS: number): readonly number[] {
  if (durationS <= 0) return [];
  return chapters.map(({ startMs }) => startMs / 1000 / durationS).filter((at) => at > 0.002 && at < 1);
}
