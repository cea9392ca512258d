import { readFileSync } from 'node:fs';
import { machineIdleSeconds } from './pressure.ts';

/** So many cores idle: enough for a rendition more, so worth a try. */
const ROOM_CORES = 0.3;
/** A limit that bites now and then, at a key frame, is no lack. */
const HELD_UP_SHARE = 0.05;

/**
 * Tells, at each call, whether since the last one this process could have had a good deal more of the machine: cores were idle, and
 * no limit of a cgroup of its own or above held it up.
 */
export function createRoomMeter(
  sources: {
    readonly idleSeconds: () => number;
    readonly heldUpMs: () => number;
    readonly nowMs: () => number;
  } = {
    idleSeconds: machineIdleSeconds,
    heldUpMs,
    nowMs: () => performance.now(),
  },
): () => boolean {
  const look = () => ({ atMs: sources.nowMs(), idle: sources.idleSeconds(), heldUpMs: sources.heldUpMs() });
  let last = look();
  return () => {
    const now = look();
    const elapsedMs = Math.max(1, now.atMs - last.atMs);
    const cores = ((now.idle - last.idle) * 1000) / elapsedMs;
    const free = cores >= ROOM_CORES && now.heldUpMs - last.heldUpMs < HELD_UP_SHARE * elapsedMs;
    last = now;
    return free;
  };
}

/** Folders of this process's cgroup for processor time and those above it, in either version of the hierarchy. */
export function cpuGroupFolders(ofProcess: string): string[] {
  return ofProcess.split('\n').flatMap((line) => {
    const [id, controllers, path] = line.split(':');
    const root = id === '0' ? '/sys/fs/cgroup' : '/sys/fs/cgroup/cpu';
    if (path === undefined || (id !== '0' && !controllers?.split(',').includes('cpu'))) return [];
    const parts = path.split('/').filter((part) => part !== '');
    return parts.map((_, i) => `${root}/${parts.slice(0, parts.length - i).join('/')}`);
  });
}

/** How long a limit held this process's groups up so far, on one core or another, ms; 0 where there are none. */
function heldUpMs(): number {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'latin1');
    } catch {
      return ''; // no such group, or not Linux: nothing is limited
    }
  };
  return cpuGroupFolders(read('/proc/self/cgroup'))
    .map((folder) => heldUpMsOf(read(`${folder}/cpu.stat`)))
    .reduce((sum, ms) => sum + ms, 0);
}

/** @param stat text of a group's cpu.stat, of either version */
export function heldUpMsOf(stat: string): number {
  const [, unit, time] = /^throttled_(time|usec) (\d+)$/m.exec(stat) ?? [];
  return Number(time ?? 0) / (unit === 'time' ? 1e6 : 1e3);
}
