/** How far a webinar has come, and what is with its recording. As `decide`; pure. */
import type { PhaseEvent, WebinarState } from '@rostrum/contracts';
import { conflict } from '../../refusals.ts';

/** A webinar without a recording, planned or ended, can be given up; one with a recording stays until that is deleted. */
export function cancel({ phase }: WebinarState): readonly PhaseEvent[] {
  if (phase.phase === 'live') throw conflict('the webinar is live: end it');
  if (phase.phase === 'scheduled') return [{ type: 'webinar.cancelled' }];
  if (phase.cancelled) return [];
  switch (phase.recording) {
    case 'none':
      return [{ type: 'webinar.cancelled' }];
    case 'deleting':
    case 'deleted':
      return [{ type: 'webinar.cancelled', recording: 'deleted' }];
    case 'pending':
    case 'ready':
      throw conflict('its recording stays until it is deleted');
  }
}

/** For good; also one of which no broadcaster has said yet that it is there. */
export function deleteRecording({ phase }: WebinarState): readonly PhaseEvent[] {
  if (phase.phase !== 'ended') throw conflict('the webinar has not ended');
  switch (phase.recording) {
    case 'none':
      throw conflict('there is no recording of it');
    case 'deleting':
    case 'deleted':
      return [];
    case 'pending':
    case 'ready':
      return [{ type: 'recording.deleted' }];
  }
}

/** What the rule deletes: recordings of webinars that ended before then. */
export function deleteOldRecording(state: WebinarState, endedBeforeUnixMs: number): readonly PhaseEvent[] {
  const { phase } = state;
  const old = phase.phase === 'ended' && phase.recording === 'ready' && phase.endedUnixMs < endedBeforeUnixMs;
  return old ? deleteRecording(state) : [];
}

/** Nothing is left of a deleted recording. */
export function erased({ phase }: WebinarState): readonly PhaseEvent[] {
  // Of one that is listed no more nobody asks.
  const waits = phase.phase === 'ended' && phase.recording === 'deleting' && !phase.cancelled;
  return waits ? [{ type: 'recording.erased' }] : [];
}
