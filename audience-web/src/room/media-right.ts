/** The right to watch a private webinar: cookies of the coordinator's, which this page only asks for and renews. */
import { type AdmissionError, requestRight } from './admission.ts';

/** They are spread as people came. */
const RETRY_MS = 3000;

/**
 * Takes the right, and renews it from then on. Resolves when the cookies are there, or when this person gets none: why, the
 * connection says. Rejects with `AdmissionError` when it may work another time.
 * @param token of who this is at that moment
 * @param later runs something after so many ms, unless the page is left
 */
export function mediaRightKeeper(
  webinarId: string,
  token: () => string | undefined,
  later: (delayMs: number, run: () => void) => void,
): (coordinatorUrl: string) => Promise<void> {
  return function take(url) {
    const renew = (delayMs: number): void =>
      later(delayMs, () => void take(url).catch(() => renew(RETRY_MS)));
    // Whoever lost the right is told so over the connection, and what they have ends by itself.
    return requestRight(url, webinarId, token()).then(renew, (error: AdmissionError) => {
      if (error.code !== 'refused') throw error;
    });
  };
}
