/** Sees that a TURN server hangs, which is not to be slow: for one that waits for a processor a restart mends nothing. */
import { judgeSilence, readLife, spentBetween } from '@rostrum/service-kit/life';

export interface SilenceLimits {
  readonly everyMs: number;
  /** So many questions in a row without an answer are a silence. */
  readonly misses: number;
  /** In so much processor time of its own it could have answered. */
  readonly enoughMs: number;
}

/** Asks over and over, and calls `onSilence` once where it hangs. Returns what ends it. */
export function watchAnswers(
  answers: () => Promise<boolean>,
  pid: number | undefined,
  { everyMs, misses, enoughMs }: SilenceLimits,
  onSilence: () => void,
): () => void {
  const lifeNow = () => (pid === undefined ? null : readLife(pid));
  let over = false;
  let missed = 0;
  let begin = lifeNow();
  const look = async (): Promise<void> => {
    const before = lifeNow();
    const heard = await answers();
    if (over) return;
    if (heard) missed = 0;
    else if (missed++ === 0) begin = before;
    if (missed >= misses) {
      const now = lifeNow();
      if (!begin || !now || judgeSilence(spentBetween(begin, now), enoughMs) === 'hung') {
        onSilence();
        return;
      }
    }
    timer = setTimeout(look, everyMs);
  };
  let timer = setTimeout(look, everyMs);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
