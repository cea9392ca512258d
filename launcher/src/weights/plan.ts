import { priorities, type Role } from '@rostrum/service-kit/priorities';

/** The cgroup whose cpu controller divides the processors where the launcher runs. */
export type CpuGroup =
  /** No such controller to be seen. */
  | { is: 'none' }
  /** `root`: of the whole machine, where autogroup reaches. `open`: we may make groups in its folder `dir`. */
  | { is: 'root' | 'below'; version: 1 | 2; dir: string; open: boolean };

/** What a machine offers to weigh processes by. */
export interface Offer {
  /** The kernel's groups by session; `absent` where it has none. */
  autogroup: 'on' | 'off' | 'absent';
  cpuGroup: CpuGroup;
  /** The least niceness that we may give: -20 with root or CAP_SYS_NICE, else by RLIMIT_NICE. */
  lowestNice: number;
}

/** By what groups get a weight. */
export type GroupMeans = { by: 'autogroup' } | { by: 'cgroup'; version: 1 | 2; dir: string } | { by: 'none' };

export interface Plan {
  groups: GroupMeans;
  lowestNice: number;
  /** What the show lacks here, in words; null when it has all it needs. */
  lack: string | null;
  /** What would do, where something is lacking. */
  remedy: string | null;
}

/** The weights of one process. `groupNice` is null where its group has none. */
export interface Wanted {
  groupNice: number | null;
  nice: number;
}

const lowestInTable = Math.min(...Object.values(priorities).map(({ nice }) => nice));

/**
 * Decides by what processes are weighed. Sessions come first where the kernel looks at them: nothing has to be made or
 * cleared away. It does so for processes of the root cpu cgroup alone; elsewhere groups of our own, where we may make them.
 * Where neither is to be had, processes compete one by one, and their niceness is what weighs.
 */
export function planWeights({ autogroup, cpuGroup, lowestNice }: Offer): Plan {
  const groups = ((): GroupMeans => {
    if (autogroup === 'on' && cpuGroup.is !== 'below') return { by: 'autogroup' };
    if (cpuGroup.is !== 'none' && cpuGroup.open) {
      return { by: 'cgroup', version: cpuGroup.version, dir: cpuGroup.dir };
    }
    return { by: 'none' };
  })();
  const plan = { groups, lowestNice, lack: null, remedy: null };
  // A cgroup's weight is a file's permission; niceness below what one has is the kernel's.
  if (groups.by === 'cgroup' || lowestNice <= lowestInTable) return plan;
  return {
    ...plan,
    lack: `no niceness below ${lowestNice} is allowed here, so services weigh no more than other programs, and the same as one another`,
    remedy:
      'run it as root or with CAP_SYS_NICE, or where systemd runs your session: systemd-run --user --scope -p Delegate=yes ./rostrum up',
  };
}

/** What the table says, as far as it can be had. */
export function wantedOf(role: Role, plan: Plan): Wanted {
  const { groupNice, nice } = priorities[role];
  const allowed = (value: number) => Math.max(value, plan.lowestNice);
  switch (plan.groups.by) {
    case 'autogroup':
      return { groupNice: groupNice === null ? null : allowed(groupNice), nice: allowed(nice) };
    case 'cgroup':
      return { groupNice, nice: allowed(nice) };
    case 'none':
      return { groupNice: null, nice: allowed(nice) };
  }
}

/** A niceness as the shares of a cgroup v1 (1024 as everybody): a step is a quarter, as the kernel reckons its own. */
export const sharesOf = (nice: number): number => Math.max(2, Math.round(1024 / 1.25 ** nice));

/** What the machine offers and what is made of it, in words for a person. */
export function describePlan(offer: Offer, plan: Plan): string[] {
  const { cpuGroup, autogroup } = offer;
  const where =
    cpuGroup.is === 'none'
      ? 'no cpu cgroups'
      : `in ${cpuGroup.is === 'root' ? 'the root cpu cgroup' : 'a cpu cgroup'} (v${cpuGroup.version}, ${cpuGroup.open ? 'open' : 'closed'} to us)`;
  const made = {
    autogroup: "each service's session has a weight (autogroup)",
    cgroup: 'each service gets a cgroup with a weight',
    none: 'no groups with weights: the niceness of processes weighs, among those of one cgroup',
  }[plan.groups.by];
  return [
    `autogroup ${autogroup}, ${where}, niceness from ${offer.lowestNice}: ${made}`,
    ...(plan.lack === null ? [] : [lackOf(plan)]),
  ];
}

/** The warning where weights are not had. */
export const lackOf = ({ lack, remedy }: Pick<Plan, 'lack' | 'remedy'>): string =>
  `weights could not be set: ${lack}; on a full machine the picture suffers first.${remedy ? ` What would do: ${remedy}` : ''}`;
