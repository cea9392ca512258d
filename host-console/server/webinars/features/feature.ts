/**
 * What a feature of a webinar brings, in a folder of its own: what is decided, what events make of the state, what of it is
 * shown to whom and how a snapshot keeps it. `all.ts` lists them; where one changes what is another's stands in `interactions.ts`.
 */
import type { LoggedEvent, WebinarEvent, WebinarState, WebinarView } from '@rostrum/contracts';
import type { Caller, Decidable } from '../commands.ts';
import type { Crowd } from '../turnout.ts';
import type { Touch } from './all.ts';
import type { Condensed, Decided } from './condensing.ts';
import type { DraftState } from './draft-state.ts';
import type { Deltas, Look } from './look.ts';
import type { Kept } from './parts.ts';
import type { FoldedState } from './state.ts';

export type EventType = WebinarEvent['type'];
export type Events = { readonly [T in EventType]: Extract<WebinarEvent, { type: T }> };
export type CommandName = Decidable['name'];
export type Commands = { readonly [N in CommandName]: Extract<Decidable, { name: N }> };
export type TouchKind = Touch['kind'];
export type Touches = { readonly [K in TouchKind]: Extract<Touch, { kind: K }> };

/** Where in the log an event stands. */
export type Moment = Pick<LoggedEvent, 'seq' | 'atUnixMs'>;

/** What of `view.self` changes. */
export type Standing = Pick<WebinarView['self'], 'guest' | 'hand' | 'muted' | 'consent'>;

/**
 * `Event`: those of the log that are its own; `Command`: the names of those it decides; `State`: its part of the state;
 * `Shown`: what of it changes in views. Each table has a line for each of them, which the compiler sees to.
 */
export interface Feature<
  Event extends EventType,
  Command extends CommandName,
  State,
  Shown extends TouchKind,
> {
  /** Before the first event. */
  readonly empty: State;
  readonly decide: Deciding<Command>;
  /**
   * What a command moves that its caller could move back and forth without end: it is moved once a second at most, and what it
   * comes to in between is all that is decided. A command that has no line moves no such thing.
   */
  readonly toggled?: Toggling<Command>;
  readonly apply: Applying<Event>;
  /** What need not be appended of events that were decided together. Absent: all of it is. */
  condense?(before: FoldedState, events: readonly Decided[]): Condensed;
  /** What an event changes in views, of other features too. */
  readonly touches: Touching<Event>;
  readonly deltas: Showing<Shown>;
  /** People whose deltas for a touch differ from their class's. Absent: nobody's do. */
  readonly concerns?: Concerning<Shown>;
  /** Its part of the whole view. */
  view?(look: Look): Partial<WebinarView>;
  /** Its part of what somebody is told of themselves. */
  self?(state: FoldedState, personId: string): Partial<Standing>;
  /** Adds what the stage sees and the audience does not, for who went from one to the other: to show it or to take it away. */
  changedSides?(look: Look, deltas: Deltas): void;
  readonly kept: { readonly [S in keyof State]: Kept<State[S]> };
}

/** The events to append, none when it changes nothing (a repeat), or a `RostrumError` is thrown. Pure. */
export type Deciding<Name extends CommandName> = {
  readonly [N in Name]: (
    state: WebinarState,
    command: Commands[N],
    caller: Caller,
    crowd: Crowd,
  ) => readonly WebinarEvent[];
};

export type Toggling<Name extends CommandName> = {
  readonly [N in Name]?: (command: Commands[N], caller: Caller) => string;
};

/** Changes the draft, and nothing besides: the same event makes the same of the same state. */
export type Applying<Type extends EventType> = {
  readonly [T in Type]: (draft: DraftState, event: Events[T], moment: Moment) => void;
};

export type Touching<Type extends EventType> = {
  readonly [T in Type]: (event: Events[T]) => readonly Touch[];
};

export type Concerning<Kind extends TouchKind> = {
  readonly [K in Kind]?: (touch: Touches[K], state: FoldedState) => Iterable<string>;
};

/** Adds the deltas that bring a view to the present state. */
export type Showing<Kind extends TouchKind> = {
  readonly [K in Kind]: (touch: Touches[K], look: Look, deltas: Deltas) => void;
};
