/** What the kernel tells of a process that says nothing: whether it had its turn, waited for it, or did nothing with it. */
import { readFileSync } from 'node:fs';
import { threadsOf } from './priorities.ts';

/** Processor time that a thread used, and time that it was ready to run and had to wait, since it began. */
interface Thread {
  readonly ranMs: number;
  readonly waitedMs: number;
}

/** A process at one moment. */
export interface Life {
  readonly atMs: number;
  /** Of its first thread, as in /proc/PID/stat: R runs or waits for its turn, S sleeps, D waits for a disk, T is stopped. */
  readonly state: string;
  readonly leader: Thread;
  readonly threads: ReadonlyMap<number, Thread>;
}

/** What a process did in a time. */
export interface Spent {
  readonly elapsedMs: number;
  readonly state: string;
  /** Processor time of its first thread, the one that answers in our services. */
  readonly ranMs: number;
  /** The longest that any of its threads was kept waiting for a processor. */
  readonly waitedMs: number;
}

/** Takes down a process as it is now; null when it is gone, or where the kernel does not tell. */
export function readLife(pid: number): Life | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const threads = new Map<number, Thread>();
    for (const thread of threadsOf(pid)) {
      const told = readThread(`/proc/${pid}/task/${thread}/schedstat`);
      if (told) threads.set(thread, told);
    }
    const leader = threads.get(pid);
    if (!leader) return null;
    return { atMs: performance.now(), state: stat.charAt(stat.lastIndexOf(')') + 2), leader, threads };
  } catch {
    return null;
  }
}

/** `schedstat`: nanoseconds run, nanoseconds waited, turns. Waiting counts where a cgroup's limit is the reason too. */
function readThread(path: string): Thread | null {
  try {
    const [ran, waited] = readFileSync(path, 'utf8').split(' ').map(Number);
    return ran === undefined || waited === undefined ? null : { ranMs: ran / 1e6, waitedMs: waited / 1e6 };
  } catch {
    return null; // this thread ended
  }
}

/** A process and those that it started; itself alone where the kernel does not tell. */
export function withChildren(pid: number): number[] {
  const children = threadsOf(pid).flatMap((thread) => {
    try {
      return readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean);
    } catch {
      return [];
    }
  });
  return [pid, ...children.map(Number)];
}

export function spentBetween(before: Life, after: Life): Spent {
  const waits = [...after.threads].map(
    ([id, { waitedMs }]) => waitedMs - (before.threads.get(id)?.waitedMs ?? 0),
  );
  return {
    elapsedMs: after.atMs - before.atMs,
    state: after.state,
    ranMs: after.leader.ranMs - before.leader.ranMs,
    waitedMs: Math.max(0, ...waits),
  };
}

/**
 * Whether a process that has left questions unanswered hangs, so that only its end helps, or is late: it has not had the
 * time to answer, and a new one would have less, since it would begin from nothing.
 *
 * @param enoughMs in so much processor time of its own anybody answers: one that had it runs in circles.
 */
export function judgeSilence(
  { state, elapsedMs, ranMs, waitedMs }: Spent,
  enoughMs: number,
): 'hung' | 'late' {
  // Stopped by a signal, or dead.
  if ('TtZX'.includes(state)) return 'hung';
  if (ranMs >= enoughMs) return 'hung';
  // The disk is slow for the next one too.
  if (state === 'D') return 'late';
  // Ready to run most of the time, and seldom let: starved. Otherwise it sleeps, and nothing will wake it.
  return ranMs + waitedMs >= elapsedMs / 2 ? 'late' : 'hung';
}
