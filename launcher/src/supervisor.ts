import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, renameSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { watchForSilence } from '@rostrum/service-kit/silence';
import { z } from 'zod';
import type { ProcessState } from './state.ts';

/** The one line by which a service says that it is ready. What else it holds is the service's own affair. */
export const readyLine = z.looseObject({
  ready: z.string(),
  url: z.url().optional(),
  metrics: z.url().optional(),
});
export type ReadyLine = z.infer<typeof readyLine>;

/** How long things may take, and how long to wait before a service that died is started again. */
export const timing = {
  readyMs: 60_000,
  stopMs: 5_000,
  /** The nth death in a row waits the nth of these, later ones the last. */
  backoffMs: [200, 500, 1_000, 2_000, 5_000],
  /** A service that lived this long starts the count anew. */
  stableMs: 30_000,
  /** When a service that runs but no longer answers is killed. */
  silence: { everyMs: 5_000, withinMs: 5_000, misses: 3 },
};
export type Timing = typeof timing;

export interface ServiceSpec {
  name: string;
  cwd: string;
  /** What Node is given: the file to run and its arguments. */
  args: string[];
  /** Asked anew at every start; `last` is the latest ready line, so that a port once chosen can be kept. */
  env: (last: ReadyLine | undefined) => NodeJS.ProcessEnv;
  logFile: string;
  /** Called at every ready line, the first and those after a restart. */
  onReady?: (line: ReadyLine) => void;
  /** Called when a service that was ready, or was being restarted, died. */
  onDeath?: (how: string, nextTryMs: number) => void;
  /** Called whenever what `state()` gives has changed. */
  onChange?: () => void;
}

/** A service that ended, or said nothing, before it was ready for the first time. */
export class ServiceStartError extends Error {
  readonly code = 'service_did_not_start';
  readonly logFile: string;
  /** The last lines it printed. */
  readonly output: string;
  constructor(name: string, how: string, logFile: string, output: string) {
    super(`${name} ${how} before it was ready`);
    this.logFile = logFile;
    this.output = output;
  }
}

export interface Supervised {
  readonly name: string;
  /** Settles once: with the first ready line, or with a ServiceStartError. */
  readonly firstReady: Promise<ReadyLine>;
  state(): ProcessState;
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
 * Keeps one Node service running: starts it, restarts it with backoff when it dies after it was ready once, kills it first
 * when it no longer answers,
 * and ends it with everything it started. The child leads a process group of its own and holds a pipe from us
 * as its stdin; with ROSTRUM_PARENT_PIPE=1 it ends when that pipe does, so that it never outlives us.
 */
export function supervise(spec: ServiceSpec, limits: Timing = timing): Supervised {
  const first = Promise.withResolvers<ReadyLine>();
  // Whoever starts a service may come to wait for it only after it failed.
  first.promise.catch(() => {});
  const log = createWriteStream(spec.logFile, { flags: 'a', mode: 0o600 });
  // A full disk must not end the show: the service is worth more than its log.
  log.on('error', (error) => process.stderr.write(`${spec.logFile}: ${error.message}\n`));
  const tail: string[] = [];
  let child: ChildProcess | undefined;
  let exited: Promise<void> = Promise.resolve();
  let phase: ProcessState['state'] = 'starting';
  let lastReady: ReadyLine | undefined;
  let stopping = false;
  let deathsInARow = 0;
  let restarts = 0;
  let retryTimer: NodeJS.Timeout | undefined;
  let stopWatching = () => {};
  /** Why we killed it, if we did. */
  let killedFor: string | undefined;

  const enter = (next: ProcessState['state']) => {
    phase = next;
    spec.onChange?.();
  };

  const onLine = (line: string) => {
    const ready = parseReady(spec.name, line);
    if (!ready) {
      if (!log.writableEnded) log.write(`${line}\n`);
      tail.push(line);
      if (tail.length > keptLines) tail.shift();
      return;
    }
    // Not into the log: it may hold a link that lets its finder in.
    lastReady = ready;
    enter('ready');
    first.resolve(ready);
    watch(healthUrl(ready));
    spec.onReady?.(ready);
  };

  const watch = (url: string | null) => {
    stopWatching();
    const leader = child?.pid;
    if (url === null || leader === undefined) return;
    const { misses, withinMs } = limits.silence;
    stopWatching = watchForSilence(url, limits.silence, () => {
      killedFor = `did not answer ${misses} times in ${withinMs / 1000} s`;
      signalGroup(leader, 'SIGKILL');
    });
  };

  const onDeath = (how: string, livedMs: number) => {
    child = undefined;
    if (stopping || !lastReady) {
      enter('stopped');
      first.reject(new ServiceStartError(spec.name, how, spec.logFile, tail.join('\n')));
      return;
    }
    if (livedMs >= limits.stableMs) deathsInARow = 0;
    const waitMs = limits.backoffMs[Math.min(deathsInARow, limits.backoffMs.length - 1)] ?? 0;
    deathsInARow += 1;
    enter('waiting');
    spec.onDeath?.(how, waitMs);
    retryTimer = setTimeout(() => {
      restarts += 1;
      start();
    }, waitMs);
  };

  const start = () => {
    const startedMs = performance.now();
    tail.length = 0;
    killedFor = undefined;
    const own = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...spec.args], {
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
    const lateTimer = setTimeout(() => {
      if (own.pid === undefined || phase !== 'starting') return;
      killedFor = `said nothing for ${limits.readyMs / 1000} s`;
      signalGroup(own.pid, 'SIGKILL');
    }, limits.readyMs);
    const { promise, resolve } = Promise.withResolvers<void>();
    exited = promise;
    let over = false;
    const ended = (how: string) => {
      if (over) return;
      over = true;
      clearTimeout(lateTimer);
      stopWatching();
      // What it started dies with it, or it would hold the ports of the next one.
      if (own.pid !== undefined) signalGroup(own.pid, 'SIGKILL');
      onDeath(killedFor ?? how, performance.now() - startedMs);
      resolve();
    };
    own.once('error', (error) => ended(`could not be started (${error.message})`));
    own.once('exit', (code, signal) => {
      const finish = () => ended(signal ? `was ended by ${signal}` : `ended with exit code ${code}`);
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
      await new Promise<void>((resolve) => log.end(() => resolve()));
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
