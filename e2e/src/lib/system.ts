import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Api } from './api.ts';

const ROSTRUM = fileURLToPath(new URL('../../../rostrum', import.meta.url));
/** The launcher finds everything built when a test ring runs; this bounds a start that hangs. */
const START_DEADLINE_MS = 60_000;

export interface SystemOptions {
  readonly env?: Record<string, string>;
  /** For `./rostrum up`. */
  readonly args?: readonly string[];
  readonly deadlineMs?: number;
}

interface Addresses {
  readonly console: string;
  readonly owner: string;
  /** Where the broadcaster's origin listens itself. */
  readonly origin: string;
  readonly metrics: readonly string[];
  /** With `--demo`, once it has reported. */
  readonly host?: string;
  readonly watch?: string;
  readonly playlist?: string;
}

/** A whole Rostrum of its own: started by the launcher on ports of the system's choice, with data in a temporary folder. */
export class System {
  readonly addresses: Addresses;
  readonly api: Api;
  readonly home: string;
  readonly #launcher: ChildProcess;
  readonly #stderr: string[];

  private constructor(addresses: Addresses, home: string, launcher: ChildProcess, stderr: string[]) {
    this.addresses = addresses;
    this.api = Api.fromLink(addresses.owner);
    this.home = home;
    this.#launcher = launcher;
    this.#stderr = stderr;
  }

  static async start(options: SystemOptions = {}): Promise<System> {
    const home = await mkdtemp(join(tmpdir(), 'rostrum-e2e-'));
    const launcher = spawn(ROSTRUM, ['up', '--json', ...(options.args ?? [])], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...OS_CHOSEN_PORTS, ROSTRUM_HOME: home, NODE_OPTIONS: '', ...options.env },
    });
    const stderr: string[] = [];
    createInterface({ input: launcher.stderr }).on('line', (line) => stderr.push(line));
    const lines = createInterface({ input: launcher.stdout });
    const deadline = AbortSignal.timeout(options.deadlineMs ?? START_DEADLINE_MS);
    const exited = once(launcher, 'exit').then(([code]) => {
      throw new Error(`the launcher ended with ${code}:\n${stderr.join('\n')}`);
    });
    // Also rejects when the process ends much later, which nobody awaits then.
    exited.catch(() => undefined);
    try {
      const [line] = (await Promise.race([once(lines, 'line', { signal: deadline }), exited])) as [string];
      return new System(JSON.parse(line) as Addresses, home, launcher, stderr);
    } catch (error) {
      launcher.kill('SIGTERM');
      await exited.catch(() => undefined);
      await rm(home, { recursive: true });
      throw new Error(`Rostrum did not start:\n${stderr.join('\n')}`, { cause: error });
    }
  }

  /** What the launcher said to whoever started it, line by line. */
  get said(): readonly string[] {
    return this.#stderr;
  }

  /** The log of a service, line by line. */
  async log(service: string): Promise<string[]> {
    return (await readFile(join(this.home, 'log', `${service}.log`), 'utf8')).trimEnd().split('\n');
  }

  /** The pid of a service as the launcher runs it now. */
  async pid(service: string): Promise<number> {
    const state = JSON.parse(await readFile(join(this.home, 'run', 'state.json'), 'utf8')) as {
      processes: { name: string; pid: number | null }[];
    };
    const pid = state.processes.find((p) => p.name === service)?.pid;
    if (!pid) throw new Error(`${service} is not running`);
    return pid;
  }

  /** Compositor processes: the broadcaster's children. */
  async compositorPids(): Promise<number[]> {
    // Another child of the broadcaster holds the archive's lock.
    const children = await this.childrenOf('broadcaster');
    const programs = await Promise.all(
      children.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
    );
    return children.filter((_, i) => programs[i]?.includes('compositor/process'));
  }

  /** Kills the compositor, and each that is started in its place, until `over` settles. */
  async killCompositorsUntil(over: Promise<unknown>): Promise<void> {
    const killed = new Set<number>();
    let goesOn = true;
    over.finally(() => (goesOn = false)).catch(() => undefined);
    for (; goesOn; await setTimeout(50)) {
      for (const pid of await this.compositorPids()) {
        if (!killed.has(pid)) process.kill(pid, 'SIGKILL');
        killed.add(pid);
      }
    }
    await over;
  }

  async childrenOf(service: string): Promise<number[]> {
    const parent = await this.pid(service);
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
    const parents = await Promise.all(pids.map(async (pid) => ({ pid, parent: await parentOf(pid) })));
    return parents.filter((p) => p.parent === parent).map((p) => p.pid);
  }

  /** The last lines of every service's log, for a failing test's message. */
  async lastLogLines(linesEach = 15): Promise<string> {
    const folder = join(this.home, 'log');
    const tails = (await readdir(folder)).map(async (file) => {
      const text = await readFile(join(folder, file), 'utf8');
      return `${file}:\n${text.trimEnd().split('\n').slice(-linesEach).join('\n')}`;
    });
    return (await Promise.all(tails)).join('\n');
  }

  async stop(): Promise<void> {
    if (this.#launcher.exitCode === null && this.#launcher.signalCode === null) {
      const exit = once(this.#launcher, 'exit');
      this.#launcher.kill('SIGTERM');
      const [code] = await exit;
      if (code !== 0 && code !== null)
        throw new Error(`the launcher ended with ${code}:\n${this.#stderr.join('\n')}`);
    }
    if (!process.env.ROSTRUM_KEEP_LOGS) await rm(this.home, { recursive: true });
  }
}

const OS_CHOSEN_PORTS = {
  ROSTRUM_CONSOLE_PORT: '0',
  ROSTRUM_SFU_RTC_PORT: '0',
  ROSTRUM_SFU_METRICS_PORT: '0',
  ROSTRUM_ORIGIN_PORT: '0',
  ROSTRUM_EDGE_PORT: '0',
};

async function parentOf(pid: number): Promise<number | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // "pid (name with spaces) state ppid …"
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return null; // ended meanwhile
  }
}
