import { MAX_ON_AIR, type Scene, type StageProducer, type WebinarState } from '@rostrum/contracts';
import { mayBeRecorded, refusedRecording } from '../webinars/features/consent/consents.ts';

/** What the automatic director looks at besides the log. */
export interface StageSight {
  /** In the order their tracks came. */
  readonly producers: readonly StageProducer[];
  /** Who speaks, already steadied (see `steadySpeaker`). */
  readonly speaker: string | null;
}

/**
 * The scene automatic direction wants: everyone on stage but moderators, and who does not agree to be recorded, is on air; a screen share goes with its speaker;
 * one person alone fills the picture, two sit side by side, more make a grid. Slides, lower third and name cards
 * stay the crew's. Pure; equal input gives an equal scene.
 */
export function directAutomatically(state: WebinarState, sight: StageSight): Scene {
  const onStage = [...new Set(sight.producers.map((p) => p.personId))].filter((personId) => {
    const role = state.people.get(personId)?.role;
    return role !== undefined && role !== 'moderator';
  });
  // Those already on air keep their places; the picture must not be shuffled when someone joins.
  const kept = state.scene.onAir.filter(
    (p) => onStage.includes(p.personId) && !refusedRecording(state, p.personId),
  );
  const added = onStage
    .filter((id) => !kept.some((p) => p.personId === id) && mayBeRecorded(state, id))
    .map((id) => ({ personId: id, name: state.people.get(id)?.name ?? '' }));
  const onAir = [...kept, ...added].slice(0, MAX_ON_AIR);
  const isOnAir = (id: string | null): id is string => id !== null && onAir.some((p) => p.personId === id);
  const screen =
    sight.producers.findLast((p) => p.source === 'screen' && isOnAir(p.personId))?.personId ?? null;
  const focus = isOnAir(sight.speaker)
    ? sight.speaker
    : isOnAir(state.scene.focus)
      ? state.scene.focus
      : (onAir[0]?.personId ?? null);
  const layout =
    screen !== null
      ? 'screen-speaker'
      : onAir.length <= 1
        ? 'spotlight'
        : onAir.length === 2
          ? 'side-by-side'
          : 'grid';
  // Side by side puts the focus first; following the speaker there would swap the two people with every sentence.
  const steadyFocus = layout === 'side-by-side' ? (onAir[0]?.personId ?? null) : focus;
  return { ...state.scene, onAir, screen, focus: steadyFocus, layout };
}

export interface SpeakerMemory {
  readonly speaker: string | null;
  readonly candidate: string | null;
  readonly candidateSinceMs: number;
}

export const NO_SPEAKER: SpeakerMemory = { speaker: null, candidate: null, candidateSinceMs: 0 };

/** A new speaker takes the focus after speaking this long, so that a cough or a "yes" does not cut the picture. */
export const SPEAKER_HOLD_MS = 1500;

/** Steadies mediasoup's dominant speaker. `nowMs` is monotonic. */
export function steadySpeaker(memory: SpeakerMemory, dominant: string | null, nowMs: number): SpeakerMemory {
  if (dominant === null || dominant === memory.speaker) return { ...memory, candidate: null };
  if (memory.speaker === null) return { speaker: dominant, candidate: null, candidateSinceMs: nowMs };
  if (dominant !== memory.candidate) return { ...memory, candidate: dominant, candidateSinceMs: nowMs };
  return nowMs - memory.candidateSinceMs >= SPEAKER_HOLD_MS
    ? { speaker: dominant, candidate: null, candidateSinceMs: nowMs }
    : memory;
}
