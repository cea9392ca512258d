import { hash, parseOptions, verify } from '@node-rs/argon2';
import { RostrumError } from '@rostrum/contracts';

/**
 * OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane. Hashes made with other numbers stay good and
 * are made anew when their password is next right.
 */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
/** At once: they are worked on in Node's thread pool, whose four threads read files and look up names too. */
const AT_ONCE = 2;
/** Who waits. Some seconds of work: more would be answered after whoever asked has gone. */
const MOST_WAITING = 64;

/** Hashes and checks passwords, some at a time and beside the event loop. Throws `unavailable` when too many wait. */
export class Passwords {
  #working = 0;
  readonly #waiting: (() => void)[] = [];
  #decoy: Promise<string> | null = null;

  hash(password: string): Promise<string> {
    return this.#inTurn(() => hash(normal(password), PARAMETERS));
  }

  /**
   * Whether it is the one. It takes as long where there is nothing to compare with (null), so that the time says nothing of
   * whether there is an account.
   */
  async verify(known: string | null, password: string): Promise<boolean> {
    this.#decoy ??= this.hash('of nobody, and never the right one');
    const against = known ?? (await this.#decoy);
    const same = await this.#inTurn(() => verify(against, normal(password)));
    return same && known !== null;
  }

  /** Whether a hash was made with other numbers than these. */
  isOld(known: string): boolean {
    const { memoryCost, timeCost, parallelism } = parseOptions(known);
    return (
      memoryCost !== PARAMETERS.memoryCost ||
      timeCost !== PARAMETERS.timeCost ||
      parallelism !== PARAMETERS.parallelism
    );
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.#working >= AT_ONCE) {
      if (this.#waiting.length >= MOST_WAITING) {
        throw new RostrumError('unavailable', 'too many passwords are being checked', { retryAfterMs: 2000 });
      }
      // Whoever is done hands their place on.
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#working += 1;
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#working -= 1;
    }
  }
}

/** NIST SP 800-63B section 3.1.1.2: the same characters, however a keyboard composes them. */
const normal = (password: string): string => password.normalize('NFKC');
