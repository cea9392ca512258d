/** A limit of processor time for a test's or benchmark's own processes: a cgroup, in either version of the hierarchy. */
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout } from 'node:timers/promises';

/**
 * Short, so that a small limit is a slow machine rather than one that stands still for a tenth of a second at a time; but some
 * of the slices of 5 ms in which the kernel hands out what is allowed have to fit in.
 */
const PERIOD_US = 50_000;

export interface ProcessorLimit {
  /** Moves processes, with all their threads, under the limit; those they start later are born there. */
  add(pids: readonly number[]): void;
  /** Cores' worth of time together; null: no limit. */
  set(cores: number | null): void;
  /** Processor seconds that all in it used so far; null where the hierarchy does not tell. */
  usedSeconds(): number | null;
  /** Lets everything in it go back to where it was, and removes it. */
  remove(): Promise<void>;
}

const V1 = '/sys/fs/cgroup/cpu';
const V2 = '/sys/fs/cgroup';

/** Why no limit can be set here, in words; null when one can. */
export function noProcessorLimit(): string | null {
  const root = existsSync(`${V1}/cgroup.procs`) ? V1 : V2;
  try {
    accessSync(`${root}/cgroup.procs`, constants.W_OK);
    if (root === V2 && !readFileSync(`${V2}/cgroup.subtree_control`, 'utf8').includes('cpu'))
      return 'the cpu controller is not handed down';
    return null;
  } catch {
    return 'cgroups cannot be written: it needs root';
  }
}

/** @param name one that no other process on this machine uses. @throws where `noProcessorLimit` says why */
export function createProcessorLimit(name: string): ProcessorLimit {
  const version = existsSync(`${V1}/cgroup.procs`) ? 1 : 2;
  const root = version === 1 ? V1 : V2;
  const folder = `${root}/${name}`;
  mkdirSync(folder, { recursive: true });
  const write = (file: string, text: string): void => writeFileSync(`${folder}/${file}`, text);
  return {
    add(pids) {
      for (const pid of pids) write('cgroup.procs', String(pid));
    },
    set(cores) {
      const quotaUs = cores === null ? null : Math.max(1000, Math.round(cores * PERIOD_US));
      if (version === 2) {
        write('cpu.max', quotaUs === null ? 'max' : `${quotaUs} ${PERIOD_US}`);
        return;
      }
      write('cpu.cfs_quota_us', '-1');
      write('cpu.cfs_period_us', String(PERIOD_US));
      if (quotaUs !== null) write('cpu.cfs_quota_us', String(quotaUs));
    },
    usedSeconds() {
      if (version === 1) return null;
      const used = /^usage_usec (\d+)$/m.exec(readFileSync(`${folder}/cpu.stat`, 'utf8'))?.[1];
      return used === undefined ? null : Number(used) / 1e6;
    },
    async remove() {
      for (let tries = 0; ; tries += 1) {
        const pids = readFileSync(`${folder}/cgroup.procs`, 'utf8').split('\n').filter(Boolean);
        for (const pid of pids) {
          try {
            writeFileSync(`${root}/cgroup.procs`, pid);
          } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it ended meanwhile
          }
        }
        try {
          rmdirSync(folder);
          return;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || tries === 20) throw error;
          await setTimeout(50); // those that just ended are still counted in it
        }
      }
    },
  };
}
