import { createHash } from 'node:crypto';
import { RostrumError } from '@rostrum/contracts';
import type { Logger } from 'pino';
import type { Seal } from '../../identity/seal.ts';
import type { Clock } from '../../ports.ts';
import type { Also, GivenAnswer, Store } from '../../store/index.ts';
import { HttpFailure } from '../failures.ts';

/** How long a key stands for its request. */
export const KEPT_MS = 24 * 3_600_000;
/** As much as an id of any kind needs; printable ASCII. */
const KEY = /^[\x21-\x7e]{1,255}$/;

/**
 * Has the answer written in the transaction of what it answers, so that neither is there without the other. `answer` is
 * asked for in it, and waits for nothing but processor time.
 */
export type Keep = (answer: () => unknown) => Also;

export interface Asked {
  /** Whose key it is. */
  readonly caller: string;
  /** As the header has it (draft-ietf-httpapi-idempotency-key-header-07); quotes are part of it. */
  readonly key: string;
  /** Method, path and body. */
  readonly request: readonly string[];
  readonly status: number;
}

export interface IdempotencyOptions {
  readonly store: Pick<Store, 'idempotency' | 'database'>;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Requests that may be sent again without being done again. What makes something new brings its answer into its own
 * transaction (`Keep`): after a crash either both are there, and asking again is answered the same, or neither is. What only
 * says how something is to be may be done twice, and its answer is kept afterwards. Failures are not kept: they did nothing.
 */
export class Idempotency {
  readonly #o: IdempotencyOptions;
  /** In this process; between processes the database decides. */
  readonly #underWay = new Set<string>();

  constructor(options: IdempotencyOptions) {
    this.#o = options;
  }

  /** Throws `bad-input`, 422 and 409 of the key, and what `work` throws. */
  async answer(
    asked: Asked,
    work: (keep: Keep) => Promise<unknown>,
  ): Promise<{ readonly answer: unknown; readonly replayed: boolean }> {
    if (!KEY.test(asked.key)) {
      throw new RostrumError('bad-input', '1 to 255 printable characters', { field: 'Idempotency-Key' });
    }
    const row = { caller: asked.caller, keyHash: hashOf([asked.key]), requestHash: hashOf(asked.request) };
    const given = await this.#given(row);
    if (given) return given;
    const name = `${row.caller} ${row.keyHash}`;
    if (this.#underWay.has(name)) throw inUse();
    this.#underWay.add(name);
    try {
      return await this.#work(row, asked.status, work);
    } finally {
      this.#underWay.delete(name);
    }
  }

  /** Forgets keys that are too old. */
  async tick(): Promise<void> {
    await this.#o.store.idempotency.forget(this.#forgottenBefore());
  }

  async #work(row: Row, status: number, work: (keep: Keep) => Promise<unknown>) {
    const { store, seal, clock, logger } = this.#o;
    let kept = false;
    const keep: Keep = (answer) => async (tx) => {
      const sealed = seal.seal(JSON.stringify(await answer()));
      const given = { ...row, status, answer: sealed, createdUnixMs: clock.nowUnixMs() };
      await store.idempotency.add(tx, given, this.#forgottenBefore());
      kept = true;
    };
    let answer: unknown;
    try {
      answer = await work(keep);
    } catch (error) {
      // Another process did the same meanwhile, and this one was kept from it.
      const given = error instanceof RostrumError && error.code === 'conflict' && (await this.#given(row));
      if (given) return given;
      throw error;
    }
    if (!kept) {
      await store.database.transact(keep(() => answer)).catch((error: unknown) => {
        logger.warn({ err: error }, 'an answer was not kept: asked again, the same is done again');
      });
    }
    return { answer, replayed: false };
  }

  async #given(row: Row): Promise<{ answer: unknown; replayed: true } | null> {
    const given = await this.#o.store.idempotency.find(row.caller, row.keyHash, this.#forgottenBefore());
    if (given.length === 0) return null;
    const same = given.find(({ requestHash }) => requestHash === row.requestHash);
    if (!same) {
      throw new HttpFailure(422, 'this key was used for another request', {}, 'idempotency-key-reused');
    }
    const opened = this.#o.seal.open(same.answer);
    if (opened === null) throw new RostrumError('conflict', 'it was done, under a secret that is no more');
    return { answer: JSON.parse(opened), replayed: true };
  }

  #forgottenBefore(): number {
    return this.#o.clock.nowUnixMs() - KEPT_MS;
  }
}

type Row = Pick<GivenAnswer, 'caller' | 'keyHash' | 'requestHash'>;

const inUse = (): HttpFailure =>
  new HttpFailure(
    409,
    'a request with this key is under way',
    { 'retry-after': '1' },
    'idempotency-key-in-use',
  );

const hashOf = (parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');
