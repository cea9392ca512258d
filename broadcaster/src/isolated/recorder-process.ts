/** One life of a recorder's process, from fork to exit. Starting another is the business of `IsolatedTracks`. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RostrumError } from '@rostrum/contracts/errors';
import { judgeSilence, type Life, readLife, spentBetween } from '@rostrum/service-kit/life';
import type { SourceLocal } from '../compositor/messages.ts';
import type { FromRecorder, RecorderStats, Reply, Request, StartMessage, ToRecorder } from './messages.ts';

const ENTRY = fileURLToPath(new URL('process.ts', import.meta.url));

const START_DEADLINE_MS = 20_000;
/** In so much processor time within that it would have started. */
const START_ENOUGH_MS = 15_000;
/** It tells how it fares each second. After twice this it hangs, unless the kernel says that it only had no turn. */
const SILENCE_MS = 4000;
const ENOUGH_MS = 1000;
const REQUEST_DEADLINE_MS = 5000;
const STOP_DEADLINE_MS = 3000;

export interface RecorderEvents {
  readonly onChunk: (file: string, byteLength: number) => void;
  readonly onStats: (stats: RecorderStats) => void;
  readonly onLog: (level: 'info' | 'warn', message: string, fields: object) => void;
  /** Once, for every end that was not asked for by `stop`. */
  readonly onExit: (why: string) => void;
}

interface Waiting {
  readonly resolve: (value: SourceLocal | null) => void;
  readonly reject: (error: RostrumError) => void;
  readonly timer: NodeJS.Timeout;
}

const gone = (why: string): RostrumError =>
  new RostrumError('unavailable', `the recorder of tracks is gone: ${why}`);

export class RecorderProcess {
  /** Settles when it takes sources; rejects with RostrumError `unavailable`. */
  readonly started: Promise<void>;
  readonly #child: ChildProcess;
  readonly #events: RecorderEvents;
  readonly #exited: Promise<void>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #start = Promise.withResolvers<void>();
  #state: 'lives' | 'stopping' | 'gone' = 'lives';
  #requests = 0;
  #deadline: NodeJS.Timeout;

  constructor(start: StartMessage, events: RecorderEvents) {
    this.#events = events;
    this.started = this.#start.promise;
    this.started.catch(() => undefined);
    this.#child = fork(ENTRY, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#exited = new Promise((exited) => {
      this.#child.once('exit', (code, signal) => {
        this.#onGone(`ended with ${signal ?? code}`);
        exited();
      });
      this.#child.once('error', (error) => {
        this.#onGone(String(error));
        if (this.#child.pid === undefined) exited();
      });
    });
    this.#child.on('message', (message) => this.#onMessage(message as FromRecorder));
    this.#deadline = this.#afterSilence(START_DEADLINE_MS, START_ENOUGH_MS);
    this.#say(start);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws RostrumError what the recorder answered, `unavailable` when it dies first, `node-timeout` */
  async request(request: Request): Promise<SourceLocal | null> {
    await this.started;
    return new Promise((resolve, reject) => {
      if (this.#state !== 'lives') return reject(gone(this.#state));
      this.#requests += 1;
      const requestId = this.#requests;
      const timer = setTimeout(() => {
        this.#waiting.delete(requestId);
        const message = `no answer to track.${request.type} within ${REQUEST_DEADLINE_MS} ms`;
        reject(new RostrumError('node-timeout', message));
      }, REQUEST_DEADLINE_MS);
      this.#waiting.set(requestId, { resolve, reject, timer });
      this.#say({ type: 'request', requestId, request });
    });
  }

  /** Lets it close its chunks, then makes it. Resolves when the process is gone. Idempotent. */
  async stop(): Promise<void> {
    if (this.#state === 'lives') {
      this.#state = 'stopping';
      clearTimeout(this.#deadline);
      this.#deadline = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS);
      this.#say({ type: 'stop' });
    }
    await this.#exited;
  }

  #say(message: ToRecorder): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #onMessage(message: FromRecorder): void {
    switch (message.type) {
      case 'started':
        if (this.#state !== 'lives') return;
        this.#watch();
        this.#start.resolve();
        return;
      case 'chunk':
        this.#events.onChunk(message.file, message.byteLength);
        return;
      case 'stats':
        if (this.#state === 'lives') this.#watch();
        this.#events.onStats(message.stats);
        return;
      case 'log':
        this.#events.onLog(message.level, message.message, message.fields);
        return;
      case 'reply':
        this.#onReply(message.requestId, message.result);
        return;
    }
  }

  /** Word of it puts the deadline off. */
  #watch(): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => {
      this.#deadline = this.#afterSilence(SILENCE_MS, ENOUGH_MS);
    }, SILENCE_MS);
  }

  /** Ends it when it has said nothing for so long though it had the time to; looks again and again while it had not. */
  #afterSilence(ms: number, enoughMs: number): NodeJS.Timeout {
    const before = this.#readLife();
    return setTimeout(() => {
      const now = this.#readLife();
      if (before && now && judgeSilence(spentBetween(before, now), enoughMs) === 'late')
        this.#deadline = this.#afterSilence(ms, enoughMs);
      else this.#child.kill('SIGKILL');
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

  #onGone(why: string): void {
    if (this.#state === 'gone') return;
    const asked = this.#state === 'stopping';
    this.#state = 'gone';
    clearTimeout(this.#deadline);
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(gone(why));
    }
    this.#waiting.clear();
    this.#start.reject(gone(why));
    if (!asked) this.#events.onExit(why);
  }
}
