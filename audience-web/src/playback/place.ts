import type { Keep } from '@rostrum/room-client/keep';

/** Where somebody stopped. Before this it is not worth a question, and so near the end they have seen it. */
const EARLIEST_S = 15;
const END_S = 20;
const END_SHARE = 0.03;
/** Of so many recordings the place is known; the longest unseen is forgotten. */
const MAX_PLACES = 50;
const KEY = 'places';

type Place = readonly [recording: string, positionS: number];

/** The place worth remembering; null: none, they have just begun or are through. Pure. */
export function placeToKeep(positionS: number, durationS: number): number | null {
  const leftS = Math.min(END_S, durationS * END_SHARE + 2);
  if (positionS < Math.min(EARLIEST_S, durationS / 4) || positionS > durationS - leftS) return null;
  return Math.floor(positionS);
}

/** The kept places, the one that was changed last at the end. */
function read(keep: Keep): Place[] {
  try {
    const stored: unknown = JSON.parse(keep.read(KEY) ?? '[]');
    if (!Array.isArray(stored)) return [];
    return stored.filter(
      (place): place is Place =>
        Array.isArray(place) && typeof place[0] === 'string' && Number.isFinite(place[1]) && place[1] > 0,
    );
  } catch {
    return [];
  }
}

/** Where this browser stopped in a recording, seconds; null: nowhere. */
export function placeIn(keep: Keep, webinarId: string): number | null {
  return read(keep).find(([id]) => id === webinarId)?.[1] ?? null;
}

export function keepPlace(keep: Keep, webinarId: string, positionS: number, durationS: number): void {
  const known = read(keep);
  const others = known.filter(([id]) => id !== webinarId);
  const place = placeToKeep(positionS, durationS);
  const places: Place[] = place === null ? others : [...others, [webinarId, place]];
  if (places.length === 0 && known.length === 0) return;
  keep.write(KEY, places.length === 0 ? null : JSON.stringify(places.slice(-MAX_PLACES)));
}
