/** One life of a compositor process, from fork to exit. Restarting is the channel's business. */
import { type ChildProcess, fork } from 'node:child_process';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { RostrumError } from '@rostrum/contracts/errors';
import { judgeSilence, type Life, readLife, spentBetween } from '@rostrum/service-kit/life';
import type {
  CompositorStats,
  FatalReason,
  FromCompositor,
  Reply,
  Request,
  SourceLocal,
  SourceNews,
  StartMessage,
  ToCompositor,
} from '../compositor/messages.ts';
import { CRASH_FD } from '../compositor/messages.ts';
import { sourceOfThread } from '../compositor/source-bin.ts';
import type { EncoderEvent } from '../media/samples.ts';
import { confinement } from './confinement.ts';

const ENTRY = fileURLToPath(new URL('../compositor/process.ts', import.meta.url));

/** From fork to a playing pipeline. Generous: the first start on a machine scans GStreamer's plugins. */
const START_DEADLINE_MS = 20_000;
const REQUEST_DEADLINE_MS = 5000;
const STOP_DEADLINE_MS = 3000;
/**
 * It plays but nothing comes, not even its own complaint. After twice this it hangs as a whole, unless the kernel says that it
 * only had no turn: then it is late, and a new one would be later.
 */
const SILENCE_MS = 2000;
/** In so much processor time within that it would have said something. */
const ENOUGH_MS = 1000;
/** The same of a start. */
const START_ENOUGH_MS = 15_000;

/** Signals of a process that cannot go on, as opposed to those that somebody sends. */
const CRASHES: ReadonlySet<string> = new Set([
  'SIGSEGV',
  'SIGBUS',
  'SIGILL',
  'SIGFPE',
  'SIGABRT',
  'SIGTRAP',
  'SIGSYS',
]);
/** Longest wait for what a process wrote before its end. */
const LAST_WORDS_MS = 200;

/** It ended by itself, by a fault. */
export interface Crash {
  readonly signal: string;
  /** Number of the source in whose thread it happened; null: in another, or it could not be told. */
  readonly sourceNumber: number | null;
}

export interface CompositorEvents {
  readonly onEvent: (event: EncoderEvent) => void;
  readonly onStats: (stats: CompositorStats) => void;
  readonly onSource: (sourceId: string, news: SourceNews) => void;
  readonly onLog: (level: 'info' | 'warn', message: string, fields: object) => void;
  /** Once, for every end that was not asked for by `stop`. */
  readonly onExit: (why: string, crash: Crash | null) => void;
}

interface Waiting {
  readonly resolve: (value: SourceLocal | null) => void;
  readonly reject: (error: RostrumError) => void;
  readonly timer: NodeJS.Timeout;
}

type Phase =
  | { readonly is: 'starting'; readonly done: () => void; readonly failed: (error: RostrumError) => void }
  | { readonly is: 'playing' }
  | { readonly is: 'stopping' }
  | { readonly is: 'gone' };

const gone = (why: string): RostrumError => new RostrumError('unavailable', `the compositor is gone: ${why}`);

export class CompositorProcess {
  readonly started: Promise<void>;
  readonly #child: ChildProcess;
  readonly #events: CompositorEvents;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  #phase: Phase;
  #requests = 0;
  #deadline: NodeJS.Timeout;
  /** Nothing has come for a while, and it is looked at closer. */
  #silent = false;
  /** That it is waited for was told. */
  #told = false;
  #fatal: { reason: FatalReason; message: string } | null = null;

