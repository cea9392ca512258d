import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { platform } from 'node:os';
import { judgeSilence, readLife, type Spent, spentBetween } from './life.ts';

describe('one that does not answer', () => {
  const spent = (part: Partial<Spent>): Spent => ({
    ...{ elapsedMs: 25_000, state: 'S', ranMs: 10, waitedMs: 10 },
    ...part,
  });
  test.each([
    ['sleeps, and nothing holds it up', spent({}), 'hung'],
    ['was stopped while it waited for its turn', spent({ state: 'T', waitedMs: 20_000 }), 'hung'],
    ['had a processor for itself all the time', spent({ state: 'R', ranMs: 25_000 }), 'hung'],
    ['had its turns, if rarely, and made nothing of them', spent({ state: 'R', ranMs: 11_000 }), 'hung'],
    ['was ready to run and seldom let', spent({ state: 'R', ranMs: 500, waitedMs: 24_000 }), 'late'],
    ['works at half speed', spent({ state: 'R', ranMs: 7_000, waitedMs: 7_000 }), 'late'],
    ['waits for the disk', spent({ state: 'D' }), 'late'],
  ])('and %s', (_what, what, verdict) => {
    expect(judgeSilence(what, 10_000)).toBe(verdict);
  });
});

const onLinux = platform() === 'linux' ? describe : describe.skip;

onLinux('what the kernel tells', () => {
  let child: ChildProcess | undefined;
  afterEach(async () => {
    if (!child) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
    child = undefined;
  });

  async function during(program: string, signal?: NodeJS.Signals): Promise<Spent> {
    child = spawn(process.execPath, ['-e', `process.stdout.write("here");${program}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    if (!child.stdout || child.pid === undefined) throw new Error('it did not start');
    await once(child.stdout, 'data');
    if (signal) child.kill(signal);
    const before = readLife(child.pid);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const after = readLife(child.pid);
    if (!before || !after) throw new Error('it is gone');
    return spentBetween(before, after);
  }

  test('a loop without end runs or waits for its turn all the time', async () => {
    const { ranMs, waitedMs, elapsedMs } = await during('for (;;);');
    expect(ranMs + waitedMs).toBeGreaterThan(elapsedMs / 2);
  });

  test('one that sleeps does neither', async () => {
    const spent = await during('Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)');
    expect(spent.state).toBe('S');
    expect(judgeSilence(spent, 10_000)).toBe('hung');
  });

  test('one that was stopped is known', async () => {
    const spent = await during('setInterval(() => {}, 1000)', 'SIGSTOP');
    expect(spent.state).toBe('T');
  });

  test('of one that is gone there is nothing to tell', async () => {
    const dead = spawn('true');
    await once(dead, 'exit');
    expect(readLife(dead.pid ?? 0)).toBeNull();
  });
});
