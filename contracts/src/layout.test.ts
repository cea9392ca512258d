import fc from 'fast-check';
import { gridRects, layoutScene, type Rect } from './layout.ts';
import { CANVAS } from './profile.ts';
import { emptyScene, LayoutName, MAX_ON_AIR, type Scene } from './scene.ts';

const person = (i: number) => ({ personId: `person${i}`, name: `Person ${i}` });

const arbitraryScene = fc
  .record({
    count: fc.integer({ min: 0, max: MAX_ON_AIR }),
    layout: fc.constantFrom(...LayoutName.options),
    focus: fc.option(fc.integer({ min: 0, max: MAX_ON_AIR })),
    screen: fc.option(fc.integer({ min: 0, max: MAX_ON_AIR })),
    slide: fc.boolean(),
  })
  .map(
    ({ count, layout, focus, screen, slide }): Scene => ({
      ...emptyScene('A title'),
      layout,
      onAir: Array.from({ length: count }, (_, i) => person(i)),
      focus: focus === null ? null : `person${focus}`,
      screen: screen === null ? null : `person${screen}`,
      slide: slide ? { kind: 'holding', title: 'Back soon', subtitle: '' } : null,
    }),
  );

const inside = (r: Rect) =>
  r.x >= 0 && r.y >= 0 && r.x + r.width <= CANVAS.width && r.y + r.height <= CANVAS.height;
const overlap = (a: Rect, b: Rect) =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

describe('layoutScene', () => {
  test('every tile of every scene lies inside the canvas on even pixels', () => {
    fc.assert(
      fc.property(arbitraryScene, (scene) => {
        for (const tile of layoutScene(scene).tiles) {
          expect(inside(tile)).toBe(true);
          expect([tile.x, tile.y, tile.width, tile.height].every((n) => n % 2 === 0)).toBe(true);
          expect(tile.width).toBeGreaterThan(0);
        }
      }),
    );
  });

  test('only people on air are drawn, each camera and each screen at most once', () => {
    fc.assert(
      fc.property(arbitraryScene, (scene) => {
        const tiles = layoutScene(scene).tiles;
        const onAir = new Set(scene.onAir.map((p) => p.personId));
        expect(tiles.every((t) => onAir.has(t.personId))).toBe(true);
        expect(new Set(tiles.map((t) => `${t.kind} ${t.personId}`)).size).toBe(tiles.length);
      }),
    );
  });

  test('tiles overlap only where a small picture lies on a large one', () => {
    fc.assert(
      fc.property(arbitraryScene, (scene) => {
        const tiles = layoutScene(scene).tiles;
        const pairs = tiles.flatMap((a, i) => tiles.slice(i + 1).map((b) => [a, b] as const));
        if (scene.layout === 'picture-in-picture') return;
        expect(pairs.some(([a, b]) => overlap(a, b))).toBe(false);
      }),
    );
  });

  test('a grid shows everybody on air', () => {
    for (let n = 1; n <= MAX_ON_AIR; n += 1) {
      const scene = { ...emptyScene('t'), onAir: Array.from({ length: n }, (_, i) => person(i)) };
      expect(layoutScene(scene).tiles).toHaveLength(n);
    }
  });

  test('nobody on air means the holding slide with the title, never a black frame', () => {
    expect(layoutScene(emptyScene('Town hall'))).toEqual({
      tiles: [],
      lowerThird: null,
      slide: { kind: 'holding', title: 'Town hall', subtitle: '' },
    });
  });

  test('screen + speaker shows the shared screen large and the focus beside it', () => {
    const scene: Scene = {
      ...emptyScene('t'),
      layout: 'screen-speaker',
      onAir: [person(0), person(1)],
      focus: 'person1',
      screen: 'person0',
    };
    const [screen, speaker] = layoutScene(scene).tiles;
    expect(screen).toMatchObject({ kind: 'screen', personId: 'person0' });
    expect(speaker).toMatchObject({ kind: 'camera', personId: 'person1' });
    expect((screen?.width ?? 0) > 3 * (speaker?.width ?? 0)).toBe(true);
  });

  test('two people side by side have equal 16:9 tiles', () => {
    const [a, b] = gridRects(2, { x: 0, y: 0, width: CANVAS.width, height: CANVAS.height });
    expect(a?.width).toBe(b?.width);
    expect((a?.width ?? 0) / (a?.height ?? 1)).toBeCloseTo(16 / 9, 1);
  });
});
