/** Signs of life of what takes longer than a moment. */

const EVERY_MS = 2000;

export interface Progress {
  /** What is being done now; said only every two seconds, so that what is quick says nothing. */
  tell(text: string): void;
}

/** @param nowMs monotonic milliseconds */
export function progressTo(say: (text: string) => void, nowMs: () => number): Progress {
  let toldAtMs = nowMs();
  return {
    tell(text) {
      if (nowMs() - toldAtMs < EVERY_MS) return;
      toldAtMs = nowMs();
      say(`${text} …`);
    },
  };
}
