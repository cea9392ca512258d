/** The right to watch a private webinar: cookies of the coordinator's, which this page only asks for and renews. */
import { waitMs } from '@rostrum/contracts/patience';
import { AdmissionError, requestRight } from './admission.ts';

const RETRY_MS = { first: 1000, max: 20_000 } as const;

export interface MediaRightKeeper {
  /**
   * Resolves when the cookies are there, or when this person gets none: why, the connection says. Rejects with
   * `AdmissionError` when it may work another time.
   */
  take(coordinatorUrl: string): Promise<void>;
}

/**
 * @param token of who this is at that moment; null: nobody yet
 * @param later runs something after so many ms, unless the page is left
 */
export function createMediaRight(
  webinarId: string,
  token: () => string | null,
  later: (delayMs: number, run: () => void) => void,
): MediaRightKeeper {
  /** Of the renewals that wait, the last one that was begun counts. */
  let turn = 0;

  const renewAfter = (coordinatorUrl: string, delayMs: number, retryMs: number, mine: number): void =>
    later(delayMs, () => {
      if (mine !== turn) return;
      ask(coordinatorUrl, mine).catch((error: unknown) => {
        const retryAfterMs = error instanceof AdmissionError ? error.retryAfterMs : null;
        const waitsMs = waitMs(retryMs, retryAfterMs, Math.random());
        renewAfter(coordinatorUrl, waitsMs, Math.min(RETRY_MS.max, retryMs * 2), mine);
      });
    });

  const ask = async (coordinatorUrl: string, mine: number): Promise<void> => {
    const own = token();
    if (own === null) return;
    try {
      const renewAfterMs = await requestRight(coordinatorUrl, webinarId, own);
      if (mine === turn) renewAfter(coordinatorUrl, renewAfterMs, RETRY_MS.first, mine);
    } catch (error) {
      // Whoever lost the right is told so over the connection, and what they have ends by itself.
      if (error instanceof AdmissionError && (error.code === 'refused' || error.code === 'unknown')) return;
      throw error;
    }
  };

  return {
    take(coordinatorUrl) {
      turn += 1;
      return ask(coordinatorUrl, turn);
    },
  };
}
