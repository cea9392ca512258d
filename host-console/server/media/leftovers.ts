import type { MediaNode } from './node-registry.ts';

/** A room without a stage is closed after this: after a restart of the coordinator its people are on their way back. */
export const ROOM_GRACE_MS = 30_000;

/** Something a node runs that nobody here asked for, or does not any more. */
export interface Leftover {
  readonly what: 'room' | 'channel';
  readonly id: string;
}

/** What of a node's is wanted. Channels are judged by `settle`, which may ask the log: here only those that are surely ours. */
export interface Wants {
  room(node: MediaNode, roomId: string): boolean;
  channel(node: MediaNode, channelId: string): boolean;
}

/**
 * Compares what nodes say they run, in each heartbeat, with what is wanted. A call that was to close something may be lost,
 * time out, or never have been made; what a node says again and again cannot be missed.
 */
export class Leftovers {
  readonly #wants: Wants;
  readonly #nowMs: () => number;
  readonly #roomsSinceMs = new WeakMap<MediaNode, Map<string, number>>();

  constructor({ wants, nowMs }: { wants: Wants; nowMs: () => number }) {
    this.#wants = wants;
    this.#nowMs = nowMs;
  }

  /** What is to be closed on the node now. `channelIds` and `roomIds` are its own word. */
  of(node: MediaNode, channelIds: readonly string[], roomIds: readonly string[]): Leftover[] {
    const channels = channelIds
      .filter((id) => !this.#wants.channel(node, id))
      .map((id) => ({ what: 'channel' as const, id }));
    const before = this.#roomsSinceMs.get(node);
    const since = new Map<string, number>();
    const nowMs = this.#nowMs();
    const rooms: Leftover[] = [];
    for (const id of roomIds) {
      if (this.#wants.room(node, id)) continue;
      const sinceMs = before?.get(id) ?? nowMs;
      since.set(id, sinceMs);
      if (nowMs - sinceMs >= ROOM_GRACE_MS) rooms.push({ what: 'room', id });
    }
    this.#roomsSinceMs.set(node, since);
    return [...channels, ...rooms];
  }
}
