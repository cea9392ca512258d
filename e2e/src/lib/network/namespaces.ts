/** Network namespaces of this process, by name. Those of a process that was killed are swept by the next one. */
import { setTimeout } from 'node:timers/promises';
import { run } from './commands.ts';

const PREFIX = 'rostrum';
const ENDING_MS = 10_000;
/** One family of addresses is enough, and nothing is refused for the way it came by. */
const KERNEL = {
  'ipv6.conf.all.disable_ipv6': 1,
  'ipv4.conf.all.rp_filter': 0,
  'ipv4.conf.default.rp_filter': 0,
};
let made = 0;

/** Names that no other process gives, and that tell whose they are. */
export function nextName(): string {
  made += 1;
  return `${PREFIX}-${process.pid}-${made}`;
}

export async function addNamespace(name: string): Promise<void> {
  await run(`ip netns add ${name}`);
  for (const [key, value] of Object.entries(KERNEL)) await setKernel(name, key, value);
  await run(`ip -n ${name} link set lo up`);
}

/** @param key below `net`, with dots, as sysctl has it */
export const setKernel = (namespace: string, key: string, value: number): Promise<string> =>
  run(`ip netns exec ${namespace} sysctl -q -w net.${key}=${value}`);

/** Processes in it. */
export async function pidsIn(namespace: string): Promise<number[]> {
  const said = await run(`ip netns pids ${namespace}`);
  return said.split('\n').filter(Boolean).map(Number);
}

/** Ends what still runs in it, then it and the devices in it. */
export async function removeNamespace(name: string): Promise<void> {
  const endMs = performance.now() + ENDING_MS;
  for (;;) {
    const pids = await pidsIn(name);
    if (pids.length === 0) break;
    if (performance.now() > endMs) throw new Error(`${name} is still used by ${pids.join(', ')}`);
    for (const pid of pids) kill(pid);
    await setTimeout(50);
  }
  await run(`ip netns del ${name}`);
}

/** Removes those whose process ended without doing so. */
export async function sweepNamespaces(): Promise<void> {
  const listed = await run('ip netns list');
  for (const line of listed.split('\n')) {
    const [name = ''] = line.split(' ');
    const [, pid] = new RegExp(`^${PREFIX}-(\\d+)-`).exec(name) ?? [];
    if (pid !== undefined && !lives(Number(pid))) await removeNamespace(name);
  }
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}
