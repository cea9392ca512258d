import { Id, type LinkClaims, RostrumError } from '@rostrum/contracts';
import type { Store } from '../store/index.ts';
import type { Decision } from '../webinars/actor.ts';
import { erasePerson } from '../webinars/features/people/decide.ts';
import type { FoldedState } from '../webinars/fold.ts';

export interface ErasureOptions {
  readonly store: {
    readonly database: Pick<Store['database'], 'scrub'>;
    readonly webinars: Pick<Store['webinars'], 'find'>;
  };
  readonly submit: (webinarId: string, decision: Decision) => Promise<FoldedState>;
  readonly isAnyLive: () => boolean;
}

/** Deletes people on their request. What goes with the event that says so stands in `store/erasure.ts`. */
export class Erasure {
  readonly #o: ErasureOptions;

  constructor(options: ErasureOptions) {
    this.#o = options;
  }

  /** Resolves when nothing of them is left. Throws `forbidden`, `not-found`, `bad-input`, `unavailable`, and `conflict` while it is live. */
  async erase(bearer: LinkClaims, webinarId: string, personId: string): Promise<Record<string, never>> {
    if (bearer.role !== 'owner') throw new RostrumError('forbidden', 'only the owner deletes people');
    const { store, submit, isAnyLive } = this.#o;
    if (!(await store.webinars.find(webinarId))) throw new RostrumError('not-found', 'no such webinar');
    if (!Id.safeParse(personId).success) {
      throw new RostrumError('bad-input', 'that is no id of a person', { field: 'personId' });
    }
    await submit(webinarId, (state) => erasePerson(state, personId));
    // The whole file takes its time, which a show would wait for.
    await store.database.scrub(!isAnyLive());
    return {};
  }
}
