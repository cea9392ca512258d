import { readdirSync, readFileSync } from 'node:fs';

/** What tells a process from a later one with the same pid. */
export interface ProcessMark {
  pid: number;
  /** When it started, in clock ticks since the machine's start: field 22 of /proc/PID/stat. */
  startTicks: string;
  /** Which start of the machine that was. */
  bootId: string;
}

function readProc(path: string): string | undefined {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    return undefined; // it ended, or belongs to somebody else
  }
}

/** The mark of a running process; undefined when there is none with this pid (a zombie counts as none). */
export function processMark(pid: number): ProcessMark | undefined {
  const stat = readProc(`${pid}/stat`);
  // The second field is the program's name in brackets and may hold spaces and brackets.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields?.[0], fields?.[19]];
  if (state === undefined || startTicks === undefined || state === 'Z') return undefined;
  return { pid, startTicks, bootId: (readProc('sys/kernel/random/boot_id') ?? '').trim() };
}

/** Whether the very process that the mark was taken of still runs. */
export function stillRuns(mark: ProcessMark): boolean {
  const now = processMark(mark.pid);
  return now?.startTicks === mark.startTicks && now.bootId === mark.bootId;
}

/**
 * The pids of all processes whose environment holds `name=value`, however deep below us they were started:
 * a browser or a compositor whose parent was killed is found by this, and by nothing else.
 */
export function processesWithEnv(name: string, value: string): number[] {
  const wanted = `\0${name}=${value}\0`;
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && entry !== String(process.pid))
    .filter((pid) => `\0${readProc(`${pid}/environ`) ?? ''}`.includes(wanted))
    .map(Number);
}

/** The sessions of a process and of all those below it: for each, the pid of one that is in it. */
export function sessionsBelow(top: number): Map<number, number> {
  const children = new Map<number, { pid: number; session: number }[]>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = readProc(`${entry}/stat`);
    const [, parent, , session] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
    if (parent === undefined || session === undefined) continue;
    const known = children.get(Number(parent)) ?? [];
    known.push({ pid: Number(entry), session: Number(session) });
    children.set(Number(parent), known);
  }
  const sessions = new Map([[top, top]]);
  const collect = (parent: number) => {
    for (const { pid, session } of children.get(parent) ?? []) {
      if (!sessions.has(session)) sessions.set(session, pid);
      collect(pid);
    }
  };
  collect(top);
  return sessions;
}
