import type { LoggedEvent } from '@rostrum/contracts';
import { together } from './features/all.ts';
import { DraftState } from './features/draft-state.ts';
import type { Applying, Events, EventType, Moment } from './features/feature.ts';
import { ALONG } from './features/interactions.ts';
import type { FoldedState } from './features/state.ts';

export type { FoldedState };

const APPLY: Applying<EventType> = together('apply');

export function emptyState(webinarId: string): FoldedState {
  return { webinarId, seq: 0, ...together('empty') };
}

/** The state after `logged`. Pure: `state` stays as it was. Throws on a hole in the log. */
export function fold(state: FoldedState, logged: LoggedEvent): FoldedState {
  return foldAll(state, [logged]);
}

/** The state after all of `log`, with one copy of what changes however many events there are. */
export function foldAll(state: FoldedState, log: Iterable<LoggedEvent>): FoldedState {
  const draft = new Draft(state);
  for (const logged of log) draft.apply(logged);
  return draft.state;
}

/**
 * A state being built from the log. `state` may be read at any time; it changes with the next `apply`, so whoever keeps it
 * stops applying.
 */
export class Draft {
  readonly #draft: DraftState;

  constructor(base: FoldedState) {
    this.#draft = new DraftState(base);
  }

  get state(): FoldedState {
    return this.#draft.now;
  }

  apply(logged: LoggedEvent): void {
    const { now } = this.#draft;
    if (logged.seq !== now.seq + 1) {
      throw new Error(`event ${logged.seq} of webinar ${now.webinarId} does not follow ${now.seq}`);
    }
    applyOne(this.#draft, logged.event.type, logged.event, logged);
    now.seq = logged.seq;
  }
}

function applyOne<T extends EventType>(draft: DraftState, type: T, event: Events[T], moment: Moment): void {
  ALONG[type]?.(draft, event, moment);
  APPLY[type](draft, event, moment);
}
