import fc from 'fast-check';
import { tileGrid } from './tile-grid.ts';

test('a wide area sets two side by side, a tall one sets them one above the other', () => {
  const [a, b] = tileGrid(2, { width: 1000, height: 400 });
  expect(b?.y).toBe(a?.y);
  const [c, d] = tileGrid(2, { width: 360, height: 500 });
  expect(d?.x).toBe(c?.x);
  expect(c?.width).toBe(360);
});

test('tiles stay inside the area and never overlap, for any size and number', () => {
  const size = fc.integer({ min: 200, max: 2000 });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 24 }), size, size, (count, width, height) => {
      const tiles = tileGrid(count, { width, height });
      expect(tiles).toHaveLength(count);
      tiles.forEach((t, i) => {
        expect(t.x).toBeGreaterThanOrEqual(-1);
        expect(t.y).toBeGreaterThanOrEqual(-1);
        expect(t.x + t.width).toBeLessThanOrEqual(width + 1);
        expect(t.y + t.height).toBeLessThanOrEqual(height + 1);
        for (const o of tiles.slice(i + 1)) {
          const apart =
            o.x >= t.x + t.width || t.x >= o.x + o.width || o.y >= t.y + t.height || t.y >= o.y + o.height;
          expect(apart).toBe(true);
        }
      });
    }),
  );
});
