import { readFileSync } from 'node:fs';
import { machineIdleSeconds } from './pressure.ts';

/** So many cores idle: enough for a rendition more, so worth a try. */
const ROOM_CORES = 0.3;

/**
 * Tells, at each call, whether since the last one this process could have had a good deal more of the machine: cores were idle, and
 * no limit of a cgroup of its own or above held it up.
 */
export function createRoomMeter(
  sources: {
    readonly idleSeconds: () => number;
    readonly throttled: () => number;
    readonly nowMs: () => number;
  } = {
    idleSeconds: machineIdleSeconds,
    throttled: timesThrottled,
    nowMs: () => performance.now(),
  },
): () => boolean {
  const look = () => ({ atMs: sources.nowMs(), idle: sources.idleSeconds(), throttled: sources.throttled() });
  let last = look();
  return () => {
    const now = look();
    const cores = ((now.idle - last.idle) * 1000) / Math.max(1, now.atMs - last.atMs);
    const free = cores >= ROOM_CORES && now.throttled === last.throttled;
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

/** How often a limit held this process's groups up so far; 0 where there are none. */
function timesThrottled(): number {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'latin1');
    } catch {
      return ''; // no such group, or not Linux: nothing is limited
    }
  };
  return cpuGroupFolders(read('/proc/self/cgroup'))
    .map((folder) => Number(/^nr_throttled (\d+)$/m.exec(read(`${folder}/cpu.stat`))?.[1] ?? 0))
    .reduce((sum, times) => sum + times, 0);
}
