/** How snapshots keep what is a feature's. */
import { Id } from '@rostrum/contracts';
import { z } from 'zod';
import type { DraftState } from './draft-state.ts';

/** Of one part: some tens of kilobytes, less than a millisecond or two of making and reading. */
export const AT_ONCE = {
  people: 500,
  links: 500,
  questions: 100,
  ids: 10_000,
  voters: 10_000,
  story: 250,
  backstageMessages: 100,
} as const;

/** In the frame stands what there is one of, or a thousand at most; all else in parts. */
export type Kept<Value> =
  | { readonly in: 'frame'; readonly schema: z.ZodType<Value> }
  | {
      readonly in: 'parts';
      readonly read: Readonly<Record<string, ReadPart>>;
      write(value: Value, places: Places): Iterable<Part>;
    };

export interface Part {
  readonly kind: string;
}

/** Throws when it is no part of that kind. */
export type ReadPart = (draft: DraftState, part: unknown, places: ReadPlaces) => void;

export const inFrame = <Value>(schema: z.ZodType<Value>): Kept<Value> => ({ in: 'frame', schema });

/** `write`: kinds that are read, and no others. */
export const inParts = <Value, Kind extends string>(
  read: Readonly<Record<Kind, ReadPart>>,
  write: (value: Value, places: Places) => Iterable<{ readonly kind: NoInfer<Kind> }>,
): Kept<Value> => ({ in: 'parts', read, write });

export const readPart =
  <T>(schema: z.ZodType<T>, read: (draft: DraftState, part: T, places: ReadPlaces) => void): ReadPart =>
  (draft, part, places) =>
    read(draft, schema.parse(part), places);

/** Ids of people are written once; what follows has their places in the list. */
export const IdsPart = z.object({ kind: z.literal('ids'), ids: z.array(Id) });
/** A place among ids, or among things of another part. */
export const Place = z.int().nonnegative();

/** Numbers ids as they come. */
export class Places {
  readonly #places = new Map<string, number>();
  #fresh: string[] = [];

  of(id: string): number {
    const known = this.#places.get(id);
    if (known !== undefined) return known;
    this.#places.set(id, this.#places.size);
    this.#fresh.push(id);
    return this.#places.size - 1;
  }

  /** Those that came since it was asked last. */
  *fresh(): Generator<z.infer<typeof IdsPart>> {
    for (const ids of chunks(this.#fresh, AT_ONCE.ids)) yield { kind: 'ids', ids };
    this.#fresh = [];
  }
}

export class ReadPlaces {
  readonly #ids: string[] = [];

  add(ids: readonly string[]): void {
    for (const id of ids) this.#ids.push(id);
  }

  idAt(place: number): string {
    const id = this.#ids[place];
    if (id === undefined) throw new Error(`there is no id ${place}`);
    return id;
  }
}

export function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    chunk.push(item);
    if (chunk.length < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
