import { readFile } from 'node:fs/promises';

/** Processes that this one started, and those that they did, by name. */
export async function processesBelow(parent: number): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const children = await readFile(`/proc/${parent}/task/${parent}/children`, 'utf8');
  for (const pid of children.split(' ').filter(Boolean).map(Number)) {
    found.set((await readFile(`/proc/${pid}/comm`, 'utf8')).trim(), pid);
    for (const [name, below] of await processesBelow(pid)) found.set(name, below);
  }
  return found;
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Resolves when none of them runs any more: what a program had started ends a moment after it. */
export async function allGone(pids: Iterable<number>): Promise<void> {
  for (const pid of pids) while (runs(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
}
