import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { readLife } from '@rostrum/service-kit/life';
import { priorities, type Role } from '@rostrum/service-kit/priorities';
import { readOffer } from './offer.ts';
import type { Offer } from './plan.ts';
import { autogroupNice, openWeights, stepBehind, type Weights, withoutGoingFirst } from './weights.ts';

/** Ends by itself: a test that is killed leaves nothing that runs for ever. */
const BUSY = 'for (const end = Date.now() + 60_000; Date.now() < end; );';

let children: ChildProcess[] = [];
let open: Weights[] = [];
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(children.map((child) => child.exitCode ?? child.signalCode ?? once(child, 'exit')));
  children = [];
  for (const weights of open) weights.close();
  open = [];
});

/** A process that never rests, in a session of its own as a service is, on the first processor alone. */
function busy(): number {
  const child = spawn(process.execPath, ['-e', BUSY], { stdio: 'ignore', detached: true });
  children.push(child);
  const pid = child.pid ?? 0;
  execFileSync('taskset', ['-acp', '0', String(pid)], { stdio: 'ignore' });
  return pid;
}

function weightsBy(offer?: Offer): Weights {
  const weights = openWeights(offer);
  open.push(weights);
  return weights;
}

/** The processor time that each uses while this many milliseconds pass. */
async function ranMs(pids: readonly number[], forMs: number): Promise<number[]> {
  const ran = () => pids.map((pid) => readLife(pid)?.leader.ranMs ?? Number.NaN);
  const before = ran();
  await new Promise((resolve) => setTimeout(resolve, forMs));
  return ran().map((ms, index) => ms - (before[index] ?? 0));
}

async function endedPid(): Promise<number> {
  const child = spawn('true');
  await once(child, 'exit');
  return child.pid ?? 0;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Four that never rest on one processor: two with no weight, one weighed as the picture, one as the demo. */
async function showWeights(weights: Weights): Promise<{ picture: number; others: number; demo: number }> {
  const [first, second, picture, demo] = [busy(), busy(), busy(), busy()];
  const given = await Promise.all(
    (
      [
        ['broadcaster', picture],
        ['demo', demo],
      ] as const
    ).map(([role, pid]: readonly [Role, number]) => weights.weigh(role, pid)),
  );
  expect(given.map(({ trouble }) => trouble)).toEqual([null, null]);
  const [one = 0, two = 0, pictureMs = 0, demoMs = 0] = await ranMs([first, second, picture, demo], 1500);
  return { picture: pictureMs, others: (one + two) / 2, demo: demoMs };
}

/** Tests by what this machine offers; what it lacks is in the title of what is skipped. */
const here = readOffer();
const canMeasure = readLife(process.pid) !== null && existsSync('/usr/bin/taskset');
const privileged = here.lowestNice === -20;
const autogroups = here.autogroup === 'on' && here.cpuGroup.is !== 'below';
const v1 = here.cpuGroup.is !== 'none' && here.cpuGroup.version === 1 && here.cpuGroup.open;
const only = (can: boolean, lack: string) => (title: string, run: () => Promise<void>) =>
  can ? test(title, run) : test.skip(`${title} (skipped: ${lack})`, run);

describe('what has weight', () => {
  only(canMeasure && privileged, 'no niceness below 0, or no times of waiting')(
    "gets many times the processor of what has none, and the demo what is left over, by this machine's own means",
    async () => {
      const { picture, others, demo } = await showWeights(weightsBy());
      // In the table a factor of nine each.
      expect(picture).toBeGreaterThan(4 * others);
      expect(others).toBeGreaterThan(4 * demo);
    },
  );

  only(canMeasure && autogroups, 'no autogroup')(
    'without root the demo gets what is left over, for anybody may step behind',
    async () => {
      const weights = weightsBy({ ...here, lowestNice: 0 });
      expect(weights.warning).toMatch(/^weights could not be set: no niceness below 0 .* What would do: /);
      const { picture, demo } = await showWeights(weights);
      expect(picture).toBeGreaterThan(4 * demo);
    },
  );

  only(canMeasure && v1, 'no cgroup v1 that we may write to')(
    'gets it by cgroups of its own where sessions weigh nothing, and they are gone afterwards',
    async () => {
      if (here.cpuGroup.is === 'none') throw new Error('no cgroup');
      // As below a limit: in a group that is not the root, the kernel does not look at sessions.
      const dir = mkdtempSync(`${here.cpuGroup.dir}/test-`);
      try {
        // Somebody else's, and one that a launcher left that was killed.
        mkdirSync(`${dir}/other`);
        mkdirSync(`${dir}/rostrum-${await endedPid()}-edge`);
        const weights = weightsBy({ ...here, cpuGroup: { is: 'below', version: 1, dir, open: true } });
        expect(groupsIn(dir)).toEqual([`${dir}/other`]);
        const { picture, demo } = await showWeights(weights);
        expect(picture).toBeGreaterThan(4 * demo);
        for (const child of children) child.kill('SIGKILL');
        await Promise.all(children.map((child) => once(child, 'exit')));
        children = [];
        await until(() =>
          groupsIn(dir).every((group) => readFileSync(`${group}/cgroup.procs`, 'utf8') === ''),
        );
        weights.close();
        expect(groupsIn(dir)).toEqual([`${dir}/other`]);
      } finally {
        for (const group of groupsIn(dir)) rmdirSync(group);
        rmdirSync(dir);
      }
    },
  );

  const groupsIn = (dir: string) =>
    readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => `${dir}/${name}`);
});

