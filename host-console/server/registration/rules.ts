/** Who gets in, when, and what becomes of it. Pure. */
import type { JoinMode, RegistrationStateName } from '@rostrum/contracts';

/** Whether a webinar has people register. */
export const takesRegistrations = (join: JoinMode): boolean => join === 'registered' || join === 'approved';

/** How it stands with somebody new. Who waits for approval holds no place: nobody knows yet whether they will come. */
export function arrival(join: JoinMode, hasRoom: boolean): RegistrationStateName {
  if (join === 'approved') return 'pending';
  return hasRoom ? 'approved' : 'waiting';
}

/** `null`: as many as come. */
export const hasRoom = (capacity: number | null, approved: number): boolean =>
  capacity === null || approved < capacity;

/** How many of those who wait have a place now. */
export const placesFor = (capacity: number | null, approved: number, waiting: number): number =>
  capacity === null ? waiting : Math.max(0, Math.min(waiting, capacity - approved));

export type Answer = 'approve' | 'refuse' | 'cancel';

/**
 * What an answer makes of a state; the same: it changes nothing. Who was refused stays so when they cancel, since who cancelled may
 * register anew; and who cancelled is not brought back by the crew.
 */
export function answered(state: RegistrationStateName, answer: Answer, room: boolean): RegistrationStateName {
  switch (answer) {
    case 'approve':
      if (state === 'pending' || state === 'refused' || state === 'waiting')
        return room ? 'approved' : 'waiting';
      return state;
    case 'refuse':
      return state === 'cancelled' ? state : 'refused';
    case 'cancel':
      return state === 'refused' ? state : 'cancelled';
  }
}
