/**
 * Who goes first among the compositor's own threads: sound, then the mix, then what is coded for fewer or better-off
 * viewers. Only ever lowers: that is allowed to everybody. Linux keeps a niceness for each thread.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Steps of niceness below the process's own, by how a thread's name (its element and pad) begins. A step is a quarter less. */
const STEPS: readonly (readonly [start: string, steps: number])[] = [
  ['coder-720p', 9],
  ['coder-240p', 7],
  ['coder-480p', 6],
  ['scale-240p', 6],
  ['scale-480p', 5],
  ['scale-720p', 4],
  ['jitter-v', 5],
  ['out-v', 4],
  ['video:src', 4],
];

const LEAST = 19;

/** Gives each thread of this process that has a place in the order its niceness. Cheap enough for once a second. */
export function orderThreads(own: number = getPriority()): void {
  for (const thread of threads()) {
    const step = STEPS.find(([start]) => thread.name.startsWith(start))?.[1];
    if (step === undefined) continue;
    const nice = Math.min(LEAST, own + step);
    try {
      if (getPriority(thread.id) < nice) setPriority(thread.id, nice);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }
}

/** Threads with their names; none where the system does not tell. */
export function threads(): { readonly id: number; readonly name: string }[] {
  let ids: string[];
  try {
    ids = readdirSync('/proc/self/task');
  } catch {
    return [];
  }
  return ids.flatMap((id) => {
    try {
      return [{ id: Number(id), name: readFileSync(`/proc/self/task/${id}/comm`, 'utf8').trim() }];
    } catch {
      return []; // it ended meanwhile
    }
  });
}

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'info' in error && (error.info as { code?: unknown }).code === 'ESRCH';
