/** One life of a recorder's process, from fork to exit. Starting another is the business of `IsolatedTracks`. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RostrumError } from '@rostrum/contracts/errors';
import { Replies } from '../child/replies.ts';
import { type Patience, Silence } from '../child/silence.ts';
import type { SourceLocal } from '../compositor/messages.ts';
import type { FromRecorder, RecorderStats, Request, StartMessage, ToRecorder } from './messages.ts';

const ENTRY = fileURLToPath(new URL('process.ts', import.meta.url));

const START: Patience = { ms: 20_000, enoughMs: 15_000, why: 'it did not start in time' };
/** It tells how it fares each second. */
const SILENCE: Patience = { ms: 4000, enoughMs: 1000, why: 'it went silent' };
const STOP_DEADLINE_MS = 3000;

export interface RecorderEvents {
  readonly onChunk: (file: string, byteLength: number) => void;
  readonly onStats: (stats: RecorderStats) => void;
  readonly onLog: (level: 'info' | 'warn', message: string, fields: object) => void;
  /** Once, for every end that was not asked for by `stop`. */
  readonly onExit: (why: string) => void;
}

const gone = (why: string): RostrumError =>
  new RostrumError('unavailable', `the recorder of tracks is gone: ${why}`);

export class RecorderProcess {
  /** Settles when it takes sources; rejects with RostrumError `unavailable`. */
  readonly started: Promise<void>;
  readonly #child: ChildProcess;
  readonly #events: RecorderEvents;
  readonly #exited: Promise<void>;
  readonly #replies = new Replies<SourceLocal | null>();
  readonly #silence = new Silence({
    pid: () => this.pid,
    late: () => undefined,
    hung: () => this.#child.kill('SIGKILL'),
  });
  readonly #start = Promise.withResolvers<void>();
  #state: 'lives' | 'stopping' | 'gone' = 'lives';
  #stopDeadline: NodeJS.Timeout | undefined;

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
    this.#silence.begun(START);
    this.#say(start);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** @throws RostrumError what the recorder answered, `unavailable` when it dies first, `node-timeout` */
  async request(request: Request): Promise<SourceLocal | null> {
    await this.started;
    if (this.#state !== 'lives') throw gone(this.#state);
    return this.#replies.ask(`track.${request.type}`, (requestId) =>
      this.#say({ type: 'request', requestId, request }),
    );
  }

  /** Lets it close its chunks, then makes it. Resolves when the process is gone. Idempotent. */
  async stop(): Promise<void> {
    if (this.#state === 'lives') {
      this.#state = 'stopping';
      this.#silence.stop();
      this.#stopDeadline = setTimeout(() => this.#child.kill('SIGKILL'), STOP_DEADLINE_MS);
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
        this.#silence.heard(SILENCE);
        this.#start.resolve();
        return;
      case 'chunk':
        this.#events.onChunk(message.file, message.byteLength);
        return;
      case 'stats':
        if (this.#state === 'lives') this.#silence.heard(SILENCE);
        this.#events.onStats(message.stats);
        return;
      case 'log':
        this.#events.onLog(message.level, message.message, message.fields);
        return;
      case 'reply':
        this.#replies.answer(message.requestId, message.result);
        return;
    }
  }

  #onGone(why: string): void {
    if (this.#state === 'gone') return;
    const asked = this.#state === 'stopping';
    this.#state = 'gone';
    clearTimeout(this.#stopDeadline);
    this.#silence.stop();
    this.#replies.fail(gone(why));
    this.#start.reject(gone(why));
    if (!asked) this.#events.onExit(why);
  }
}
