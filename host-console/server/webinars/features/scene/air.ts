/** Who is on air. As `decide`; pure. */
import {
  MAX_ON_AIR,
  type OnAirPerson,
  RostrumError,
  type SceneEvent,
  type WebinarState,
} from '@rostrum/contracts';
import { mayBeRecorded } from '../consent/consents.ts';
import { personOnStage } from '../people/standing.ts';

export function takeOnAir(state: WebinarState, personId: string): SceneEvent[] {
  const { scene } = state;
  if (scene.onAir.some((p) => p.personId === personId)) return [];
  const person = personOnStage(state, personId);
  if (!mayBeRecorded(state, personId)) {
    throw new RostrumError('no-consent', 'the programme is recorded, and that person did not agree to it');
  }
  if (scene.onAir.length >= MAX_ON_AIR) {
    throw new RostrumError('limit-reached', `at most ${MAX_ON_AIR} people are on air`);
  }
  const onAir: OnAirPerson[] = [...scene.onAir, { personId, name: person.name }];
  return [{ type: 'scene.changed', scene: { ...scene, onAir } }];
}

export function takeOffAir(state: WebinarState, personId: string): SceneEvent[] {
  const { scene } = state;
  if (!scene.onAir.some((p) => p.personId === personId)) return [];
  return [
    {
      type: 'scene.changed',
      scene: {
        ...scene,
        onAir: scene.onAir.filter((p) => p.personId !== personId),
        focus: scene.focus === personId ? null : scene.focus,
        screen: scene.screen === personId ? null : scene.screen,
      },
    },
  ];
}
