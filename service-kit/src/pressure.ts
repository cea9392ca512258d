import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Heartbeat } from '@rostrum/contracts/node-socket';

export type Pressure = Heartbeat['pressure'];

export interface PressureMeter {
  /** Since it was read last. */
  read(): Pressure;
  close(): void;
}

/** Of the kernel's clock in /proc/stat (USER_HZ), on every Linux. */
const TICKS_PER_SECOND = 100;
const RESOLUTION_MS = 20;

/** How busy the machine is, and how late this process's event loop. */
export function createPressureMeter(
  idleSeconds: () => number = machineIdleSeconds,
  nowMs: () => number = () => performance.now(),
): PressureMeter {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let last = { atMs: nowMs(), idleSeconds: idleSeconds() };
  return {
    read() {
      const now = { atMs: nowMs(), idleSeconds: idleSeconds() };
      const elapsedMs = now.atMs - last.atMs;
      const idleCores = elapsedMs > 0 ? ((now.idleSeconds - last.idleSeconds) * 1000) / elapsedMs : 0;
      last = now;
      // It measures from one turn of its own timer to the next: what is above the timer's pace is delay.
      const loopDelayMs = delays.count > 0 ? delays.percentile(99) / 1e6 - RESOLUTION_MS : 0;
      delays.reset();
      return { idleCores: Math.max(0, idleCores), loopDelayMs: Math.max(0, loopDelayMs) };
    },
    close: () => delays.disable(),
  };
}

/** Seconds that the cores of this machine had nothing to do since it started, all together. */
export function machineIdleSeconds(): number {
  try {
    return idleSecondsOf(readFileSync('/proc/stat', 'latin1'));
  } catch {
    // Not Linux: the same from the library, which takes longer.
    return cpus().reduce((sum, { times }) => sum + times.idle / 1000, 0);
  }
}

/** `stat`: text of /proc/stat. Waiting for a disk is idle too: the core could work meanwhile. */
export function idleSecondsOf(stat: string): number {
  const all = /^cpu +(?<times>[\d ]+)$/m.exec(stat)?.groups?.times;
  if (all === undefined) throw new Error('/proc/stat has no line for all cores');
  const [, , , idle = 0, iowait = 0] = all.trim().split(/ +/).map(Number);
  return (idle + iowait) / TICKS_PER_SECOND;
}
