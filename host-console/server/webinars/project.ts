import type { ViewDelta, WebinarEvent, WebinarView } from '@rostrum/contracts';
import { FEATURES, selfOfAll, type Touch, together, viewOfAll } from './features/all.ts';
import type {
  Concerning,
  Events,
  EventType,
  Showing,
  Standing,
  Touches,
  Touching,
  TouchKind,
} from './features/feature.ts';
import {
  classOf,
  Deltas,
  type Look,
  VIEWER_CLASSES,
  type Viewer,
  type ViewerClass,
} from './features/look.ts';
import type { FoldedState } from './features/state.ts';
import { ALL_COUNT, type Counted } from './turnout.ts';

export { phaseView } from './features/phase/phase.ts';
export { classOf, type Touch, VIEWER_CLASSES, type Viewer, type ViewerClass };

/**
 * Everything the viewer may see. `originUrl`: where channels are served now; null: where the log says. `counted`: which votes
 * and hands of the log do.
 */
export function project(
  state: FoldedState,
  viewer: Viewer,
  originUrl: string | null,
  counted: Counted = ALL_COUNT,
): WebinarView {
  const { personId, name, role } = viewer;
  const viewerClass = classOf(state, viewer);
  return {
    webinarId: state.webinarId,
    self: { personId, name, role, ...standingOf(state, personId) },
    ...viewOfAll({ state, viewerClass, personId, changedSides: false, originUrl, counted }),
  };
}

const standingOf = (state: FoldedState, personId: string): Standing => selfOfAll(state, personId);

const TOUCHES: Touching<EventType> = together('touches');

export const touchesOf = (event: WebinarEvent): readonly Touch[] => touchesOfOne(event.type, event);

const touchesOfOne = <T extends EventType>(type: T, event: Events[T]): readonly Touch[] =>
  TOUCHES[type](event);

/** Touches without repeats, in the order they first came; a vote on a question that changed otherwise is part of that. */
export function mergeTouches(events: Iterable<WebinarEvent>): Touch[] {
  const merged = new Map<string, Touch>();
  for (const event of events) {
    for (const touch of touchesOf(event)) {
      const key = Object.values(touch).join(' ');
      if (!merged.has(key)) merged.set(key, touch);
    }
  }
  return [...merged.values()];
}

const CONCERNS: Concerning<TouchKind> = {
  ...together('concerns'),
  self: ({ personId }) => [personId],
  class: ({ personId }) => [personId],
};

/** People whose deltas differ from their class's: for them the deltas are made one by one. */
export function concernedBy(touches: readonly Touch[], state: FoldedState): Set<string> {
  const people = new Set<string>();
  for (const touch of touches) {
    for (const personId of concernedByOne(touch.kind, touch, state)) people.add(personId);
  }
  return people;
}

const concernedByOne = <K extends TouchKind>(
  kind: K,
  touch: Touches[K],
  state: FoldedState,
): Iterable<string> => CONCERNS[kind]?.(touch, state) ?? [];

const DELTAS: Showing<TouchKind> = {
  ...together('deltas'),
  self: ({ personId }, { state, personId: own }, deltas) => {
    if (personId === own) deltas.add('self', { type: 'self', ...standingOf(state, personId) });
  },
  class: ({ personId }, look, deltas) => {
    if (personId !== look.personId) return;
    deltas.add('self', { type: 'self', ...standingOf(look.state, personId) });
    for (const feature of FEATURES) if ('changedSides' in feature) feature.changedSides(look, deltas);
  },
};

/**
 * The deltas that bring a view from before the touches to `state`. `viewer` is one person, or a class: then without
 * what is anybody's own. Several touches of one thing give one delta with its present value.
 */
export function deltasOf(
  touches: readonly Touch[],
  state: FoldedState,
  viewer: Viewer | ViewerClass,
  originUrl: string | null,
  counted: Counted = ALL_COUNT,
): ViewDelta[] {
  const viewerClass = typeof viewer === 'string' ? viewer : classOf(state, viewer);
  const personId = typeof viewer === 'string' ? null : viewer.personId;
  const changedSides = touches.some((t) => t.kind === 'class' && t.personId === personId);
  const look = { state, viewerClass, personId, changedSides, originUrl, counted };
  const deltas = new Deltas();
  for (const touch of touches) addDeltas(touch.kind, touch, look, deltas);
  return deltas.list();
}

function addDeltas<K extends TouchKind>(kind: K, touch: Touches[K], look: Look, deltas: Deltas): void {
  DELTAS[kind](touch, look, deltas);
}

/** The deltas of one event to one viewer; `after` is the state it led to. */
export const deltasFor = (
  event: WebinarEvent,
  after: FoldedState,
  viewer: Viewer,
  originUrl: string | null,
): ViewDelta[] => deltasOf(touchesOf(event), after, viewer, originUrl);
