import { RostrumError } from '@rostrum/contracts';

/** What decisions refuse with. */
export const conflict = (message: string): RostrumError => new RostrumError('conflict', message);
export const notFound = (message: string, field: string): RostrumError =>
  new RostrumError('not-found', message, { field });
