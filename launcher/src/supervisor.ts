import { type ChildProcess, spawn } from 'node:child_process';
import { renameSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { lateWords, watchForSilence } from '@rostrum/service-kit/silence';
import { z } from 'zod';
import { LEVEL, lastWords, logged } from './last-words.ts';
import { openLogFile } from './log-file.ts';
import { nextRestart, noDeaths, type RestartLimits } from './restarts.ts';
import { type StartLimits, type StartWatch, watchStart } from './start-watch.ts';
import type { ProcessState } from './state.ts';

/**
 * The line by which a service says that it is ready. What else it holds is the service's own affair; when something of it
 * changes, it says the line again.
 */
export const readyLine = z.looseObject({
  ready: z.string(),
  url: z.url().optional(),
  /** Where it listens itself, when `url` may be somebody else's in front of it. */
  listens: z.url().optional(),
  metrics: z.url().optional(),
});
export type ReadyLine = z.infer<typeof readyLine>;

/** How long things may take, and how long to wait before a service that died is started again. */
export const timing = {
  start: {
    lookEveryMs: 5_000,
    silentMs: 60_000,
    enoughMs: 120_000,
    slowMs: 15_000,
  } satisfies StartLimits as StartLimits,
  stopMs: 5_000,
  restarts: {
    backoffMs: [200, 500, 1_000, 2_000, 5_000],
    stableMs: 30_000,
    budget: { restarts: 10, withinMs: 600_000, thenEveryMs: 60_000 },
  } satisfies RestartLimits as RestartLimits,
  /** When a service that runs but no longer answers is looked at, and killed if it hangs. */
  silence: { everyMs: 5_000, withinMs: 5_000, misses: 3, enoughMs: 10_000 },
};
export type Timing = typeof timing;

export interface ServiceSpec {
  name: string;
  cwd: string;
  /** What Node is given: the file to run and its arguments. */
  args: string[];
  /** A program that becomes Node, with its arguments, where something is to be taken from the process before. */
  through?: readonly string[];
  /** Asked anew at every start; `last` is the latest ready line, so that a port once chosen can be kept. */
  env: (last: ReadyLine | undefined) => NodeJS.ProcessEnv;
  logFile: string;
  /** From 0 to 1, for the backoff; `Math.random` unless given. */
  random?: () => number;
  /** A guest is started again when it dies before it was ready, too: `firstReady` waits for as long as it takes. */
  guest?: boolean;
  /** Called with each warning or error it logs, in its words. */
  onWarning?: (message: string) => void;
  /** Called with each process at its start. */
  onStart?: (pid: number) => void;
  /** Called at every ready line; `news`: of a process that was not ready before, or else of one that was. */
  onReady?: (line: ReadyLine, news: 'started' | 'changed') => void;
  /** Called when something is slow that was not given up, in words after its name. */
  onSlow?: (how: string) => void;
  /** Called when a service died that is started again; `seldom`: its budget of restarts is used up. */
  onDeath?: (how: string, nextTryMs: number, seldom: boolean) => void;
  /** Called whenever what `state()` gives has changed. */
  onChange?: () => void;
}

/** A service that ended, or was given up, before it was ready for the first time. The message is one line. */
export class ServiceStartError extends Error {
  readonly code = 'service_did_not_start';
  readonly logFile: string;
  /** @param how with what was in its last words, if anything */
  constructor(name: string, how: string, logFile: string) {
    super(`${name} ${how} before it was ready; all it said is in ${logFile}`);
    this.logFile = logFile;
  }
}

export interface Supervised {
  readonly name: string;
  /** Settles once: with the first ready line, or with a ServiceStartError. */
  readonly firstReady: Promise<ReadyLine>;
  state(): Omit<ProcessState, 'weight'>;
  /** Puts a line of ours into its log. */
  note(text: string): void;
  /** SIGTERM, then after `stopMs` SIGKILL to all it started. Idempotent; resolves when it is gone. */
  stop(): Promise<void>;
  /** SIGKILL at once. */
  kill(): void;
}

/** Signals a process group; false when there is none any more. */
function signalGroup(leader: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

function parseReady(name: string, line: string): ReadyLine | undefined {
  if (!line.startsWith('{"ready":')) return undefined;
  try {
    const parsed = readyLine.safeParse(JSON.parse(line));
    return parsed.success && parsed.data.ready === name ? parsed.data : undefined;
  } catch {
    return undefined; // a log line that only begins like one
  }
}

function healthUrl(line: ReadyLine | undefined): string | null {
  const base = line?.metrics ?? line?.url;
  return base ? new URL('/healthz', base).href : null;
}

const keptLines = 30;
const lastWordsMs = 300;

/**
 * Keeps one Node service running: starts it, starts it again with backoff and a budget when it dies after it was ready once,
 * kills it first when it hangs, and ends it with everything it started. One that is only slow is left alone. The child leads a process group of its own and holds a pipe from us
 * as its stdin; with ROSTRUM_PARENT_PIPE=1 it ends when that pipe does, so that it never outlives us.
 */
export function supervise(spec: ServiceSpec, limits: Timing = timing): Supervised {
  const first = Promise.withResolvers<ReadyLine>();
  // Whoever starts a service may come to wait for it only after it failed.
  first.promise.catch(() => {});
  // A full disk must not end the show: the service is worth more than its log.
  const log = openLogFile(spec.logFile, (trouble) => process.stderr.write(`${trouble}\n`));
  const tail: string[] = [];
  let child: ChildProcess | undefined;
  let exited: Promise<void> = Promise.resolve();
  let phase: ProcessState['state'] = 'starting';
  let lastReady: ReadyLine | undefined;
  let stopping = false;
  let deaths = noDeaths;
  let restarts = 0;
  let retryTimer: NodeJS.Timeout | undefined;
  let stopWatching = () => {};
  let starting: StartWatch | undefined;
  /** Why we killed it, if we did. */
  let killedFor: string | undefined;

  const enter = (next: ProcessState['state']) => {
    phase = next;
    spec.onChange?.();
  };

  const onLine = (line: string) => {
    const ready = parseReady(spec.name, line);
    if (!ready) {
      starting?.printed();
      log.write(line);
      tail.push(line);
      if (tail.length > keptLines) tail.shift();
      const warning = spec.onWarning && logged(line, LEVEL.warning);
      if (warning) spec.onWarning?.(warning);
      return;
    }
    // Not into the log: it may hold a link that lets its finder in.
    lastReady = ready;
    if (phase === 'ready') {
      spec.onReady?.(ready, 'changed');
      return;
    }
    starting?.end();
    enter('ready');
    first.resolve(ready);
    watch(healthUrl(ready));
    spec.onReady?.(ready, 'started');
  };

  const watch = (url: string | null) => {
    stopWatching();
    const leader = child?.pid;
    if (url === null || leader === undefined) return;
    const { misses, withinMs } = limits.silence;
    stopWatching = watchForSilence(url, {
      limits: limits.silence,
      pids: () => [leader],
      onSilence: () => {
        killedFor = `did not answer ${misses} times in ${withinMs / 1000} s`;
        signalGroup(leader, 'SIGKILL');
      },
      onLate: (forMs) => spec.onSlow?.(lateWords(forMs)),
      onBack: (afterMs) => spec.onSlow?.(`answers again, after ${Math.round(afterMs / 1000)} s`),
    });
  };

  const onDeath = (how: string, livedMs: number) => {
    child = undefined;
    if (stopping || !(lastReady || spec.guest)) {
      enter('stopped');
      first.reject(new ServiceStartError(spec.name, how, spec.logFile));
      return;
    }
    const next = nextRestart(
      deaths,
      { nowMs: performance.now(), livedMs, random: (spec.random ?? Math.random)() },
      limits.restarts,
    );
    deaths = next.deaths;
    enter('waiting');
    spec.onDeath?.(how, next.waitMs, next.seldom);
    retryTimer = setTimeout(() => {
      restarts += 1;
      start();
    }, next.waitMs);
  };

  const start = () => {
    const startedMs = performance.now();
    tail.length = 0;
    killedFor = undefined;
    const node = [process.execPath, '--disable-warning=ExperimentalWarning'];
    const [program = process.execPath, ...args] = [...(spec.through ?? []), ...node, ...spec.args];
    const own = spawn(program, args, {
      cwd: spec.cwd,
      env: { ...spec.env(lastReady), ROSTRUM_PARENT_PIPE: '1' },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    });
    child = own;
    enter('starting');
    // Writing to a dead child's stdin never happens, but its pipe reports the death too.
    own.stdin.on('error', () => {});
    for (const stream of [own.stdout, own.stderr]) createInterface({ input: stream }).on('line', onLine);
    const { pid } = own;
    if (pid !== undefined) {
      spec.onStart?.(pid);
      starting = watchStart(pid, limits.start, {
        onSlow: (forMs) => spec.onSlow?.(`is slow to start (${Math.round(forMs / 1000)} s)`),
        onHung: (how) => {
          killedFor = how;
          signalGroup(pid, 'SIGKILL');
        },
      });
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    exited = promise;
    let over = false;
    const ended = (how: string) => {
      if (over) return;
      over = true;
      starting?.end();
      stopWatching();
      // What it started dies with it, or it would hold the ports of the next one.
      if (pid !== undefined) signalGroup(pid, 'SIGKILL');
      onDeath(killedFor ?? how, performance.now() - startedMs);
      resolve();
    };
    own.once('error', (error) => ended(`could not be started (${error.message})`));
    own.once('exit', (code, signal) => {
      const finish = () => {
        const words = lastWords(tail);
        const why = words === '' ? '' : ` (${words})`;
        ended(signal ? `was ended by ${signal}` : `ended with exit code ${code}${why}`);
      };
      // Its last words may still be in the pipes; a stray grandchild that holds them open is not waited for.
      const timer = setTimeout(finish, lastWordsMs);
      own.once('close', () => {
        clearTimeout(timer);
        finish();
      });
    });
  };

  start();

  return {
    name: spec.name,
    firstReady: first.promise,
    state: () => ({
      name: spec.name,
      pid: child?.pid ?? null,
      state: phase,
      restarts,
      healthUrl: healthUrl(lastReady),
    }),
    note(text) {
      const line = { level: 40, time: Date.now(), name: 'launcher', msg: text };
      log.write(JSON.stringify(line));
    },
    async stop() {
      stopping = true;
      clearTimeout(retryTimer);
      stopWatching();
      if (child?.pid !== undefined) {
        const leader = child.pid;
        child.kill('SIGTERM');
        const timer = setTimeout(() => signalGroup(leader, 'SIGKILL'), limits.stopMs);
        await exited;
        clearTimeout(timer);
      }
      if (phase !== 'stopped') enter('stopped');
      await log.end();
    },
    kill() {
      stopping = true;
      clearTimeout(retryTimer);
      stopWatching();
      if (child?.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    },
  };
}

/** Keeps the log of the run before as `<file>.1`. */
export function rotateLog(file: string): void {
  try {
    renameSync(file, `${file}.1`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