  /** Forks at once; `started` settles when it plays, or rejects with RostrumError `unavailable`. */
  constructor(start: StartMessage, events: CompositorEvents) {
    this.#events = events;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.started = promise;
    promise.catch(() => undefined);
    this.#phase = { is: 'starting', done: resolve, failed: reject };
    const confined = confinement(ENTRY);
    this.#child = fork(ENTRY, {
      serialization: 'advanced',
      ...(confined && { execPath: confined.execPath, execArgv: [...confined.execArgv], env: confined.env }),
      stdio: ['ignore', 'ignore', 'inherit', 'ipc', 'pipe'],
    });
    const crashedIn = this.#readCrash();
    this.#child.once('exit', () => confined?.release());
    this.#child.once('error', () => confined?.release());
    this.#exited = new Promise((exited) => {
      this.#child.once('exit', (code, signal) => {
        const why = this.#fatal?.message ?? `ended with ${signal ?? code}`;
        if (!signal || !CRASHES.has(signal)) {
          this.#onGone(why, null);
          exited();
          return;
        }
        void crashedIn().then((thread) => {
          const crash = { signal, sourceNumber: sourceOfThread(thread) };
          this.#onGone(thread === '' ? why : `${why} in thread ${thread}`, crash);
          exited();
        });
      });
      this.#child.once('error', (error) => {
        this.#onGone(String(error), null);
        if (this.#child.pid === undefined) exited();
      });
    });
    this.#child.on('message', (message) => this.#onMessage(message as FromCompositor));
    this.#say(start);
    this.#deadline = this.#afterSilence(START_DEADLINE_MS, START_ENOUGH_MS, 'it did not start in time');
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws RostrumError what the compositor answered, `unavailable` when it dies first, `node-timeout` */
  request(request: Request): Promise<SourceLocal | null> {
    return new Promise((resolve, reject) => {
      if (this.#phase.is !== 'playing') return reject(gone(this.#phase.is));
      this.#requests += 1;
      const requestId = this.#requests;
      const timer = setTimeout(() => {
        this.#waiting.delete(requestId);
        reject(
          new RostrumError('node-timeout', `no answer to ${request.type} within ${REQUEST_DEADLINE_MS} ms`),
        );
      }, REQUEST_DEADLINE_MS);
      this.#waiting.set(requestId, { resolve, reject, timer });
      this.#say({ type: 'request', requestId, request });
    });
  }

  /** Lets it finish, then makes it. Resolves when the process is gone. Idempotent. */
  async stop(): Promise<void> {
    if (this.#phase.is !== 'gone') {
      this.#phase = { is: 'stopping' };
      clearTimeout(this.#deadline);
      this.#deadline = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS);
      this.#say({ type: 'stop' });
    }
    await this.#exited;
  }

  #say(message: ToCompositor): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #kill(why: string): void {
    this.#fatal ??= { reason: 'stalled', message: why };
    this.#child.kill('SIGKILL');
  }

  #onMessage(message: FromCompositor): void {
    if (this.#phase.is === 'gone' || this.#phase.is === 'stopping') return;
    switch (message.type) {
      case 'hello':
        return;
      case 'started':
        if (this.#phase.is !== 'starting') return;
        this.#phase.done();
        this.#phase = { is: 'playing' };
        this.#watch();
        return;
      case 'event':
        this.#events.onEvent(message.event);
        if (this.#phase.is === 'playing') this.#heard();
        return;
      case 'stats':
        this.#events.onStats(message.stats);
        return;
      case 'source':
        this.#events.onSource(message.sourceId, message.news);
        return;
      case 'log':
        this.#events.onLog(message.level, message.message, message.fields);
        return;
      case 'reply':
        this.#onReply(message.requestId, message.result);
        return;
      case 'fatal':
        this.#fatal = { reason: message.reason, message: `${message.reason}: ${message.message}` };
        return;
    }
  }

  #heard(): void {
    if (this.#silent || this.#told) this.#watch();
    else this.#deadline.refresh();
  }

  /** Every event from now on puts the deadline off. */
  #watch(): void {
    clearTimeout(this.#deadline);
    this.#silent = false;
    this.#told = false;
    this.#deadline = setTimeout(() => {
      this.#silent = true;
      this.#deadline = this.#afterSilence(SILENCE_MS, ENOUGH_MS, 'it went silent');
    }, SILENCE_MS);
  }

  /** Ends it when it has said nothing for so long though it had the time to; looks again and again while it had not. */
  #afterSilence(ms: number, enoughMs: number, why: string): NodeJS.Timeout {
    const before = this.#readLife();
    return setTimeout(() => {
      const now = this.#readLife();
      const late = before && now && judgeSilence(spentBetween(before, now), enoughMs) === 'late';
      if (!late) return this.#kill(why);
      if (!this.#told) this.#events.onLog('warn', `${why}, for want of processor time: it is waited for`, {});
      this.#told = true;
      this.#deadline = this.#afterSilence(ms, enoughMs, why);
    }, ms);
  }

  #readLife(): Life | null {
    return this.#child.pid === undefined ? null : readLife(this.#child.pid);
  }

  #onReply(requestId: number, result: Reply): void {
    const waiting = this.#waiting.get(requestId);
    if (!waiting) return;
    this.#waiting.delete(requestId);
    clearTimeout(waiting.timer);
    if (result.ok) waiting.resolve(result.value);
    else waiting.reject(new RostrumError(result.error.code, result.error.message));
  }

  /** The name of the thread that a fault happened in, once the process is gone; empty: not told. */
  #readCrash(): () => Promise<string> {
    const told = this.#child.stdio[CRASH_FD];
    let thread = '';
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    if (!(told instanceof Readable)) return () => Promise.resolve('');
    told.setEncoding('utf8');
    told.on('data', (text: string) => {
      thread = (thread + text).slice(0, 32);
    });
    told.once('close', resolve);
    told.once('error', () => resolve());
    return async () => {
      const timer = setTimeout(resolve, LAST_WORDS_MS);
      await ended;
      clearTimeout(timer);
      return thread.trim();
    };
  }

  #onGone(why: string, crash: Crash | null): void {
    const phase = this.#phase;
    if (phase.is === 'gone') return;
    this.#phase = { is: 'gone' };
    clearTimeout(this.#deadline);
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(gone(why));
    }
    this.#waiting.clear();
    if (phase.is === 'starting') phase.failed(gone(why));
    if (phase.is !== 'stopping') this.#events.onExit(why, crash);
  }
}
