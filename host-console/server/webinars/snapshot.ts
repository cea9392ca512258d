/** A webinar's state as text in parts, and back. */
import { z } from 'zod';
import { together } from './features/all.ts';
import { DraftState } from './features/draft-state.ts';
import { IdsPart, type Kept, type Part, Places, ReadPlaces } from './features/parts.ts';
import { emptyState, type FoldedState } from './fold.ts';

/**
 * Raise it when the parts say something else or say it differently, and when `fold` makes something else of the same
 * events: a snapshot of another version is not looked at, and the log is read instead. Where `ROSTRUM_LOG_KEEP_DAYS` may
 * have shortened a log there is nothing instead, so from the second version on the first has to be readable too.
 */
export const SNAPSHOT_VERSION = 1;

/** `seq` and the webinar stand in the head. */
type Name = Exclude<keyof FoldedState, 'webinarId' | 'seq'>;

const KEPT: { readonly [N in Name]: Kept<FoldedState[N]> } = together('kept');
const NAMES = Object.keys(KEPT) as Name[];

const FRAME = new Map(
  NAMES.flatMap((name) => (KEPT[name].in === 'frame' ? [[name, KEPT[name].schema]] : [])),
);
const FramePart = z.object({ kind: z.literal('frame'), frame: z.object(Object.fromEntries(FRAME)) });
const READ = new Map(
  NAMES.flatMap((name) => (KEPT[name].in === 'parts' ? Object.entries(KEPT[name].read) : [])),
);
const AnyPart = z.looseObject({ kind: z.string() });

/** The parts of a snapshot. Takes its time only while the next one is asked for; `state` never changes. */
export function* writeSnapshot(state: FoldedState): Generator<string> {
  const frame = Object.fromEntries([...FRAME.keys()].map((name) => [name, state[name]]));
  yield JSON.stringify({ kind: 'frame', frame });
  const places = new Places();
  for (const name of NAMES) {
    for (const part of partsOf(name, state, places)) {
      // Those that the part speaks of.
      for (const ids of places.fresh()) yield JSON.stringify(ids);
      yield JSON.stringify(part);
    }
  }
}

function partsOf<N extends Name>(name: N, state: FoldedState, places: Places): Iterable<Part> {
  const kept: Kept<FoldedState[N]> = KEPT[name];
  return kept.in === 'parts' ? kept.write(state[name], places) : [];
}

/** Puts a state together from its parts, in the order they were written. */
export class SnapshotReader {
  readonly #draft: DraftState;
  readonly #places = new ReadPlaces();
  #framed = false;

  constructor(webinarId: string, seq: number) {
    this.#draft = new DraftState({ ...emptyState(webinarId), seq });
  }

  /** Throws when it is no part of a snapshot of this version. */
  add(text: string): void {
    const part = AnyPart.parse(JSON.parse(text));
    if (part.kind === 'frame') {
      Object.assign(this.#draft.now, FramePart.parse(part).frame);
      this.#framed = true;
    } else if (part.kind === 'ids') {
      this.#places.add(IdsPart.parse(part).ids);
    } else {
      const read = READ.get(part.kind);
      if (!read) throw new Error(`there is no part called ${part.kind}`);
      read(this.#draft, part, this.#places);
    }
  }

  /** Call when all parts were added and found to be those that were written. */
  state(): FoldedState {
    if (!this.#framed) throw new Error('the first part is missing');
    return this.#draft.now;
  }
}
