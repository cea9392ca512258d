import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { readLife } from '@rostrum/service-kit/life';
import { processesWithEnv } from './process-table.ts';
import {
  type ReadyLine,
  type ServiceSpec,
  ServiceStartError,
  type Supervised,
  supervise,
  timing,
} from './supervisor.ts';
import { stepBehind } from './weights/weights.ts';

/** Ends by itself: a test that is killed leaves nothing that runs for ever. */
const BUSY = 'for (const end = Date.now() + 60_000; Date.now() < end; );';

let dir = '';
let running: Supervised[] = [];
beforeEach(() => {
  dir = mkdtempSync(`${tmpdir()}/rostrum-supervisor-`);
});
afterEach(async () => {
  await Promise.all(running.map((service) => service.stop()));
  running = [];
  rmSync(dir, { recursive: true, force: true });
});

/** By chance neither longer nor shorter. */
const random = () => 0.5;

function start(extra: NodeJS.ProcessEnv = {}, spec: Partial<ServiceSpec> = {}, limits = timing): Supervised {
  const service = supervise(
    {
      name: 'fixture',
      cwd: `${import.meta.dirname}/fixtures`,
      args: ['service.ts'],
      env: () => ({ ...process.env, ROSTRUM_RUN_ID: dir, ...extra }),
      logFile: `${dir}/fixture.log`,
      random,
      ...spec,
    },
    limits,
  );
  running.push(service);
  return service;
}

