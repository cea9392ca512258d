import fc from 'fast-check';
import { gridRects, layoutScene, type Rect, type Tile } from './layout.ts';
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

  const everyScene = (changes: Partial<Scene>): Scene[] =>
    LayoutName.options.flatMap((layout) =>
      Array.from({ length: MAX_ON_AIR }, (_, i) => i + 1).flatMap((count) =>
        [null, 0, count - 1].flatMap((screen) =>
          [0, count - 1].map((focus) => ({
            ...emptyScene('t'),
            layout,
            onAir: Array.from({ length: count }, (__, i) => person(i)),
            focus: `person${focus}`,
            screen: screen === null ? null : `person${screen}`,
            ...changes,
          })),
        ),
      ),
    );
  const withThird = { lowerThird: { title: 'Keynote', subtitle: '' } };
  /** The plate of the longest name. */
  const plateRect = ({ plate }: Tile): Rect | null => plate && { ...plate, width: plate.maxWidth };
  const contains = (outer: Rect, inner: Rect) =>
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height;

  test('a lower third touches no name plate, and every camera keeps its plate, in every layout with 1 to 12 people', () => {
    for (const scene of everyScene(withThird)) {
      const { tiles, lowerThird } = layoutScene(scene);
      if (!lowerThird) throw new Error('no lower third');
      for (const tile of tiles) {
        const plate = plateRect(tile);
        if (tile.kind === 'screen') {
          expect(plate).toBeNull();
          continue;
        }
        if (!plate) throw new Error('no plate');
        expect(overlap(plate, lowerThird)).toBe(false);
        expect(contains(tile, plate)).toBe(true);
        expect(plate.width).toBeGreaterThan(100);
      }
    }
  });

  test('a name plate lies on no other picture', () => {
    for (const scene of [...everyScene({}), ...everyScene(withThird)]) {
      const { tiles } = layoutScene(scene);
      for (const tile of tiles) {
        const plate = plateRect(tile);
        if (!plate) continue;
        const others = tiles.filter((t) => t !== tile && t.z >= tile.z);
        expect(others.some((t) => overlap(t, plate))).toBe(false);
      }
    }
  });

  test('plates of one row stay on one line, and those above the lower third where they were', () => {
    for (const scene of everyScene({})) {
      const before = layoutScene(scene).tiles;
      const { tiles, lowerThird } = layoutScene({ ...scene, ...withThird });
      tiles.forEach((tile, i) => {
        for (const mate of tiles.filter((t) => t.plate && t.y === tile.y && t.height === tile.height))
          if (tile.plate) expect(mate.plate?.y).toBe(tile.plate.y);
        if (lowerThird && tile.y + tile.height <= lowerThird.y) expect(tile).toEqual(before[i]);
      });
    }
  });

  test('a lower third moves no tile; what it leaves free of one is big enough for a name', () => {
    for (const scene of everyScene({})) {
      const before = layoutScene(scene).tiles;
      const { tiles, lowerThird } = layoutScene({ ...scene, ...withThird });
      const rects = (all: readonly Tile[]) =>
        all.map(({ personId, x, y, width, height, z }) => [personId, x, y, width, height, z]);
      expect(rects(tiles)).toEqual(rects(before));
      for (const [i, tile] of tiles.entries()) {
        expect(lowerThird && overlap(tile.free, lowerThird)).toBe(false);
        expect(contains(tile, tile.free)).toBe(true);
        expect(tile.free.height).toBeGreaterThanOrEqual(30);
        expect(before[i]?.free).toMatchObject({ y: tile.y, height: tile.height });
      }
    }
  });

  test('one large picture has its name on top of the lower third, small ones in their upper left corner', () => {
    const alone = { ...emptyScene('t'), ...withThird, layout: 'spotlight' as const, onAir: [person(0)] };
    expect(layoutScene(alone).tiles[0]?.plate).toMatchObject({ x: 48, y: 530, height: 46 });
    const four = { ...alone, layout: 'grid' as const, onAir: [0, 1, 2, 3].map(person) };
    const tiles = layoutScene(four).tiles;
    const offsets = tiles.map((t) => ((t.plate?.y ?? 0) - t.y < t.height / 2 ? 'upper' : 'lower'));
    expect(offsets).toEqual(['lower', 'lower', 'upper', 'upper']);
  });

  test('a lower third that says the name of the one large picture stands in for its plate', () => {
    const lowerThird = { title: 'Person 0', subtitle: 'Speaker' };
    const alone = { ...emptyScene('t'), lowerThird, layout: 'spotlight' as const, onAir: [person(0)] };
    expect(layoutScene(alone).tiles[0]?.plate).toBeNull();
    expect(layoutScene({ ...alone, lowerThird: null }).tiles[0]?.plate).not.toBeNull();
    // Among others, the plate says which of them it is.
    const two = { ...alone, layout: 'grid' as const, onAir: [person(0), person(1)] };
    expect(layoutScene(two).tiles[0]?.plate).not.toBeNull();
  });

  test('without name cards, or without a name, there is no plate', () => {
    const scene = { ...emptyScene('t'), onAir: [person(0), { personId: 'person1', name: '' }] };
    expect(layoutScene(scene).tiles.map((t) => t.plate !== null)).toEqual([true, false]);
    expect(layoutScene({ ...scene, nameCards: false }).tiles.map((t) => t.plate)).toEqual([null, null]);
  });

  test('two people side by side have equal 16:9 tiles', () => {
    const [a, b] = gridRects(2, { x: 0, y: 0, width: CANVAS.width, height: CANVAS.height });
    expect(a?.width).toBe(b?.width);
    expect((a?.width ?? 0) / (a?.height ?? 1)).toBeCloseTo(16 / 9, 1);
  });
});
