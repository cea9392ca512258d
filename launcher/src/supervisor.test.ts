import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { processesWithEnv } from './process-table.ts';
import {
  type ReadyLine,
  type ServiceSpec,
  ServiceStartError,
  type Supervised,
  supervise,
  timing,
} from './supervisor.ts';

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

function start(extra: NodeJS.ProcessEnv = {}, spec: Partial<ServiceSpec> = {}, limits = timing): Supervised {
  const service = supervise(
    {
      name: 'fixture',
      cwd: `${import.meta.dirname}/fixtures`,
      args: ['service.ts'],
      env: () => ({ ...process.env, ROSTRUM_RUN_ID: dir, ...extra }),
      logFile: `${dir}/fixture.log`,
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
      { ...timing, silence: { everyMs: 20, withinMs: 300, misses: 3 } },
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
      { ...timing, backoffMs: [1, 2, 3] },
    );
    await service.firstReady;
    await third.promise;
    expect(waits).toEqual([1, 2]);
  });

  test('one that ends before it was ready is not tried again, and its last words are told', async () => {
    const service = start({ FIXTURE_MODE: 'refuse' });
    const error = await service.firstReady.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServiceStartError);
    expect(String(error)).toContain('fixture ended with exit code 1 before it was ready');
    expect((error as ServiceStartError).output).toContain('FIXTURE_MODE=refuse cannot be used');
    expect(service.state().state).toBe('stopped');
  });

  test('one that never says that it is ready is given up', async () => {
    const service = start({ FIXTURE_MODE: 'silent' }, {}, { ...timing, readyMs: 700 });
    await expect(service.firstReady).rejects.toThrow('fixture said nothing for 0.7 s before it was ready');
  });

  test('one that does not heed SIGTERM is killed', async () => {
    const service = start({ FIXTURE_MODE: 'deaf' }, {}, { ...timing, stopMs: 200 });
    await service.firstReady;
    await service.stop();
    expect(processesWithEnv('ROSTRUM_RUN_ID', dir)).toEqual([]);
    expect(service.state()).toMatchObject({ state: 'stopped', pid: null });
  });

  test('a stop while it waits to be restarted ends the waiting', async () => {
    const service = start({}, {}, { ...timing, backoffMs: [60_000] });
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
