/** Who looks at a webinar, and what they are told. */
import { isCrew, type Role, STAGE, type ViewDelta } from '@rostrum/contracts';
import type { Counted } from '../turnout.ts';
import type { FoldedState } from './state.ts';

/** Who looks: a person, as their link says, or a whole class of people without anything of their own. */
export interface Viewer {
  readonly personId: string;
  readonly name: string;
  readonly role: Role;
}

/** What people see depends on their class and on who they are; most of it on the class alone. */
export type ViewerClass = 'crew' | 'stage' | 'audience';
export const VIEWER_CLASSES: readonly ViewerClass[] = ['crew', 'stage', 'audience'];

/** A guest sees what the stage sees for as long as they are one. */
export function classOf(state: FoldedState, viewer: Viewer): ViewerClass {
  if (isCrew(viewer.role)) return 'crew';
  if (STAGE.includes(viewer.role)) return 'stage';
  return state.people.get(viewer.personId)?.guest ? 'stage' : 'audience';
}

/** What is shown depends on this and nothing else. */
export interface Look {
  readonly state: FoldedState;
  readonly viewerClass: ViewerClass;
  /** null: a whole class, without what is anybody's own. */
  readonly personId: string | null;
  /** They went from the audience to the stage or back. */
  readonly changedSides: boolean;
  /** Where channels are served now; null: where the log says. */
  readonly originUrl: string | null;
  /** Which votes and hands of the log do. */
  readonly counted: Counted;
}

/** One delta for each thing, with its present value. */
export class Deltas {
  readonly #deltas = new Map<string, ViewDelta>();

  has(key: string): boolean {
    return this.#deltas.has(key);
  }

  /** Moves a repeat to the end: a later delta of the same thing is the one that counts. */
  add(key: string, delta: ViewDelta): void {
    this.#deltas.delete(key);
    this.#deltas.set(key, delta);
  }

  list(): ViewDelta[] {
    return [...this.#deltas.values()];
  }
}
