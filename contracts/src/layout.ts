import { CANVAS } from './profile.ts';
import type { LowerThird, OnAirPerson, Scene, Slide } from './scene.ts';

/** A rectangle in canvas pixels; all four are even, so 4:2:0 chroma needs no shifting. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where a name plate is, in canvas pixels. It is as wide as its name, up to `maxWidth`. */
export interface NamePlate {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly maxWidth: number;
  readonly fontSize: number;
  /** Left and right of the name. */
  readonly padding: number;
}

/** A tile's place and whose it is, before names are placed. */
interface Place extends Rect {
  readonly personId: string;
  readonly kind: 'camera' | 'screen';
  /** Drawing order, low first. */
  readonly z: number;
  readonly name: string;
  /** Bears its name on a plate. */
  readonly named: boolean;
}

export interface Tile extends Omit<Place, 'named'> {
  /** Where the name goes while there is a picture; null: nowhere. */
  readonly plate: NamePlate | null;
  /** What of the tile the lower third leaves free, in its full width: a card without a picture has its words in here. */
  readonly free: Rect;
}

/** What to draw, complete: nothing else decides where anything is. */
export interface SceneLayout {
  readonly tiles: readonly Tile[];
  readonly lowerThird: (LowerThird & Rect) | null;
  readonly slide: Slide | null;
}

const GAP = 16;
/** Where a lower third is, whenever there is one. */
const BAND: Rect = { x: 48, y: 584, width: 720, height: 96 };
/** Names keep this far from the lower third, and from a small picture that lies on theirs. */
const CLEARANCE = 8;
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

const camera = (person: OnAirPerson, rect: Rect, z: number, named: boolean): Place => ({
  ...rect,
  personId: person.personId,
  kind: 'camera',
  z,
  name: person.name,
  named,
});

function placesOf(scene: Scene): Place[] {
  const { onAir, nameCards } = scene;
  const first = onAir[0];
  if (!first) return [];
  const focus = onAir.find((p) => p.personId === scene.focus) ?? first;
  const sharer = onAir.find((p) => p.personId === scene.screen);
  const full = inset(0);
  const screenTile = (person: OnAirPerson, rect: Rect): Place => ({
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

function gridTiles(scene: Scene, sharer: OnAirPerson | undefined): Place[] {
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

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** The lower third would be wholly on this tile. */
const bearsBand = (place: Rect): boolean =>
  place.x <= BAND.x && place.x + place.width >= BAND.x + BAND.width && overlap(place, BAND);

/**
 * A plate at the lower left of its tile. Where the lower third would touch it, it stands on top of the lower third; where
 * that would be in the middle of the picture, across a face, it goes to the upper left of the tile. The size grows
 * with the tile, between what is readable at 240p and what disturbs at 720p.
 * @param bottom where the part of the tile ends that plates may use
 */
function plateOf(place: Place, bottom: number, above: readonly Rect[]): NamePlate {
  const fontSize = Math.round(Math.min(26, Math.max(15, place.height * 0.05)));
  const height = Math.round(fontSize * 1.75);
  const margin = Math.round(Math.max(8, place.height * 0.03));
  const end = place.y + place.height;
  const raised = end - margin > bottom;
  const low = raised ? bottom - height : end - margin - height;
  const standsOnBand = raised && low >= place.y + (place.height * 2) / 3;
  const y = raised && !standsOnBand ? place.y + margin : low;
  // On top of a lower third that is wholly its own, it begins where that begins.
  const x = standsOnBand && bearsBand(place) ? BAND.x : place.x + margin;
  const row = { x, y, width: place.x + place.width - margin - x, height };
  const right = above.filter((r) => overlap(r, row)).map((r) => r.x - CLEARANCE);
  return {
    x,
    y,
    height,
    maxWidth: Math.min(x + row.width, ...right) - x,
    fontSize,
    padding: Math.round(fontSize * 0.7),
  };
}

/** Puts the names where the lower third is not. Plates of one row do alike, so that they stay on one line. */
function tilesOf(places: readonly Place[], third: SceneLayout['lowerThird']): Tile[] {
  return places.map((place) => {
    const { named, ...tile } = place;
    const end = place.y + place.height;
    const bottomBeside = (tiles: readonly Place[]): number =>
      third && tiles.some((p) => overlap(p, third)) ? Math.min(end, third.y - CLEARANCE) : end;
    const row = places.filter((p) => p.y === place.y && p.height === place.height);
    const above = places.filter((p) => p.z > place.z && overlap(p, place));
    // Nobody is named twice, one line above the other.
    const isNamedByThird = third?.title === place.name && bearsBand(place);
    return {
      ...tile,
      plate: named && place.name && !isNamedByThird ? plateOf(place, bottomBeside(row), above) : null,
      free: { x: place.x, y: place.y, width: place.width, height: bottomBeside([place]) - place.y },
    };
  });
}

/** Where everything of a scene is, in canvas pixels (1280x720). Pure; nobody on air means a slide, never a black frame. */
export function layoutScene(scene: Scene): SceneLayout {
  const slide =
    scene.slide ??
    (scene.onAir.length === 0 ? { kind: 'holding' as const, title: scene.title, subtitle: '' } : null);
  const lowerThird = scene.lowerThird && !slide ? { ...scene.lowerThird, ...BAND } : null;
  return { tiles: slide ? [] : tilesOf(placesOf(scene), lowerThird), lowerThird, slide };
}
