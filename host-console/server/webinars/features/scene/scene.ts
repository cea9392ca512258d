/** What the picture shows, and whether somebody or the programme directs it. */
import {
  Direction,
  emptyScene,
  RostrumError,
  Scene,
  type SceneEvent,
  type SceneState,
  type sceneCommands,
  type ViewDelta,
  type WebinarState,
} from '@rostrum/contracts';
import { definedOnly } from '../../defined-only.ts';
import { refuseAfterEnd } from '../../refusals.ts';
import { decidedOf, repeats } from '../condensing.ts';
import type { DraftState } from '../draft-state.ts';
import type { Feature } from '../feature.ts';
import { inFrame } from '../parts.ts';
import type { FoldedState } from '../state.ts';
import { takeOffAir, takeOnAir } from './air.ts';

export interface SceneTouch {
  readonly kind: 'scene';
}

const touched = (): SceneTouch[] => [{ kind: 'scene' }];

export function openScene({ now }: DraftState, title: string): void {
  now.scene = emptyScene(title);
}

export const scene = {
  empty: { direction: 'manual', scene: emptyScene('') },
  decide: {
    'air:set': (state, { input: { personId, onAir } }) => {
      refuseAfterEnd(state);
      return onAir ? takeOnAir(state, personId) : takeOffAir(state, personId);
    },
    'scene:update': (state, { input }) => {
      refuseAfterEnd(state);
      return changeScene(state, definedOnly(input));
    },
    'direction:set': (state, { input: { direction } }) => {
      refuseAfterEnd(state);
      return direction === state.direction ? [] : [{ type: 'direction.changed', direction }];
    },
  },
  toggled: { 'direction:set': () => 'direction' },
  apply: {
    'scene.changed': ({ now }, event) => {
      now.scene = event.scene;
    },
    'direction.changed': ({ now }, { direction }) => {
      now.direction = direction;
    },
  },
  condense: (before, events) => ({
    leave: [
      ...repeats(decidedOf(events, 'scene.changed'), (last) => isSame(last.scene, before.scene)),
      ...repeats(decidedOf(events, 'direction.changed'), (last) => last.direction === before.direction),
    ],
    instead: [],
  }),
  touches: { 'scene.changed': touched, 'direction.changed': touched },
  deltas: {
    scene: (_touch, { state, viewerClass }, deltas) => {
      if (viewerClass !== 'audience') deltas.add('scene', sceneDelta(state));
    },
  },
  view: ({ state, viewerClass }) => ({
    scene: viewerClass === 'audience' ? null : state.scene,
    direction: viewerClass === 'audience' ? null : state.direction,
  }),
  changedSides: ({ state, viewerClass }, deltas) =>
    deltas.add(
      'scene',
      viewerClass === 'audience' ? { type: 'scene', scene: null, direction: null } : sceneDelta(state),
    ),
  kept: { direction: inFrame(Direction), scene: inFrame(Scene) },
} satisfies Feature<SceneEvent['type'], keyof typeof sceneCommands, SceneState, SceneTouch['kind']>;

function changeScene(state: WebinarState, change: Partial<Scene>): SceneEvent[] {
  const after = { ...state.scene, ...change };
  for (const field of ['focus', 'screen'] as const) {
    const personId = change[field];
    if (personId && !after.onAir.some((p) => p.personId === personId)) {
      throw new RostrumError('conflict', `${field}: that person is not on air`, { field });
    }
  }
  return isSame(after, state.scene) ? [] : [{ type: 'scene.changed', scene: after }];
}

/** Drops the keys a client sent as `undefined`. */
/** Both are plain data of one shape with the same order of keys. */
function isSame(a: Scene, b: Scene): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function sceneDelta(state: FoldedState): ViewDelta {
  return { type: 'scene', scene: state.scene, direction: state.direction };
}
