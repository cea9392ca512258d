import type { PacedTask, Pacer } from './pacer.ts';

export interface SlotOptions {
  /** Slots begin at whole multiples of this time of the wall clock, as it was when the process began. */
  readonly everyMs: number;
  /** How long after its beginning a slot's turn comes; 0 unless said. */
  readonly afterMs?: number;
  /** Slots that were missed for no longer than this are made up for; of others only the last is. 0 unless said. */
  readonly catchUpMs?: number;
  /** Unix time of the pacer's zero; the process's own unless said. */
  readonly originUnixMs?: number;
}

/**
 * Calls `then` for slot after slot, telling when each began, on the wall clock and on the pacer's.
 * @returns ends it
 */
export function eachWallSlot(
  pacer: Pacer,
  { everyMs, afterMs = 0, catchUpMs = 0, originUnixMs = performance.timeOrigin }: SlotOptions,
  then: (slotUnixMs: number, slotMs: number) => void,
): () => void {
  const slotAt = (ms: number): number => Math.floor((originUnixMs + ms - afterMs) / everyMs);
  let slot = slotAt(pacer.nowMs()) + 1;
  const task: PacedTask = {
    get dueMs() {
      return slot * everyMs - originUnixMs + afterMs;
    },
    run(nowMs) {
      // At least the slot that was due: what is a whole number to one sum may fall short of it in another.
      const last = Math.max(slot, slotAt(nowMs));
      if (nowMs - task.dueMs > catchUpMs) slot = last;
      for (; slot <= last; slot += 1) then(slot * everyMs, slot * everyMs - originUnixMs);
    },
  };
  return pacer.add(task);
}