/** Resolves with the nth ready line. */
function nthReady(n: number): { promise: Promise<ReadyLine>; onReady: (line: ReadyLine) => void } {
  const { promise, resolve } = Promise.withResolvers<ReadyLine>();
  let seen = 0;
  return {
    promise,
    onReady: (line) => {
      seen += 1;
      if (seen === n) resolve(line);
    },
  };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('supervisor', () => {
  test('takes the ready line, which may hold a secret, and the log has every other line', async () => {
    const service = start();
    const ready = await service.firstReady;
    expect(ready.pid).toBe(service.state().pid);
    expect(service.state()).toMatchObject({ state: 'ready', restarts: 0, healthUrl: `${ready.url}/healthz` });
    await service.stop();
    const log = readFileSync(`${dir}/fixture.log`, 'utf8');
    expect(log).toContain('"msg":"listening"');
    expect(log).not.toContain('"ready"');
  });

  test('a service that is killed comes back with the port that the system chose the first time', async () => {
    const second = nthReady(2);
    const deaths: string[] = [];
    const service = start(
      {},
      {
        env: (last) => ({
          ...process.env,
          ROSTRUM_RUN_ID: dir,
          FIXTURE_PORT: last?.url ? new URL(last.url).port : '0',
        }),
        onReady: second.onReady,
        onDeath: (how, waitMs) => deaths.push(`${how}, ${waitMs}`),
      },
    );
    const before = await service.firstReady;
    process.kill(service.state().pid ?? 0, 'SIGKILL');
    const after = await second.promise;
    expect(after.url).toBe(before.url);
    expect(after.pid).not.toBe(before.pid);
    expect(deaths).toEqual(['was ended by SIGKILL, 200']);
    expect(service.state()).toMatchObject({ state: 'ready', restarts: 1 });
  });

  test('a service that hangs without dying is killed and comes back', async () => {
    const second = nthReady(2);
    const deaths: string[] = [];
    const service = start(
      {},
      { onReady: second.onReady, onDeath: (how) => deaths.push(how) },
      { ...timing, silence: { everyMs: 20, withinMs: 300, misses: 3, enoughMs: 2000 } },
    );
    const before = await service.firstReady;
    process.kill(Number(before.pid), 'SIGSTOP');
    const after = await second.promise;
    expect(after.pid).not.toBe(before.pid);
    expect(deaths).toEqual(['did not answer 3 times in 0.3 s']);
    expect(service.state()).toMatchObject({ state: 'ready', restarts: 1 });
  });

  test('what a dead service had started dies with it', async () => {
    const second = nthReady(2);
    const service = start({ FIXTURE_MODE: 'grandchild' }, { onReady: second.onReady });
    await service.firstReady;
    await until(() => processesWithEnv('ROSTRUM_RUN_ID', dir).length === 2);
    const before = processesWithEnv('ROSTRUM_RUN_ID', dir);
    process.kill(service.state().pid ?? 0, 'SIGKILL');
    await second.promise;
    await until(() => processesWithEnv('ROSTRUM_RUN_ID', dir).every((pid) => !before.includes(pid)));
    await service.stop();
    await until(() => processesWithEnv('ROSTRUM_RUN_ID', dir).length === 0);
  });

  test('deaths in a row wait longer each time', async () => {
    const waits: number[] = [];
    const third = nthReady(3);
    const service = start(
      {},
      {
        onReady: (line) => {
          third.onReady(line);
          if (waits.length < 2) process.kill(Number(line.pid), 'SIGKILL');
        },
        onDeath: (_how, waitMs) => waits.push(waitMs),
      },
      { ...timing, restarts: { ...timing.restarts, backoffMs: [4, 8, 12] } },
    );
    await service.firstReady;
    await third.promise;
    expect(waits).toEqual([4, 8]);
  });

  test('one that ends before it was ready is not tried again, and its last words are told', async () => {
    const service = start({ FIXTURE_MODE: 'refuse' });
    const error = await service.firstReady.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServiceStartError);
    expect((error as ServiceStartError).message).toBe(
      `fixture ended with exit code 1 (FIXTURE_MODE=refuse cannot be used) before it was ready; all it said is in ${dir}/fixture.log`,
    );
    expect(service.state().state).toBe('stopped');
  });

  test('one that does nothing and is not ready is given up', async () => {
    const service = start(
      { FIXTURE_MODE: 'silent' },
      {},
      { ...timing, start: { ...timing.start, lookEveryMs: 100, silentMs: 700 } },
    );
    await expect(service.firstReady).rejects.toThrow(
      'fixture showed no sign of life for 0.7 s before it was ready',
    );
  });

  test('one that works, and is slow to be ready, is told of and waited for', async () => {
    const slow: string[] = [];
    const service = start(
      { FIXTURE_MODE: 'slow' },
      { onSlow: (how) => slow.push(how) },
      { ...timing, start: { ...timing.start, lookEveryMs: 100, silentMs: 500, slowMs: 500 } },
    );
    await service.firstReady;
    expect(slow[0]).toMatch(/^is slow to start \(\d+ s\)$/);
  });

  test('one that runs in circles before it is ready is given up', async () => {
    const service = start(
      { FIXTURE_MODE: 'circles' },
      {},
      { ...timing, start: { ...timing.start, lookEveryMs: 100, enoughMs: 500 } },
    );
    await expect(service.firstReady).rejects.toThrow(/fixture was not ready after \d s of processor time/);
  });

  test('a guest that dies before it was ready is tried again, and seldom when it dies often', async () => {
    const deaths: [string, number, boolean][] = [];
    const restarts = {
      backoffMs: [4],
      stableMs: 30_000,
      budget: { restarts: 2, withinMs: 600_000, thenEveryMs: 60_000 },
    };
    const service = start(
      { FIXTURE_MODE: 'refuse' },
      { guest: true, onDeath: (...death) => deaths.push(death) },
      { ...timing, restarts },
    );
    await until(() => deaths.length === 3);
    const how = 'ended with exit code 1 (FIXTURE_MODE=refuse cannot be used)';
    expect(deaths).toEqual([
      [how, 4, false],
      [how, 4, false],
      [how, 60_000, true],
    ]);
    expect(service.state()).toMatchObject({ state: 'waiting', restarts: 2 });
  });

  const oneProcessor = (pid: number) =>
    execFileSync('taskset', ['-acp', '0', String(pid)], { stdio: 'ignore' });
  const canStarve = platform() === 'linux' && readLife(process.pid) ? test : test.skip;

  // Skipped where the kernel does not tell who waits for a processor.
  canStarve('one that is starved is left alone, and answers when it gets a processor', async () => {
    const told: string[] = [];
    const service = start(
      { FIXTURE_MODE: 'laborious' },
      { onSlow: (how) => told.push(how) },
      { ...timing, silence: { everyMs: 20, withinMs: 300, misses: 3, enoughMs: 3000 } },
    );
    const { pid } = await service.firstReady;
    const loops = [1, 2].map(() =>
      spawn(process.execPath, ['-e', BUSY], { stdio: 'ignore', detached: true }),
    );
    try {
      await stepBehind('demo', Number(pid));
      for (const one of [Number(pid), ...loops.map((loop) => loop.pid ?? 0)]) oneProcessor(one);
      await until(() => told.length === 1);
    } finally {
      for (const loop of loops) loop.kill('SIGKILL');
    }
    expect(told[0]).toMatch(/^has not answered for \d+ s: it waits for a processor/);
    await until(() => told.length === 2);
    expect(told[1]).toMatch(/^answers again, after \d+ s$/);
    expect(service.state()).toMatchObject({ state: 'ready', restarts: 0, pid });
  });

  test('one whose thread runs in circles is killed', async () => {
    const deaths: string[] = [];
    const service = start(
      { FIXTURE_MODE: 'trap' },
      { onDeath: (how) => deaths.push(how) },
      { ...timing, silence: { everyMs: 20, withinMs: 300, misses: 3, enoughMs: 500 } },
    );
    await service.firstReady;
    await until(() => deaths.length > 0);
    expect(deaths[0]).toBe('did not answer 3 times in 0.3 s');
  });

  test('one that does not heed SIGTERM is killed', async () => {
    const service = start({ FIXTURE_MODE: 'deaf' }, {}, { ...timing, stopMs: 200 });
    await service.firstReady;
    await service.stop();
    expect(processesWithEnv('ROSTRUM_RUN_ID', dir)).toEqual([]);
    expect(service.state()).toMatchObject({ state: 'stopped', pid: null });
  });

  test('a stop while it waits to be restarted ends the waiting', async () => {
    const service = start({}, {}, { ...timing, restarts: { ...timing.restarts, backoffMs: [60_000] } });
    await service.firstReady;
    process.kill(service.state().pid ?? 0, 'SIGKILL');
    await until(() => service.state().state === 'waiting');
    await service.stop();
    expect(service.state().state).toBe('stopped');
  });

  test('when the launcher is killed, its services end by themselves', async () => {
    const launcher = spawn(
      process.execPath,
      [`${import.meta.dirname}/fixtures/launcher.ts`, `${dir}/fixture.log`],
      {
        env: { ...process.env, NODE_OPTIONS: '', ROSTRUM_RUN_ID: dir },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const [line] = await once(launcher.stdout, 'data');
    expect(processesWithEnv('ROSTRUM_RUN_ID', dir)).toContain(Number(String(line)));
    launcher.kill('SIGKILL');
    await once(launcher, 'exit');
    await until(() => processesWithEnv('ROSTRUM_RUN_ID', dir).length === 0);
  });
});
