import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { RostrumError } from '@rostrum/contracts';
import type { PasscodeRepository } from '../store/index.ts';
import type { Passwords } from './accounts/passwords.ts';

/** Remembered as right, by webinar: at the start of a show a thousand people type the same one, and each hash takes tens of milliseconds. */
const REMEMBERED_MOST = 1000;

export interface PasscodesOptions {
  readonly rows: Pick<PasscodeRepository, 'find' | 'set'>;
  readonly passwords: Pick<Passwords, 'hash' | 'verify'>;
  readonly nowUnixMs: () => number;
}

/**
 * The passcodes by which people come to webinars whose plan wants one (`join: passcode`). Kept as Argon2id hashes, here and nowhere
 * else; how often somebody may try is for the caller to limit.
 */
export class Passcodes {
  readonly #o: PasscodesOptions;
  /** Of this process alone: what it keeps of a passcode tells nobody else anything. */
  readonly #key = randomBytes(32);
  /** The hash that was right, and what of. */
  readonly #right = new Map<string, { readonly hash: string; readonly seal: Buffer }>();

  constructor(options: PasscodesOptions) {
    this.#o = options;
  }

  /** null: there is none any more, and nobody new comes in while the plan wants one. */
  async set(webinarId: string, passcode: string | null): Promise<void> {
    const { rows, passwords, nowUnixMs } = this.#o;
    const hash = passcode === null ? null : await passwords.hash(passcode);
    await rows.set(webinarId, hash, nowUnixMs());
  }

  async isSet(webinarId: string): Promise<boolean> {
    return (await this.#o.rows.find(webinarId)) !== null;
  }

  /** Throws `unauthenticated` with the field `passcode` where it is missing or another, and `unavailable` while too many are checked. */
  async admit(webinarId: string, passcode: string | undefined): Promise<void> {
    if (passcode !== undefined && (await this.#isRight(webinarId, passcode))) return;
    const message = passcode === undefined ? 'a passcode is wanted' : 'that is not the passcode';
    throw new RostrumError('unauthenticated', message, { field: 'passcode' });
  }

  async #isRight(webinarId: string, passcode: string): Promise<boolean> {
    const hash = await this.#o.rows.find(webinarId);
    const seal = createHmac('sha256', this.#key).update(passcode.normalize('NFKC')).digest();
    const known = this.#right.get(webinarId);
    if (known && known.hash === hash && timingSafeEqual(known.seal, seal)) return true;
    const right = await this.#o.passwords.verify(hash, passcode);
    if (right && hash !== null) {
      this.#right.delete(webinarId);
      this.#right.set(webinarId, { hash, seal });
      const [oldest] = this.#right.keys();
      if (this.#right.size > REMEMBERED_MOST && oldest !== undefined) this.#right.delete(oldest);
    }
    return right;
  }
}
