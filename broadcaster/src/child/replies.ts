/** Requests of a parent to its child that wait for an answer. */
import { type Failure, RostrumError } from '@rostrum/contracts/errors';

export type Reply<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly error: Failure };

interface Waiting<Value> {
  readonly resolve: (value: Value) => void;
  readonly reject: (error: RostrumError) => void;
  readonly timer: NodeJS.Timeout;
}

const DEADLINE_MS = 5000;

export class Replies<Value> {
  readonly #waiting = new Map<number, Waiting<Value>>();
  #last = 0;

  /** @throws RostrumError what the child answers, `node-timeout`, or what `fail` is given */
  ask(what: string, send: (requestId: number) => void): Promise<Value> {
    return new Promise((resolve, reject) => {
      this.#last += 1;
      const requestId = this.#last;
      const timer = setTimeout(() => {
        this.#waiting.delete(requestId);
        reject(new RostrumError('node-timeout', `no answer to ${what} within ${DEADLINE_MS} ms`));
      }, DEADLINE_MS);
      this.#waiting.set(requestId, { resolve, reject, timer });
      send(requestId);
    });
  }

  /** One that nobody waits for any more counts for nothing. */
  answer(requestId: number, reply: Reply<Value>): void {
    const waiting = this.#waiting.get(requestId);
    if (!waiting) return;
    this.#waiting.delete(requestId);
    clearTimeout(waiting.timer);
    if (reply.ok) waiting.resolve(reply.value);
    else waiting.reject(new RostrumError(reply.error.code, reply.error.message));
  }

  /** None of them is answered any more. */
  fail(error: RostrumError): void {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}

/** What a child answers when a request fails. */
export const failureOf = (error: unknown): Failure =>
  error instanceof RostrumError
    ? error.toFailure()
    : { code: 'internal', message: error instanceof Error ? error.message : String(error) };
