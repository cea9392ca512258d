/**
 * Time that somebody who looks in rounds was there to see pass, in milliseconds from 0. While they were away (a busy
 * machine, a stopped process) what they watch may well have spoken, and its words wait unread: that time counts against
 * nobody. A late round counts as one round at most, a missed one not at all.
 */
export interface Attention {
  /** Call once a round, first thing in it. */
  round(): void;
  nowMs(): number;
}

export function createAttention(roundMs: number, clockMs: () => number): Attention {
  let lookedMs = clockMs();
  let attendedMs = 0;
  return {
    round() {
      const elapsedMs = clockMs() - lookedMs;
      lookedMs += elapsedMs;
      if (elapsedMs <= 2 * roundMs) attendedMs += Math.min(elapsedMs, roundMs);
    },
    nowMs: () => attendedMs,
  };
}

/**
 * Acts after `delayMs` of attended time: if this process itself was away, what was waited for may have come meanwhile and
 * waits unread. Returns what calls it off.
 */
export function afterAttended(
  delayMs: number,
  act: () => void,
  clockMs: () => number = () => performance.now(),
): () => void {
  const roundMs = Math.min(250, delayMs / 4);
  const attention = createAttention(roundMs, clockMs);
  const rounds = setInterval(() => {
    attention.round();
    if (attention.nowMs() < delayMs) return;
    clearInterval(rounds);
    act();
  }, roundMs);
  return () => clearInterval(rounds);
}
