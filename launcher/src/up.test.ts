import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { freePort } from '@rostrum/service-kit/free-port';
import { processesWithEnv } from './process-table.ts';
import { readState } from './state.ts';
import { down, type Status, status } from './status.ts';

let home = '';
let launchers: ChildProcess[] = [];
beforeEach(() => {
  home = mkdtempSync(`${tmpdir()}/rostrum-up-`);
});
afterEach(async () => {
  for (const launcher of launchers) {
    if (launcher.exitCode === null && launcher.signalCode === null) {
      launcher.kill('SIGTERM');
      await once(launcher, 'exit');
    }
  }
  launchers = [];
  rmSync(home, { recursive: true, force: true });
});

const freePorts = {
  ROSTRUM_CONSOLE_PORT: '0',
  ROSTRUM_ORIGIN_PORT: '0',
  ROSTRUM_SFU_METRICS_PORT: '0',
  ROSTRUM_SFU_RTC_PORT: '0',
};

function launch(args: string[] = [], extra: NodeJS.ProcessEnv = {}): ChildProcess {
  const launcher = spawn(process.execPath, [`${import.meta.dirname}/fixtures/up.ts`, ...args], {
    env: {
      ...process.env,
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
      MEDIASOUP_WORKER_BIN: '/no/worker/is/started',
      ROSTRUM_HOME: home,
      ...freePorts,
      ...extra,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  launchers.push(launcher);
  return launcher;
}

/** What it printed on stdout when all was ready. */
async function whenReady(launcher: ChildProcess): Promise<Record<string, unknown>> {
  if (!launcher.stdout) throw new Error('no stdout');
  const ended = whenEnded(launcher).then(({ said }) => {
    throw new Error(`it ended: ${said}`);
  });
  ended.catch(() => {}); // it ends some time after it was ready, too
  const [line] = await Promise.race([once(createInterface({ input: launcher.stdout }), 'line'), ended]);
  return JSON.parse(String(line));
}

/** Its exit code and what it printed on stderr. */
async function whenEnded(launcher: ChildProcess): Promise<{ code: number | null; said: string }> {
  let said = '';
  launcher.stderr?.on('data', (chunk) => {
    said += String(chunk);
  });
  const [code] = await once(launcher, 'close');
  return { code, said };
}

const ofThisRun = () => processesWithEnv('ROSTRUM_HOME', home);

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

const processOf = (now: Status, name: string) =>
  now.running ? now.processes.find((process) => process.name === name) : undefined;

describe('up', () => {
  test('starts all services, says where they are, and leaves nothing behind', async () => {
    const launcher = launch(['--demo']);
    const addresses = await whenReady(launcher);
    expect(addresses).toMatchObject({
      console: expect.stringMatching(/^http:/),
      owner: `${addresses.console}/#owner`,
      host: expect.stringMatching(/\/host$/),
      watch: expect.stringMatching(/\/watch$/),
    });
    expect(addresses.metrics).toHaveLength(4);
    const now = await status(home);
    expect(now).toMatchObject({ ...addresses, running: true, ready: true, pid: launcher.pid });
    if (!now.running) throw new Error('not running');
    expect(now.processes.map(({ name, state, healthy }) => [name, state, healthy])).toEqual([
      ['host-console', 'ready', true],
      ['panel-sfu', 'ready', true],
      ['broadcaster', 'ready', true],
      ['demo', 'ready', true],
    ]);
    expect(await down(home)).toBe(true);
    expect(ofThisRun()).toEqual([]);
    expect(await status(home)).toEqual({ running: false });
    expect(await down(home)).toBe(false);
  });

  test('with a TURN server that one is a service too, under a secret that is kept', async () => {
    const turnPort = await freePort();
    const settings = { ROSTRUM_TURN_PORT: String(turnPort), ROSTRUM_TURN_TLS_PORT: String(await freePort()) };
    const launcher = launch(['--turn', '--tls'], settings);
    let said = '';
    launcher.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    await whenReady(launcher);
    expect(processOf(await status(home), 'turn')).toMatchObject({ state: 'ready', healthy: true });
    expect(said).toContain('turn: over TLS it is reached only by browsers that trust our own certificate');
    await down(home);
    expect(readFileSync(`${home}/data/turn-secret`, 'utf8')).toMatch(/^.{43}$/);
    expect(statSync(`${home}/data/turn-secret`).mode & 0o777).toBe(0o600);
  });

  test('a TURN port that another program has is told before anything is started', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, said } = await whenEnded(launch(['--turn'], { ROSTRUM_TURN_PORT: String(port) }));
    expect(code).toBe(1);
    expect(said).toContain(`ROSTRUM_TURN_PORT=${port} cannot be used: another program listens there`);
    other.close();
  });

  test('the nodes and the demo are told the coordinator of this run and one token, kept for the next run', async () => {
    const tokens = new Set<string>();
    for (let run = 0; run < 2; run++) {
      const launcher = launch(['--demo']);
      const { console: url } = await whenReady(launcher);
      await down(home); // then the logs are whole
      const demoLog = readFileSync(`${home}/log/demo.log`, 'utf8');
      expect(demoLog).toContain(JSON.stringify([url, `${url}/#owner`]).slice(0, -1));
      const nodeLog = readFileSync(`${home}/log/broadcaster.log`, 'utf8');
      tokens.add(/"told":\["[^"]+",(?:null|"[^"]+"),"([^"]+)"\]/.exec(nodeLog)?.[1] ?? '');
    }
    expect([...tokens]).toEqual([expect.stringMatching(/^.{43}$/)]);
    expect(statSync(`${home}/data/node-token`).mode & 0o777).toBe(0o600);
  });

  test('the owner’s link that status shows, and a demo that starts again is told, is the one that is good now', async () => {
    const launcher = launch(['--demo']);
    let said = '';
    launcher.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    const { console: url } = await whenReady(launcher);
    const coordinator = processOf(await status(home), 'host-console')?.pid ?? 0;
    process.kill(coordinator, 'SIGUSR2');
    const owner = async () => ((await status(home)) as { owner?: string }).owner;
    await until(async () => (await owner()) === `${url}/#new-owner`);
    expect(processOf(await status(home), 'host-console')).toMatchObject({ pid: coordinator, restarts: 0 });
    process.kill(processOf(await status(home), 'demo')?.pid ?? 0, 'SIGKILL');
    await until(
      async () => processOf(await status(home), 'demo')?.healthy === true && said.includes('demo is back'),
    );
    expect(await owner()).toBe(`${url}/#new-owner`);
    await down(home); // then the logs are whole
    expect(readFileSync(`${home}/log/demo.log`, 'utf8')).toContain(`"${url}/#new-owner"`);
    expect(readFileSync(`${home}/log/host-console.log`, 'utf8')).not.toContain('#new-owner');
    expect(said).not.toContain('host-console is back');
  });

  test('a second one is refused and the first one runs on', async () => {
    const first = launch();
    await whenReady(first);
    const { code, said } = await whenEnded(launch());
    expect(code).toBe(1);
    expect(said).toContain(`Rostrum already runs from this folder (pid ${first.pid})`);
    expect(await status(home)).toMatchObject({ running: true, ready: true });
  });

  test('a service that is killed is well again at the same address', async () => {
    const launcher = launch();
    const addresses = await whenReady(launcher);
    const before = processOf(await status(home), 'broadcaster');
    process.kill(before?.pid ?? 0, 'SIGKILL');
    await until(async () => processOf(await status(home), 'broadcaster')?.restarts === 1);
    await until(async () => processOf(await status(home), 'broadcaster')?.healthy === true);
    expect(await status(home)).toMatchObject(addresses);
    expect(processOf(await status(home), 'broadcaster')?.pid).not.toBe(before?.pid);
  });

  test('a launcher that is killed takes its services along, and blocks nobody', async () => {
    const launcher = launch();
    await whenReady(launcher);
    launcher.kill('SIGKILL');
    await until(() => ofThisRun().length === 0);
    expect(await status(home)).toEqual({ running: false });
    await whenReady(launch());
  });

  test('what a killed launcher could not end is ended by the next one', async () => {
    const launcher = launch([], { FIXTURE_MODE: 'grandchild' });
    await whenReady(launcher);
    const runId = readState(`${home}/run/state.json`)?.runId ?? '';
    launcher.kill('SIGKILL');
    await until(() => processesWithEnv('ROSTRUM_RUN_ID', runId).length === 3);
    await whenReady(launch());
    expect(processesWithEnv('ROSTRUM_RUN_ID', runId)).toEqual([]);
  });

  test('a stop while it starts leaves nothing behind', async () => {
    const launcher = launch([], { FIXTURE_MODE: 'silent' });
    await until(() => ofThisRun().length >= 2);
    launcher.kill('SIGTERM');
    await whenEnded(launcher);
    expect(ofThisRun()).toEqual([]);
  });

  test('one whose service refuses to start says its last words and leaves nothing behind', async () => {
    const { code, said } = await whenEnded(launch([], { FIXTURE_MODE: 'refuse' }));
    expect(code).toBe(1);
    expect(said).toContain(
      'host-console ended with exit code 1 (FIXTURE_MODE=refuse cannot be used) before it was ready',
    );
    expect(ofThisRun()).toEqual([]);
  });

  test('a demo that fails is told of and tried again, and takes nothing with it', async () => {
    const launcher = launch(['--demo'], { FIXTURE_DEMO_MODE: 'refuse', FIXTURE_DEMO_WITHIN_MS: '300' });
    let said = '';
    launcher.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    const addresses = await whenReady(launcher);
    expect(addresses).toMatchObject({ console: expect.any(String), host: `${addresses.console}/#owner` });
    expect(addresses).not.toHaveProperty('watch');
    await until(async () => (processOf(await status(home), 'demo')?.restarts ?? 0) > 1);
    const now = await status(home);
    expect(now).toMatchObject({ running: true, ready: true });
    expect(processOf(now, 'broadcaster')).toMatchObject({ healthy: true, restarts: 0 });
    expect(said).toMatch(
      /demo ended with exit code 1 \(FIXTURE_MODE=refuse cannot be used\); starting it again in [\d.]+ s; its log: .*demo\.log/,
    );
    expect(said).not.toContain('    at ');
    expect(await down(home)).toBe(true);
    expect(ofThisRun()).toEqual([]);
  });

  test('what troubles the demo is told where it was started, in its words', async () => {
    const launcher = launch(['--demo'], { FIXTURE_DEMO_MODE: 'troubled' });
    let said = '';
    launcher.stderr?.on('data', (chunk) => {
      said += String(chunk);
    });
    await whenReady(launcher);
    await until(async () => said.includes('nobody is on stage; trying again in 5 s'));
    expect(said).not.toContain('"level"');
  });

  test('the services do not wait for the demo, and its links are told when it has some', async () => {
    const launcher = launch(['--demo'], { FIXTURE_DEMO_MODE: 'slow', FIXTURE_DEMO_WITHIN_MS: '1' });
    expect(await whenReady(launcher)).not.toHaveProperty('watch');
    await until(async () => 'watch' in (await status(home)));
    expect(await status(home)).toMatchObject({ ready: true, watch: expect.stringMatching(/\/watch$/) });
  });

  test('every service has its weight, or says why not', async () => {
    const launcher = launch(['--demo']);
    await whenReady(launcher);
    await until(async () => processOf(await status(home), 'demo')?.weight !== null);
    const now = await status(home);
    if (!now.running) throw new Error('not running');
    const weights = now.processes.map(({ name, weight }) => `${name} ${weight}`);
    if (now.weightsWarning === null) {
      expect(weights).toEqual([
        expect.stringMatching(/^host-console (weight|niceness) -14/),
        expect.stringMatching(/^panel-sfu (weight|niceness) -12/),
        expect.stringMatching(/^broadcaster (weight|niceness) -10/),
        expect.stringMatching(/^demo (weight 10|niceness 15)/),
      ]);
    } else {
      await down(home); // then the logs are whole
      expect(readFileSync(`${home}/log/broadcaster.log`, 'utf8')).toContain('weights could not be set');
    }
  });

  test('a port that another program uses is named before anything starts', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const port = String((other.address() as { port: number }).port);
    const { code, said } = await whenEnded(launch([], { ROSTRUM_ORIGIN_PORT: port }));
    other.close();
    expect(code).toBe(1);
    expect(said).toContain(`ROSTRUM_ORIGIN_PORT=${port} cannot be used: another program listens there`);
  });

  test('with --tls a certificate is made for every name and kept for the next run', async () => {
    const serials = new Set<string>();
    for (let run = 0; run < 2; run++) {
      await whenReady(launch(['--tls']));
      serials.add(readFileSync(`${home}/tls/cert.pem`, 'utf8'));
      expect(statSync(`${home}/tls/key.pem`).mode & 0o077).toBe(0);
      await down(home);
    }
    expect(serials.size).toBe(1);
  });
});
