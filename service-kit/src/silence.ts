import { askService } from './ask.ts';

export interface SilenceLimits {
  /** Between an answer and the next question. */
  readonly everyMs: number;
  /** How long an answer may take. */
  readonly withinMs: number;
  /** So many questions in a row without an answer are a hang: one may fall into a moment of a busy machine. */
  readonly misses: number;
}

/**
 * Asks a service whether it is there, over and over, and calls `onSilence` once when it no longer says anything. Any answer
 * will do, a refusal too: those who refuse do not hang, and those who are gone are seen by their exit. Returns what ends it.
 */
export function watchForSilence(
  url: string,
  { everyMs, withinMs, misses }: SilenceLimits,
  onSilence: () => void,
): () => void {
  let over = false;
  let timer: NodeJS.Timeout;
  const askAgain = (missed: number): void => {
    timer = setTimeout(async () => {
      const answered = await answers(url, withinMs);
      if (over) return;
      if (answered) askAgain(0);
      else if (missed + 1 < misses) askAgain(missed + 1);
      else onSilence();
    }, everyMs);
  };
  askAgain(0);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}

function answers(url: string, withinMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const request = askService(url);
  const timer = setTimeout(() => {
    resolve(false);
    request.destroy();
  }, withinMs);
  const onAnswer = (): void => {
    clearTimeout(timer);
    resolve(true);
  };
  request.on('error', onAnswer).on('response', (response) => {
    response.resume();
    onAnswer();
  });
  return promise;
}
