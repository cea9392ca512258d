import { CANVAS } from './profile.ts';
import type { LowerThird, OnAirPerson, Scene, Slide } from './scene.ts';

/** A rectangle in canvas pixels; all four are even, so 4:2:0 chroma needs no shifting. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Tile extends Rect {
  readonly personId: string;
  readonly kind: 'camera' | 'screen';
  /** Drawing order, low first. */
  readonly z: number;
  /** Shown on the tile's name card, and large in its middle while no picture arrives; null: no card. */
  readonly name: string;
  readonly nameCard: boolean;
}

/** What to draw, complete: nothing else decides where anything is. */
export interface SceneLayout {
  readonly tiles: readonly Tile[];
  readonly lowerThird: (LowerThird & Rect) | null;
  readonly slide: Slide | null;
}

const GAP = 16;
const even = (n: number): number => Math.floor(n / 2) * 2;
const ASPECT = 16 / 9;

/** The largest 16:9 rectangle inside `area`, centred: cameras are 16:9, so nothing is cropped or barred. */
function fit(area: Rect): Rect {
  const width = even(Math.min(area.width, area.height * ASPECT));
  const height = even(width / ASPECT);
  return {
    x: even(area.x + (area.width - width) / 2),
    y: even(area.y + (area.height - height) / 2),
    width,
    height,
  };
}

/** Columns for `count` tiles that leave the largest tile: 1, 2x1, 2x2, 3x2, 3x3, 4x3. */
function gridColumns(count: number): number {
  if (count <= 1) return 1;
  if (count <= 4) return 2;
  return count <= 9 ? 3 : 4;
}

/** `count` equal 16:9 rectangles filling `area` row by row, the last row centred. */
export function gridRects(count: number, area: Rect): Rect[] {
  const columns = gridColumns(count);
  const rows = Math.max(1, Math.ceil(count / columns));
  const cell = fit({
    x: 0,
    y: 0,
    width: (area.width - GAP * (columns - 1)) / columns,
    height: (area.height - GAP * (rows - 1)) / rows,
  });
  const top = area.y + (area.height - rows * cell.height - (rows - 1) * GAP) / 2;
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const left = area.x + (area.width - inRow * cell.width - (inRow - 1) * GAP) / 2;
    return {
      x: even(left + (i % columns) * (cell.width + GAP)),
      y: even(top + row * (cell.height + GAP)),
      width: cell.width,
      height: cell.height,
    };
  });
}

const inset = (margin: number): Rect => ({
  x: margin,
  y: margin,
  width: CANVAS.width - 2 * margin,
  height: CANVAS.height - 2 * margin,
});

const camera = (person: OnAirPerson, rect: Rect, z: number, nameCard: boolean): Tile => ({
  ...rect,
  personId: person.personId,
  kind: 'camera',
  z,
  name: person.name,
  nameCard,
});

function tilesOf(scene: Scene): Tile[] {
  const { onAir, nameCards } = scene;
  const first = onAir[0];
  if (!first) return [];
  const focus = onAir.find((p) => p.personId === scene.focus) ?? first;
  const sharer = onAir.find((p) => p.personId === scene.screen);
  const full = inset(0);
  const screenTile = (person: OnAirPerson, rect: Rect): Tile => ({
    ...camera(person, rect, 0, false),
    kind: 'screen',
  });

  switch (scene.layout) {
    case 'spotlight':
      return [sharer ? screenTile(sharer, full) : camera(focus, full, 0, nameCards)];
    case 'grid':
      if (onAir.length === 1 && !sharer) return [camera(first, full, 0, nameCards)];
      return gridTiles(scene, sharer);
    case 'side-by-side': {
      const second = onAir.find((p) => p.personId !== focus.personId);
      const pair = sharer ? [focus] : second ? [focus, second] : [focus];
      const rects = gridRects(sharer ? 2 : pair.length, inset(GAP));
      const tiles = pair.map((p, i) => camera(p, rects[sharer ? i + 1 : i] ?? full, i, nameCards));
      return sharer ? [screenTile(sharer, rects[0] ?? full), ...tiles] : tiles;
    }
    case 'screen-speaker': {
      if (!sharer) return [camera(focus, full, 0, nameCards)];
      const side = even(CANVAS.width * 0.22);
      const big = fit({
        x: GAP,
        y: GAP,
        width: CANVAS.width - side - 3 * GAP,
        height: CANVAS.height - 2 * GAP,
      });
      const height = even(side / ASPECT);
      const small = {
        x: CANVAS.width - side - GAP,
        y: even((CANVAS.height - height) / 2),
        width: side,
        height,
      };
      return [screenTile(sharer, big), camera(focus, small, 1, nameCards)];
    }
    case 'picture-in-picture': {
      const width = even(CANVAS.width * 0.24);
      const height = even(width / ASPECT);
      const corner = { x: CANVAS.width - width - GAP, y: CANVAS.height - height - GAP, width, height };
      if (sharer) return [screenTile(sharer, full), camera(focus, corner, 1, nameCards)];
      const second = onAir.find((p) => p.personId !== focus.personId);
      const big = camera(focus, full, 0, nameCards);
      return second ? [big, camera(second, corner, 1, nameCards)] : [big];
    }
  }
}

function gridTiles(scene: Scene, sharer: OnAirPerson | undefined): Tile[] {
  const count = scene.onAir.length + (sharer ? 1 : 0);
  const rects = gridRects(count, inset(GAP));
  const offset = sharer ? 1 : 0;
  const cameras = scene.onAir.flatMap((person, i) => {
    const rect = rects[i + offset];
    return rect ? [camera(person, rect, i + offset, scene.nameCards)] : [];
  });
  const rect = rects[0];
  return sharer && rect
    ? [{ ...camera(sharer, rect, 0, false), kind: 'screen' as const }, ...cameras]
    : cameras;
}

/** Where everything of a scene is, in canvas pixels (1280x720). Pure; nobody on air means a slide, never a black frame. */
export function layoutScene(scene: Scene): SceneLayout {
  const slide =
    scene.slide ??
    (scene.onAir.length === 0 ? { kind: 'holding' as const, title: scene.title, subtitle: '' } : null);
  const lowerThird =
    scene.lowerThird && !slide ? { ...scene.lowerThird, x: 48, y: 584, width: 720, height: 96 } : null;
  return { tiles: slide ? [] : tilesOf(scene), lowerThird, slide };
}
