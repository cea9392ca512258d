/**
 * Whether a node is here, late or lost. Slow is not dead: while its connection stands a node is late, and is given up only
 * when there is another to go to, or when it is proved that it does not come back.
 */
export type NodeState =
  | { readonly is: 'here' }
  | { readonly is: 'late'; readonly why: 'silent' | 'loop' | 'cut' }
  | { readonly is: 'lost'; readonly why: 'closed' | 'silent' | 'hung' };

/** What is known of one node. Times are of the coordinator's attention: what it slept through counts against nobody. */
export interface Signs {
  /** Since the last word of the process, ms: of its beat thread or its main loop. */
  readonly silentMs: number;
  /** Since its main loop turned, as its beat thread sees it, ms. */
  readonly loopAgoMs: number;
  /** Since its connection closed, ms; null: it stands, or nobody closed it (the pings went unanswered). */
  readonly closedMs: number | null;
  /** Another node of its kind is here to take over. */
  readonly alternative: boolean;
}

export const LIVENESS = {
  /** Four missed beats. With an alternative that is when it takes over. */
  lateAfterMs: 2000,
  /** A closed connection may be a dropped packet or a dead process; the same boot may come back within this time. */
  closedMs: { alternative: 700, alone: 10_000 },
  silentMs: { alternative: 2000, alone: 30_000 },
  /** A main loop that stands while the thread beside it runs: the machine has time for the process, the loop hangs. */
  loopMs: { alternative: 5000, alone: 20_000 },
} as const;

export function judge({ silentMs, loopAgoMs, closedMs, alternative }: Signs): NodeState {
  const limit = (of: { readonly alternative: number; readonly alone: number }): number =>
    alternative ? of.alternative : of.alone;
  // A process that is heard lives, also while its main loop is slow to connect again.
  if (closedMs !== null && Math.min(closedMs, silentMs) >= limit(LIVENESS.closedMs)) {
    return { is: 'lost', why: 'closed' };
  }
  if (silentMs >= limit(LIVENESS.silentMs)) return { is: 'lost', why: 'silent' };
  if (loopAgoMs >= limit(LIVENESS.loopMs)) return { is: 'lost', why: 'hung' };
  if (closedMs !== null) return { is: 'late', why: 'cut' };
  if (silentMs >= LIVENESS.lateAfterMs) return { is: 'late', why: 'silent' };
  if (loopAgoMs >= LIVENESS.lateAfterMs) return { is: 'late', why: 'loop' };
  return { is: 'here' };
}
