/** Processor time of this process and of what it has started, from /proc: what a server costs, whoever else is at work. */
import { readFileSync } from 'node:fs';

/** The kernel's unit there, on every Linux that runs Node. */
const TICK_MS = 10;

/** User and system time in ms, of the whole family but `without`. */
export function familyCpuMs(without: readonly number[]): number {
  return family(process.pid)
    .filter((pid) => !without.includes(pid))
    .reduce((sum, pid) => sum + cpuMs(pid), 0);
}

function family(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(family)];
}

function cpuMs(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  // The name, in parentheses, may hold blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * TICK_MS;
}

/** Empty for a process that has just ended. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return '';
    throw error;
  }
}
