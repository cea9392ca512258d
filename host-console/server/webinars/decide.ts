import type { WebinarEvent, WebinarState } from '@rostrum/contracts';
import type { Caller, Decidable } from './commands.ts';
import { together } from './features/all.ts';
import type { CommandName, Commands, Deciding, Events, EventType, Toggling } from './features/feature.ts';
import { AFTER, BEFORE } from './features/interactions.ts';
import { type Crowd, NO_CROWD } from './turnout.ts';

const DECIDE: Deciding<CommandName> = together('decide');
const TOGGLED: Toggling<CommandName> = together('toggled');

/**
 * What a command means for the log: the events to append, none when it changes nothing (a repeat), or a
 * `RostrumError`. Pure. The caller's role has been checked against the command's; this decides by the state, and by who is
 * there where numbers are limited.
 */
export function decide(
  state: WebinarState,
  command: Decidable,
  caller: Caller,
  crowd: Crowd = NO_CROWD,
): readonly WebinarEvent[] {
  return decideOne(command.name, state, command, caller, crowd).flatMap((event) =>
    withFollowing(event.type, state, event),
  );
}

function decideOne<N extends CommandName>(
  name: N,
  state: WebinarState,
  command: Commands[N],
  caller: Caller,
  crowd: Crowd,
): readonly WebinarEvent[] {
  return DECIDE[name](state, command, caller, crowd);
}

function withFollowing<T extends EventType>(type: T, state: WebinarState, event: Events[T]): WebinarEvent[] {
  return [...(BEFORE[type]?.(state, event) ?? []), event, ...(AFTER[type]?.(state, event) ?? [])];
}

/** What a command moves that its caller could move back and forth without end; null: it moves no such thing. */
export const toggledBy = (command: Decidable, caller: Caller): string | null =>
  toggledByOne(command.name, command, caller);

const toggledByOne = <N extends CommandName>(name: N, command: Commands[N], caller: Caller): string | null =>
  TOGGLED[name]?.(command, caller) ?? null;
