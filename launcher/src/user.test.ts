/** Root gives its services to somebody else. For anybody else there is nothing to try: they cannot. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import { readSettings, SettingsError } from './settings.ts';
import { readState } from './state.ts';
import { asUser, describeUser, planUser, userWarning } from './user.ts';

const isRoot = process.getuid?.() === 0;
const ofRoot = isRoot ? test : test.skip;
const NOBODY = 65_534;

let home = '';
let launcher: ChildProcess | undefined;
beforeEach(() => {
  home = mkdtempSync(`${tmpdir()}/rostrum-user-`);
});
afterEach(async () => {
  if (launcher && launcher.exitCode === null && launcher.signalCode === null) {
    launcher.kill('SIGTERM');
    await once(launcher, 'exit');
  }
  launcher = undefined;
  rmSync(home, { recursive: true, force: true });
});

const environment = (user: string): NodeJS.ProcessEnv => ({
  ROSTRUM_HOME: home,
  ROSTRUM_USER: user,
  ROSTRUM_CONSOLE_PORT: '0',
  ROSTRUM_ORIGIN_PORT: '0',
  ROSTRUM_SFU_METRICS_PORT: '0',
  ROSTRUM_SFU_RTC_PORT: '0',
});

/** Starts it and resolves when its services are ready. @returns what it had said by then */
async function start(user: string): Promise<() => string> {
  const own = spawn(process.execPath, [`${import.meta.dirname}/fixtures/up.ts`], {
    env: {
      ...process.env,
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
      MEDIASOUP_WORKER_BIN: process.execPath,
      ...environment(user),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  launcher = own;
  let said = '';
  own.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  await Promise.race([
    once(createInterface({ input: own.stdout }), 'line'),
    once(own, 'close').then(() => {
      throw new Error(`it ended: ${said}`);
    }),
  ]);
  return () => said;
}

/** Whether anybody gets to where this checkout lies. */
async function isOpen(): Promise<boolean> {
  chmodSync(home, 0o755);
  return (await planUser(readSettings(environment('nobody')))).is === 'other';
}

const field = (pid: number, name: string): string =>
  new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';

describe('services of a launcher that is root', () => {
  ofRoot('belong to the user that is asked for, with its data, its weights and no way to more', async () => {
    if (!(await isOpen())) return;
    mkdirSync(`${home}/data`);
    writeFileSync(`${home}/data/of-an-earlier-run`, '', { mode: 0o600 });
    await start('nobody');
    const state = readState(`${home}/run/state.json`);
    expect(state?.userWarning).toBeNull();
    for (const { name, pid } of state?.processes ?? []) {
      if (pid === null) throw new Error(`no ${name}`);
      expect(field(pid, 'Uid').split('\t')).toEqual(Array(4).fill(String(NOBODY)));
      expect(field(pid, 'NoNewPrivs')).toBe('1');
      // CAP_SYS_NICE at most: they order their own threads and children.
      expect(BigInt(`0x${field(pid, 'CapBnd')}`) & ~(1n << 23n)).toBe(0n);
    }
    expect(state?.processes.length).toBe(3);
    for (const file of ['data', 'data/secret', 'data/of-an-earlier-run'])
      expect(statSync(`${home}/${file}`).uid).toBe(NOBODY);
    // Links that open the console are for who started it.
    expect(statSync(`${home}/run/state.json`).uid).toBe(0);
  });

  ofRoot(
    'stay root where that user cannot get at something, which is said everywhere, and all is ready',
    async () => {
      chmodSync(home, 0o700);
      const said = await start('nobody');
      const why = `services run as root: the user nobody cannot read ${home}`;
      expect(said()).toContain(why);
      const state = readState(`${home}/run/state.json`);
      expect(state?.userWarning).toContain(why);
      expect(readFileSync(`${home}/log/broadcaster.log`, 'utf8')).toContain(why);
      const plan = await planUser(readSettings(environment('nobody')));
      expect(describeUser(plan)).toContain(why);
    },
  );

  ofRoot('stay root without a word where that was asked for', async () => {
    const plan = await planUser(readSettings(environment('root')));
    expect(plan).toEqual({ is: 'root', why: null });
    expect(userWarning(plan)).toBeNull();
  });

  ofRoot('are not started for a user that there is not', async () => {
    await expect(planUser(readSettings(environment('no-such-user')))).rejects.toThrow(SettingsError);
  });
});

ofRoot('a port below 1024 is what a service keeps one more capability for', () => {
  const ids = { uid: NOBODY, gid: NOBODY };
  expect(asUser(ids, [3000, 0]).join(' ')).not.toContain('net_bind_service');
  expect(asUser(ids, [443, 8080]).join(' ')).toContain('--ambient-caps=-all,+sys_nice,+net_bind_service');
});

test('who is not root cannot ask for somebody else', async () => {
  if (isRoot) return;
  expect(await planUser(readSettings(environment(userInfo().username)))).toEqual({ is: 'same' });
  await expect(planUser(readSettings(environment('root')))).rejects.toThrow('only root');
});
