/** What features leave out of events that were decided together, before they are appended. */
import type { WebinarEvent } from '@rostrum/contracts';
import type { Events, EventType } from './feature.ts';

/** An event that was decided and has no number yet. */
export interface Decided<Event extends WebinarEvent = WebinarEvent> {
  readonly atUnixMs: number;
  readonly event: Event;
}

export interface Condensed {
  readonly leave: Iterable<Decided>;
  /** At the end of all, so nothing else of what is decided together may depend on it. */
  readonly instead: readonly Decided[];
}

export const decidedOf = <T extends EventType>(
  events: readonly Decided[],
  ...types: readonly T[]
): readonly Decided<Events[T]>[] =>
  events.filter((one): one is Decided<Events[T]> => types.some((type) => type === one.event.type));

/** Of things that hold until the next one all but the last, and the last too where nothing is changed by it. */
export function* repeats<Event extends WebinarEvent>(
  events: readonly Decided<Event>[],
  changesNothing: (last: Event) => boolean,
): Generator<Decided> {
  yield* events.slice(0, -1);
  const last = events.at(-1);
  if (last && changesNothing(last.event)) yield last;
}
