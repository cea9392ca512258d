/** How full the archive's file system is, in words that do not flicker. Pure. */
import type { ArchiveHealth } from '@rostrum/contracts/node-socket';

export type DiskLevel = ArchiveHealth['disk'];

/** Shares of what is usable, 0 to 1; `low` before `full`. */
export interface DiskThresholds {
  readonly low: number;
  readonly full: number;
  /** A level is left only when the use is so far below where it began. */
  readonly hysteresis: number;
}

export function nextLevel(before: DiskLevel, usedShare: number, thresholds: DiskThresholds): DiskLevel {
  const { low, full, hysteresis } = thresholds;
  if (usedShare >= (before === 'full' ? full - hysteresis : full)) return 'full';
  if (usedShare >= (before === 'ample' ? low : low - hysteresis)) return 'low';
  return 'ample';
}

/** As df(1) has it: what is kept back for root counts neither as used nor as free. `blocks`, `bfree`, `bavail` of statfs(2). */
export function usedShareOf(disk: {
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
}): number {
  const used = disk.blocks - disk.bfree;
  const usable = used + disk.bavail;
  return usable <= 0 ? 0 : used / usable;
}
