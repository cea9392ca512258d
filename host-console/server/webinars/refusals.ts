import { RostrumError, type WebinarState } from '@rostrum/contracts';

/** What decisions refuse with. */
export const conflict = (message: string): RostrumError => new RostrumError('conflict', message);
export const notFound = (message: string, field: string): RostrumError =>
  new RostrumError('not-found', message, { field });
export const tooManyNear = (most: number, what: string): RostrumError =>
  new RostrumError('limit-reached', `at most ${most} ${what} of one address`);

export function refuseAfterEnd(state: Pick<WebinarState, 'phase'>): void {
  if (state.phase.phase === 'ended') throw conflict('the webinar has ended');
}
