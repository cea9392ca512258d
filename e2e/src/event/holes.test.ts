import { drawnUnixMs, holesIn, unexplained } from './holes.ts';

test('a reading stands for the nearest instant, also where the clock begins again', () => {
  const nowUnixMs = 65_536 * 1000 + 100;
  expect(drawnUnixMs(50, nowUnixMs)).toBe(nowUnixMs - 50);
  expect(drawnUnixMs(65_500, nowUnixMs)).toBe(nowUnixMs - 136);
  expect(drawnUnixMs(300, nowUnixMs)).toBe(nowUnixMs + 200);
});

test('a hole is found wherever pictures are, and no other', () => {
  const drawn = [0, 40, 80, 80, 120, 400, 360, 440];
  expect(holesIn(drawn, 100)).toEqual([{ fromUnixMs: 120, toUnixMs: 360 }]);
  expect(holesIn(drawn, 240)).toEqual([]);
  expect(holesIn([], 40)).toEqual([]);
});

test('a hole is explained by what covers all of it', () => {
  const hole = { fromUnixMs: 120, toUnixMs: 360 };
  expect(unexplained([hole], [{ fromUnixMs: 100, toUnixMs: 360 }])).toEqual([]);
  expect(unexplained([hole], [{ fromUnixMs: 130, toUnixMs: 400 }])).toEqual([hole]);
  expect(
    unexplained(
      [hole],
      [
        { fromUnixMs: 100, toUnixMs: 200 },
        { fromUnixMs: 200, toUnixMs: 400 },
      ],
    ),
  ).toEqual([hole]);
});
