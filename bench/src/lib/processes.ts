/** The processes of a running system, and the processor time they take. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second in /proc/PID/stat; 100 on Linux for x86 and ARM. */
const TICKS_PER_SECOND = 100;

interface Stat {
  readonly pid: number;
  readonly parent: number;
  readonly seconds: number;
}

function stats(): Map<number, Stat> {
  const found = new Map<number, Stat>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const text = readFileSync(`/proc/${entry}/stat`, 'utf8');
      // "pid (name with spaces) state ppid …"; 12 and 13 are user and system time, 14 and 15 those of children that ended.
      const fields = text
        .slice(text.lastIndexOf(')') + 2)
        .split(' ')
        .map(Number);
      const ticks = [11, 12, 13, 14].reduce((sum, i) => sum + (fields[i] ?? 0), 0);
      const pid = Number(entry);
      found.set(pid, { pid, parent: fields[1] ?? 0, seconds: ticks / TICKS_PER_SECOND });
    } catch {
      // it ended meanwhile
    }
  }
  return found;
}

/** Processes and all that they started. */
export function trees(roots: readonly number[]): number[] {
  const all = [...stats().values()];
  const found = new Set(roots);
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** Processor seconds that these and their ended children used so far. */
export function processorSeconds(pids: readonly number[]): number {
  const all = stats();
  return pids.reduce((sum, pid) => sum + (all.get(pid)?.seconds ?? 0), 0);
}
