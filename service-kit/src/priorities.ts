/**
 * Who goes first when there is more to do than the processors can: one table for all that a Rostrum runs.
 *
 * Two numbers each, both on the scale of niceness (-20 first, 19 last, 0 as everybody; a step is a quarter more). The kernel
 * divides the processors among groups first (sessions or cgroups, whichever it looks at), and within a group among
 * processes. `groupNice` is the weight of the group that a service makes with all it starts; `nice` that of its own process,
 * which weighs within the group, and is all there is where groups have no weight. See docs/priorities.md.
 */
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

export type Role =
  | 'host-console'
  | 'panel-sfu'
  | 'turn'
  | 'broadcaster'
  | 'tracks'
  | 'compositor'
  | 'edge'
  | 'demo'
  | 'tools';

export interface Priority {
  /** Of the group; null for one that lives in another's. */
  readonly groupNice: number | null;
  readonly nice: number;
  readonly why: string;
}

export const priorities: Readonly<Record<Role, Priority>> = {
  'host-console': {
    groupNice: -14,
    nice: -14,
    why: 'does little, and without it nobody can mend anything',
  },
  'panel-sfu': {
    groupNice: -12,
    nice: -12,
    why: 'people talk to one another through it: what is late there is heard at once',
  },
  turn: {
    groupNice: -12,
    nice: -12,
    why: 'as the stage, for those whose talk goes through it; it forwards and does nothing else',
  },
  compositor: {
    groupNice: null,
    nice: -11,
    why: "in its broadcaster's group; a step before it, so that many viewers take nothing from the picture",
  },
  broadcaster: {
    groupNice: -10,
    nice: -10,
    why: 'with its compositors; packing does little, but a part that is packed late was coded in vain',
  },
  tracks: {
    groupNice: null,
    nice: -9,
    why: "in its broadcaster's group, a step behind it: what comes waits in its sockets meanwhile",
  },
  edge: {
    groupNice: -8,
    nice: -8,
    why: 'viewers have some seconds of buffer, and what it cannot serve was made before it',
  },
  tools: { groupNice: 5, nice: 10, why: 'builds of the set-up: they have time' },
  demo: {
    groupNice: 10,
    nice: 15,
    why: 'a guest; one by one a step more, since a browser has dozens of threads; never so low that it cannot start',
  },
};

/**
 * The niceness of a process and of all its threads: Linux keeps one for each thread, and those that begin later take it
 * from the one that starts them. Elsewhere, of the process.
 *
 * @throws the system's error: EACCES or EPERM where it is not allowed (below what it is now, without root or CAP_SYS_NICE)
 */
export function setNice(pid: number, nice: number): void {
  setPriority(pid, nice);
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, nice);
    } catch (error) {
      // It ended meanwhile.
      if ((error as { readonly code?: unknown }).code !== 'ERR_SYSTEM_ERROR') throw error;
      if ((error as { readonly info?: { readonly code?: unknown } }).info?.code !== 'ESRCH') throw error;
    }
  }
}

/** The ids of a process's threads; none where the system does not say. */
export function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}

/**
 * Takes the table's niceness for this process; threads that begin from now on inherit it. Its group's weight is the
 * launcher's affair. Answers with what is wrong, in words, or null.
 */
export function takeNice(role: Role): string | null {
  const { nice } = priorities[role];
  try {
    setNice(process.pid, nice);
    return null;
  } catch (error) {
    return `no niceness of ${nice} for the ${role} (${error instanceof Error ? error.message : String(error)}): it needs root or CAP_SYS_NICE`;
  }
}
