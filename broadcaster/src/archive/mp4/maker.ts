/** One life of the process that makes a download. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Order, Progress } from './make.ts';
import type { FailedReason, FromMaker } from './messages.ts';

const ENTRY = fileURLToPath(new URL('./process.ts', import.meta.url));
/** A show of a whole day fits; what does not ends this process and no other. */
const HEAP_MB = 1024;

/** `died`: it ended without a word, as one that is killed does. */
export type Outcome =
  | { readonly is: 'made'; readonly bytes: number }
  | {
      readonly is: 'failed';
      readonly reason: FailedReason;
      readonly message: string;
      readonly needs: number;
    }
  | { readonly is: 'died'; readonly how: string };

export class Maker {
  readonly outcome: Promise<Outcome>;
  readonly #child: ChildProcess;

  constructor(order: Order, told: (progress: Progress) => void) {
    this.#child = fork(ENTRY, {
      // It reads and writes files, and needs nobody's keys.
      env: { PATH: process.env.PATH },
      execArgv: [`--max-old-space-size=${HEAP_MB}`],
      serialization: 'advanced',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let last: Outcome | undefined;
    this.#child.on('message', (message: FromMaker) => {
      if (message.type === 'progress') told(message);
      else if (message.type === 'made') last = { is: 'made', bytes: message.bytes };
      else {
        const { reason, message: words, needs = 0 } = message;
        last = { is: 'failed', reason, message: words, needs };
      }
    });
    this.outcome = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve({ is: 'died', how: error.message }));
      // When all that it said was read.
      this.#child.once('close', (code, signal) => {
        resolve(last ?? { is: 'died', how: signal ?? `exit code ${code}` });
      });
    });
    this.#child.send(order, () => undefined); // where it is gone already, `close` tells
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** At once; what it wrote is gone on with. */
  async stop(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.outcome;
  }
}
