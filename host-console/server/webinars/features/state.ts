import type { WebinarState } from '@rostrum/contracts';
import type { HandsMemory } from './hands/hands.ts';

/** The contract's state, and what only projections need. */
export interface FoldedState extends WebinarState, HandsMemory {}
