import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { type ProcessMark, processMark, stillRuns } from './process-table.ts';

const mark = z.object({ pid: z.number(), startTicks: z.string(), bootId: z.string() });

const processState = z.object({
  name: z.string(),
  pid: z.number().nullable(),
  state: z.enum(['starting', 'ready', 'waiting', 'stopped']),
  /** How often it died and was started again. */
  restarts: z.number(),
  healthUrl: z.string().nullable(),
  /** Its weight beside others, in words; null until it has one. */
  weight: z.string().nullable(),
});

const runState = z.object({
  /** Every process of this run carries it as ROSTRUM_RUN_ID. */
  runId: z.string(),
  launcher: mark,
  startedAt: z.string(),
  /** What `up --json` prints; empty until the services are ready, and without the demo's until it is. */
  addresses: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
  processes: z.array(processState),
  /** What the machine does not offer to weigh them by and what would do, in words; null when it does. */
  weightsWarning: z.string().nullable(),
  /** Why the services run as root, in words; null when they do not, or were meant to. */
  userWarning: z.string().nullable(),
});

export type ProcessState = z.infer<typeof processState>;
export type RunState = z.infer<typeof runState>;

/** Another launcher of the same ROSTRUM_HOME is at work. */
export class AlreadyRunningError extends Error {
  readonly code = 'already_running';
  readonly pid: number;
  constructor(pid: number) {
    super(
      `Rostrum already runs from this folder (pid ${pid}): \`./rostrum status\` shows it, \`./rostrum down\` stops it`,
    );
    this.pid = pid;
  }
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    // Half a file can be left by a power cut: it says nothing, like none.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Takes a lock for as long as this process lives and returns its release. A lock whose owner is gone is taken
 * over, also when its pid now belongs to another process. Throws AlreadyRunningError.
 */
export function takeLock(file: string): () => void {
  mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true });
  const own = `${file}.${process.pid}`;
  writeFileSync(own, JSON.stringify(processMark(process.pid)));
  try {
    // A second try after a stale lock was put aside; a third would mean that another one was faster.
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        linkSync(own, file); // fails when it exists, and what it makes is whole at once
        return () => {
          if (lockOwner(file)?.pid === process.pid) rmSync(file, { force: true });
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = lockOwner(file);
      if (owner) throw new AlreadyRunningError(owner.pid);
      putAside(file, `${own}.stale`);
    }
    throw new AlreadyRunningError(lockOwner(file)?.pid ?? 0);
  } finally {
    rmSync(own, { force: true });
  }
}

/** Removes a stale lock, and gives it back if another launcher has just replaced it by its own. */
function putAside(file: string, aside: string): void {
  try {
    renameSync(file, aside);
    if (lockOwner(aside)) linkSync(aside, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

/** Who holds the lock; undefined when nobody does or the holder is gone. */
export function lockOwner(file: string): ProcessMark | undefined {
  const owner = mark.safeParse(readJson(file));
  return owner.success && stillRuns(owner.data) ? owner.data : undefined;
}

/** The state file of an instance, written in one step so that a reader never sees half of it. */
export function writeState(file: string, state: RunState): void {
  const next = `${file}.next`;
  // Its links open the console: for the owner's eyes only.
  writeFileSync(next, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, file);
}

/**
 * Writes the state whenever it is called. What cannot be written is told once and tried with the next change: a launcher that
 * ends for want of room takes the show with it.
 */
export function stateWriter(file: string, say: (trouble: string) => void): (state: RunState) => void {
  let failing = false;
  return (state) => {
    try {
      writeState(file, state);
      failing = false;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (!failing) say(`${file}: ${why}; \`./rostrum status\` tells what was before`);
      failing = true;
    }
  };
}

/** What the last launcher wrote, running or not. */
export function readState(file: string): RunState | undefined {
  const state = runState.safeParse(readJson(file));
  return state.success ? state.data : undefined;
}