only(autogroups, 'no autogroup')('a session that a service begins later has its weight too', async () => {
  const program = `const { spawn } = require('node:child_process');
    const below = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore', detached: true });
    process.on('SIGTERM', () => { below.kill('SIGKILL'); process.exit(); });
    process.stdout.write(String(below.pid));`;
  const child = spawn(process.execPath, ['-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const [printed] = await once(child.stdout, 'data');
  try {
    await weightsBy().weigh('demo', child.pid ?? 0);
    await until(() => autogroupNice(Number(printed)) === priorities.demo.groupNice);
    expect(autogroupNice(child.pid ?? 0)).toBe(priorities.demo.groupNice);
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
});

only(autogroups, 'no autogroup')('a build steps behind everything else', async () => {
  const pid = busy();
  await stepBehind('tools', pid);
  expect(autogroupNice(pid)).toBe(priorities.tools.groupNice);
});

only(withoutGoingFirst().length > 0, 'not root, or no setpriv')(
  'a guest cannot go before others by itself, as Chromium does for root',
  async () => {
    const program = `const { setPriority, getPriority } = require('node:os');
      try { setPriority(-8); } catch (error) {}
      process.stdout.write(String(getPriority()));`;
    const [command = '', ...args] = [...withoutGoingFirst(), process.execPath, '-e', program];
    expect(Number(execFileSync(command, args, { encoding: 'utf8' }))).toBeGreaterThanOrEqual(0);
  },
);

test('what could not be set is told, and what has ended is no trouble', async () => {
  const dir = mkdtempSync(`${tmpdir()}/rostrum-weights-`);
  try {
    // A folder that is no cgroup takes what is written, and holds no shares of its own.
    mkdirSync(`${dir}/rostrum-${process.pid}-broadcaster/cpu.shares`, { recursive: true });
    const weights = openWeights({
      autogroup: 'off',
      cpuGroup: { is: 'below', version: 1, dir, open: true },
      lowestNice: 19,
    });
    const { said, trouble } = await weights.weigh('broadcaster', busy());
    expect(said).toBe('niceness 19');
    expect(trouble).toBe('it has no cgroup with the weight -10 (EISDIR)');
    expect((await weights.weigh('broadcaster', await endedPid())).trouble).toBeNull();
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test('below a version 2 group of its own the launcher moves aside, and each service gets a weight beside it', async () => {
  const dir = mkdtempSync(`${tmpdir()}/rostrum-weights-`);
  try {
    // A folder like any other: what matters here is what is written where, in the kernel's names.
    const weights = openWeights({
      autogroup: 'on',
      cpuGroup: { is: 'below', version: 2, dir, open: true },
      lowestNice: 19,
    });
    const pid = busy();
    expect(await weights.weigh('edge', pid)).toEqual({ said: 'weight -8 (cgroup)', trouble: null });
    const held = (file: string) => readFileSync(`${dir}/${file}`, 'utf8');
    expect(held(`rostrum-${process.pid}-launcher/cgroup.procs`)).toBe(String(process.pid));
    expect(held('cgroup.subtree_control')).toBe('+cpu');
    expect(held(`rostrum-${process.pid}-edge/cpu.weight.nice`)).toBe('-8');
    expect(held(`rostrum-${process.pid}-edge/cgroup.procs`)).toBe(String(pid));
  } finally {
    rmSync(dir, { recursive: true });
  }
});
