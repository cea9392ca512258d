/** HTTP face of the broadcaster. Interface: `interface.ts`. */
import type { Origin, OriginOptions } from './interface.ts';

/** Makes the handler; it listens on nothing itself. */
export function createOrigin(_options: OriginOptions): Origin {
  throw new Error('not built yet');
}
