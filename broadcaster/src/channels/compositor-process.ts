/** One life of a compositor process, from fork to exit. Restarting is the channel's business. */
import { type ChildProcess, fork } from 'node:child_process';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { RostrumError } from '@rostrum/contracts/errors';
import { Replies } from '../child/replies.ts';
import { type Patience, Silence } from '../child/silence.ts';
import type {
  CompositorStats,
  FatalReason,
  FromCompositor,
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
const START: Patience = { ms: 20_000, enoughMs: 15_000, why: 'it did not start in time' };
const STOP_DEADLINE_MS = 3000;
/**
 * It plays but nothing comes, not even its own complaint. After twice this it hangs as a whole, unless the kernel says that it
 * only had no turn: then it is late, and a new one would be later.
 */
const SILENCE: Patience = { ms: 2000, enoughMs: 1000, why: 'it went silent' };

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
  readonly #replies = new Replies<SourceLocal | null>();
  readonly #silence = new Silence({
    pid: () => this.pid,
    late: (why) => this.#events.onLog('warn', `${why}, for want of processor time: it is waited for`, {}),
    hung: (why) => this.#kill(why),
  });
  #phase: Phase;
  #stopDeadline: NodeJS.Timeout | undefined;
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
    this.#silence.begun(START);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws RostrumError what the compositor answered, `unavailable` when it dies first, `node-timeout` */
  async request(request: Request): Promise<SourceLocal | null> {
    if (this.#phase.is !== 'playing') throw gone(this.#phase.is);
    return this.#replies.ask(request.type, (requestId) => this.#say({ type: 'request', requestId, request }));
  }

  /** Lets it finish, then makes it. Resolves when the process is gone. Idempotent. */
  async stop(): Promise<void> {
    if (this.#phase.is !== 'gone') {
      this.#phase = { is: 'stopping' };
      this.#silence.stop();
      clearTimeout(this.#stopDeadline);
      this.#stopDeadline = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS);
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
        this.#silence.heard(SILENCE);
        return;
      case 'event':
        this.#events.onEvent(message.event);
        if (this.#phase.is === 'playing') this.#silence.heard(SILENCE);
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
        this.#replies.answer(message.requestId, message.result);
        return;
      case 'fatal':
        this.#fatal = { reason: message.reason, message: `${message.reason}: ${message.message}` };
        return;
    }
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
    clearTimeout(this.#stopDeadline);
    this.#silence.stop();
    this.#replies.fail(gone(why));
    if (phase.is === 'starting') phase.failed(gone(why));
    if (phase.is !== 'stopping') this.#events.onExit(why, crash);
  }
}
