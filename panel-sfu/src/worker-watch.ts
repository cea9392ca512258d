/** Notices a mediasoup worker that lives and does nothing: it is asked now and then, and has to answer. */
import { judgeSilence, type Life, readLife, spentBetween } from '@rostrum/service-kit/life';
import type { types } from 'mediasoup';

const ASK_EVERY_MS = 250;
/** No answer for so long is looked at closer. With the kill and the rooms' new places it has to fit into two seconds (R6). */
const SILENT_MS = 1000;
/** In so much processor time of its own within that it would have answered. */
const ENOUGH_MS = 500;
/** Without an answer for so long it gets no new rooms. */
const SUSPECT_MS = 400;

export interface WorkerWatch {
  /** Seconds of processor time that it had used when it last answered. */
  readonly cpuSeconds: () => number;
  /** Whether its answer is overdue. */
  readonly suspect: () => boolean;
  readonly stop: () => void;
}

/**
 * @param onHung once, when it left a question unanswered though the kernel says that it had its turns, or that it is stopped.
 * One that only gets no processor time is waited for: a new one would get as little.
 * @param nowMs monotonic
 */
export function watchWorker(
  worker: Pick<types.Worker, 'pid' | 'getResourceUsage'>,
  onHung: (silentMs: number) => void,
  nowMs: () => number = () => performance.now(),
): WorkerWatch {
  let cpuSeconds = 0;
  let asked: { readonly atMs: number; readonly life: Life | null } | null = null;

  const ask = (): void => {
    const question = { atMs: nowMs(), life: readLife(worker.pid) };
    asked = question;
    worker.getResourceUsage().then(
      ({ ru_utime, ru_stime }) => {
        cpuSeconds = (ru_utime + ru_stime) / 1000;
        if (asked?.atMs === question.atMs) asked = null;
      },
      () => undefined, // it died, which its own event tells
    );
  };
  const timer = setInterval(() => {
    if (!asked) return ask();
    const silentMs = nowMs() - asked.atMs;
    if (silentMs < SILENT_MS) return;
    const now = readLife(worker.pid);
    const late = asked.life && now && judgeSilence(spentBetween(asked.life, now), ENOUGH_MS) === 'late';
    if (late) {
      // What it had to do with is counted anew; its answer may still come.
      asked = { atMs: asked.atMs, life: now };
      return;
    }
    clearInterval(timer);
    onHung(silentMs);
  }, ASK_EVERY_MS);
  timer.unref();

  return {
    cpuSeconds: () => cpuSeconds,
    suspect: () => asked !== null && nowMs() - asked.atMs >= SUSPECT_MS,
    stop: () => clearInterval(timer),
  };
}
