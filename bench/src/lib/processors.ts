import { readFile } from 'node:fs/promises';

/** Shares of all processors' time, percent. */
export interface ProcessorShares {
  readonly idle: number;
  /** The machine under this one took it for others (proc(5), `steal`): what is late then is not ours. */
  readonly stolen: number;
}

/** Tells, at each call, how the time since the last one went. */
export async function processorShares(): Promise<() => Promise<ProcessorShares>> {
  let before = await jiffies();
  return async () => {
    const now = await jiffies();
    const spent = now.map((value, i) => value - (before[i] ?? 0));
    before = now;
    const all = spent.reduce((sum, value) => sum + value, 0);
    const share = (value = 0): number => (all === 0 ? 0 : (100 * value) / all);
    const [, , , idle = 0, waiting = 0, , , stolen] = spent;
    return { idle: share(idle + waiting), stolen: share(stolen) };
  };
}

/** user, nice, system, idle, iowait, irq, softirq, steal; guests' time is in the first two already. */
async function jiffies(): Promise<number[]> {
  const [line = ''] = (await readFile('/proc/stat', 'utf8')).split('\n');
  return line.split(/\s+/).slice(1, 9).map(Number);
}
