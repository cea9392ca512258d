import { backoffMs } from '@rostrum/service-kit/backoff';
import type { Logger } from 'pino';
import { Trouble } from '../trouble.ts';
import type { MediaNode } from './node-registry.ts';

/** A room without a stage is closed after this: after a restart of the coordinator its people are on their way back. */
export const ROOM_GRACE_MS = 30_000;
const RETRY = { firstMs: 500, maxMs: 10_000 } as const;

/** Something a node runs that nobody here asked for, or does not any more; or an archive it has begun and not ended. */
export interface Leftover {
  readonly what: 'room' | 'channel' | 'archive';
  readonly id: string;
}

/** What of a node's is wanted. Channels and archives are judged by `settle`, which may ask the log: here only those that are surely ours. */
export interface Wants {
  room(node: MediaNode, roomId: string): boolean;
  channel(node: MediaNode, channelId: string): boolean;
  archive(channelId: string): boolean;
}

/** What a node says it has. */
export interface Stock {
  readonly rooms: readonly string[];
  readonly channels: readonly string[];
  readonly archives: readonly string[];
}

/** One that is being seen to, or could not be: it is not tried again before its time. */
interface Care {
  busy: boolean;
  notBeforeMs: number;
  readonly trouble: Trouble;
}

/**
 * Compares what nodes say they have, in each heartbeat, with what is wanted. A call that was to close something may be lost,
 * time out, or never have been made; what a node says again and again cannot be missed.
 */
export class Leftovers {
  readonly #wants: Wants;
  readonly #settle: (node: MediaNode, left: Leftover) => Promise<void>;
  readonly #logger: Logger;
  readonly #nowMs: () => number;
  readonly #roomsSinceMs = new WeakMap<MediaNode, Map<string, number>>();
  readonly #cares = new WeakMap<MediaNode, Map<string, Care>>();

  /** `settle` closes one, or finds that it stays; `nowMs`: monotonic. */
  constructor(options: {
    wants: Wants;
    settle: (node: MediaNode, left: Leftover) => Promise<void>;
    logger: Logger;
    nowMs: () => number;
  }) {
    this.#wants = options.wants;
    this.#settle = options.settle;
    this.#logger = options.logger;
    this.#nowMs = options.nowMs;
  }

  /** A node says what it has. Returns at once. */
  look(node: MediaNode, stock: Stock): void {
    const left = [
      ...stock.channels
        .filter((id) => !this.#wants.channel(node, id))
        .map((id) => ({ what: 'channel' as const, id })),
      ...stock.archives
        .filter((id) => !this.#wants.archive(id))
        .map((id) => ({ what: 'archive' as const, id })),
      ...this.#emptyRooms(node, stock.rooms).map((id) => ({ what: 'room' as const, id })),
    ];
    const before = this.#cares.get(node);
    const cares = new Map<string, Care>();
    const nowMs = this.#nowMs();
    for (const [key, care] of before ?? []) if (care.busy || care.notBeforeMs > nowMs) cares.set(key, care);
    this.#cares.set(node, cares);
    for (const one of left) {
      const key = `${one.what} ${one.id}`;
      const care = before?.get(key) ?? this.#newCare(node, one);
      cares.set(key, care);
      if (!care.busy && care.notBeforeMs <= nowMs) void this.#see(node, one, care);
    }
  }

  async #see(node: MediaNode, left: Leftover, care: Care): Promise<void> {
    care.busy = true;
    try {
      await this.#settle(node, left);
      care.trouble.worked();
    } catch (error) {
      care.trouble.failed(error);
      care.notBeforeMs = this.#nowMs() + backoffMs(RETRY, care.trouble.failures);
    } finally {
      care.busy = false;
    }
  }

  #newCare(node: MediaNode, { what, id }: Leftover): Care {
    const logger = this.#logger.child({ nodeId: node.nodeId, what, id });
    const trouble = new Trouble('closing what nobody wants', logger, this.#nowMs);
    return { busy: false, notBeforeMs: Number.NEGATIVE_INFINITY, trouble };
  }

  /** Those that nobody was in for a while. */
  #emptyRooms(node: MediaNode, roomIds: readonly string[]): string[] {
    const before = this.#roomsSinceMs.get(node);
    const since = new Map<string, number>();
    const nowMs = this.#nowMs();
    const empty: string[] = [];
    for (const id of roomIds) {
      if (this.#wants.room(node, id)) continue;
      const sinceMs = before?.get(id) ?? nowMs;
      since.set(id, sinceMs);
      if (nowMs - sinceMs >= ROOM_GRACE_MS) empty.push(id);
    }
    this.#roomsSinceMs.set(node, since);
    return empty;
  }
}
