import type { Chapter } from './about.ts';
import { chapterAt, chapterMarks, nextChapterS, previousChapterS } from './chapters.ts';

const chapters: readonly Chapter[] = [0, 60, 90].map((s) => ({
  startMs: s * 1000,
  title: `at ${s}`,
  kind: 'mark',
}));

test('a position lies in the chapter that began last', () => {
  expect([0, 59.9, 60, 89, 90, 1e6].map((s) => chapterAt(chapters, s))).toEqual([0, 0, 1, 1, 2, 2]);
  expect(chapterAt([], 5)).toBe(-1);
  expect(chapterAt(chapters.slice(1), 5)).toBe(-1);
});

test('a jump to a chapter is in it, though players round its place down', () => {
  expect(chapterAt(chapters, 59.9995)).toBe(1);
});

test('next leads to the next beginning, and nowhere from the last', () => {
  expect([0, 60, 95].map((s) => nextChapterS(chapters, s))).toEqual([60, 90, null]);
  expect(nextChapterS(chapters.slice(1), 5)).toBe(60);
});

test('previous leads to the beginning, and right after that to the one before', () => {
  expect([80, 61, 3.5, 1].map((s) => previousChapterS(chapters, s))).toEqual([60, 0, 0, 0]);
  expect(previousChapterS([], 30)).toBe(0);
});

test('marks stand where chapters begin, none at the beginning and none past the end', () => {
  expect(chapterMarks(chapters, 120)).toEqual([0.5, 0.75]);
  expect(chapterMarks(chapters, 70)).toEqual([60 / 70]);
  expect(chapterMarks(chapters, 0)).toEqual([]);
});
