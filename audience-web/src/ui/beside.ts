import type { ComponentChildren } from 'preact';
import type { Tab } from './tabs.tsx';

/** What stands around the picture because of what is played in it. */
export interface Beside {
  /** Before the questions. */
  readonly tabs: readonly Tab[];
  /** Under the title. */
  readonly under: ComponentChildren;
}
