import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import type { CpuGroup, Offer } from './plan.ts';

const CAP_SYS_NICE = 23n;

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined; // another system, or a kernel built without it
  }
}

function writable(...paths: string[]): boolean {
  try {
    for (const path of paths) accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * Looks at what this machine offers. `proc` is where the kernel's files are.
 */
export function readOffer(proc = '/proc'): Offer {
  const autogroup = read(`${proc}/sys/kernel/sched_autogroup_enabled`);
  return {
    autogroup: autogroup === undefined ? 'absent' : autogroup === '0' ? 'off' : 'on',
    cpuGroup: readCpuGroup(read(`${proc}/self/cgroup`) ?? '', read(`${proc}/self/mountinfo`) ?? ''),
    lowestNice: readLowestNice(read(`${proc}/self/status`) ?? '', read(`${proc}/self/limits`) ?? ''),
  };
}

function readLowestNice(status: string, limits: string): number {
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  // A root of a container's own may hold it in vain: then the writes fail, and that is told.
  if (capabilities !== undefined && (BigInt(`0x${capabilities}`) >> CAP_SYS_NICE) & 1n) return -20;
  const limit = /^Max nice priority\s+(\d+|unlimited)/m.exec(limits)?.[1];
  const byLimit = limit === 'unlimited' ? -20 : 20 - Number(limit ?? 0);
  return Math.min(getPriority(), byLimit);
}

interface Mount {
  at: string;
  /** The part of the hierarchy that is mounted there. */
  root: string;
}

/** The mount of the hierarchy: v1's that has the cpu controller, or v2's. */
function mountOf(mountinfo: string, is: (type: string, options: string[]) => boolean): Mount | undefined {
  for (const line of mountinfo.split('\n')) {
    const [own = '', of = ''] = line.split(' - ');
    const [, , , root = '/', at = ''] = own.split(' ');
    const [type = '', , options = ''] = of.split(' ');
    if (is(type, options.split(','))) return { at, root };
  }
  return undefined;
}

/** Where a cgroup's folder is. In a container its path may be told from further up than what is mounted. */
function folderOf({ at, root }: Mount, path: string): string {
  const below = root !== '/' && path.startsWith(root) ? path.slice(root.length) : path;
  const dir = `${at}${below === '/' ? '' : below}`;
  return existsSync(dir) ? dir : at;
}

/** @param cgroup `/proc/self/cgroup`, one line a hierarchy: `id:controllers:path` */
export function readCpuGroup(cgroup: string, mountinfo: string): CpuGroup {
  const lines = cgroup.split('\n').map((line) => {
    const [id, controllers = '', ...path] = line.split(':');
    return { id, controllers: controllers.split(','), path: path.join(':') };
  });
  const v1 = lines.find(({ controllers }) => controllers.includes('cpu'));
  const mount1 = v1 && mountOf(mountinfo, (type, options) => type === 'cgroup' && options.includes('cpu'));
  if (v1 && mount1) {
    const dir = folderOf(mount1, v1.path);
    // The root alone has this file.
    const is = existsSync(`${dir}/release_agent`) ? 'root' : 'below';
    return { is, version: 1, dir, open: writable(dir) };
  }
  const v2 = lines.find(({ id, controllers }) => id === '0' && controllers[0] === '');
  const mount2 = v2 && mountOf(mountinfo, (type) => type === 'cgroup2');
  if (!v2 || !mount2) return { is: 'none' };
  const dir = folderOf(mount2, v2.path);
  const controllers = read(`${dir}/cgroup.controllers`)?.split(' ') ?? [];
  const isRoot = !existsSync(`${dir}/cgroup.type`);
  const below = weighed(dir, mount2.at);
  if (!below && !controllers.includes('cpu')) return { is: 'none' };
  // Groups with processes of their own, other than the root, cannot have weighed ones below: we can move ourselves alone.
  const alone = isRoot || (read(`${dir}/cgroup.procs`) ?? '') === String(process.pid);
  const open =
    controllers.includes('cpu') &&
    alone &&
    writable(dir, `${dir}/cgroup.procs`, `${dir}/cgroup.subtree_control`);
  return { is: below ? 'below' : 'root', version: 2, dir, open };
}

/** Whether the cpu controller divides at this folder or above it: the root alone has no weight. */
function weighed(dir: string, mountedAt: string): boolean {
  if (existsSync(`${dir}/cpu.weight`)) return true;
  return dir.length > mountedAt.length && weighed(dir.slice(0, dir.lastIndexOf('/')), mountedAt);
}
