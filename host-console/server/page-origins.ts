import { Reconciler } from '@rostrum/service-kit/reconciler';
import type { Logger } from 'pino';
import type { Clock } from './ports.ts';
import type { PageOriginRepository } from './store/index.ts';
import { Trouble } from './trouble.ts';

const DAY_MS = 86_400_000;
/** A page does not stay open for longer, and an address that nobody serves any more may come to belong to somebody else. */
const KEPT_MS = 30 * DAY_MS;
const RETRY = { firstMs: 500, maxMs: 30_000 } as const;

/**
 * Origins whose pages may use API and sockets: of every broadcaster that was connected lately, as it said with the node token.
 * A page stays open while its broadcaster is away, and has to be able to read why; so it does when the coordinator is a new
 * one, which knows them from the database.
 */
export class PageOrigins {
  readonly #kept: Pick<PageOriginRepository, 'seenSince' | 'keep'>;
  readonly #clock: Clock;
  /** By origin: as of when the database has it, Unix ms; null: it does not have it yet. */
  readonly #keptUnixMs = new Map<string, number | null>();
  readonly #due = new Set<string>();
  readonly #keeping: Reconciler;

  constructor({
    kept,
    clock,
    logger,
  }: {
    kept: Pick<PageOriginRepository, 'seenSince' | 'keep'>;
    clock: Clock;
    logger: Logger;
  }) {
    this.#kept = kept;
    this.#clock = clock;
    const trouble = new Trouble('keeping the origin of a broadcaster', logger, () => clock.nowMs());
    this.#keeping = new Reconciler({
      reconcile: () => this.#keep(),
      backoff: RETRY,
      worked: () => trouble.worked(),
      failed: (error) => trouble.failed(error),
    });
  }

  /** What earlier coordinators knew. Call before anybody can connect. */
  async load(): Promise<void> {
    const kept = await this.#kept.seenSince(this.#clock.nowUnixMs() - KEPT_MS);
    for (const { origin, seenUnixMs } of kept) this.#keptUnixMs.set(origin, seenUnixMs);
  }

  has(origin: string): boolean {
    return this.#keptUnixMs.has(origin);
  }

  /** A broadcaster serves pages at this base URL, now. Returns at once; may be told as often as one likes. */
  note(url: string): void {
    const { origin } = new URL(url);
    // Of an address that is none of the web: every sandboxed page has this one.
    if (origin === 'null') return;
    const keptUnixMs = this.#keptUnixMs.get(origin) ?? null;
    if (keptUnixMs !== null && this.#clock.nowUnixMs() - keptUnixMs < DAY_MS) return;
    if (keptUnixMs === null) this.#keptUnixMs.set(origin, null);
    this.#due.add(origin);
    this.#keeping.changed();
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    await this.#keeping.settled();
    this.#keeping.close();
  }

  async #keep(): Promise<void> {
    for (const origin of [...this.#due]) {
      const seenUnixMs = this.#clock.nowUnixMs();
      await this.#kept.keep({ origin, seenUnixMs }, seenUnixMs - KEPT_MS);
      this.#keptUnixMs.set(origin, seenUnixMs);
      this.#due.delete(origin);
    }
  }
}
