import type { Hand, HandsState } from '@rostrum/contracts';

export const handOf = ({ hands }: HandsState, personId: string): Hand | undefined =>
  hands.find((h) => h.personId === personId);
