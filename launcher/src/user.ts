/**
 * Whose the services are. Started as root, the launcher stays it (weights, packages) and gives them to a user of its own, with the
 * one capability they need; where that cannot be, it says so and goes on as it is.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { checkout } from './paths.ts';
import { complaint, type Settings, SettingsError } from './settings.ts';
import { workerPath } from './setup/worker.ts';

/** Of util-linux, which every Debian has. */
const SETPRIV = '/usr/bin/setpriv';
/** Made where it is missing. */
const OWN_USER = 'rostrum';
/** Owns nothing: what it can read anybody can, also a user that is not made yet. */
const ANYBODY = { uid: 65_534, gid: 65_534 };

interface Ids {
  readonly uid: number;
  readonly gid: number;
}

export type UserPlan =
  /** The launcher is not root: the services are whose it is. */
  | { readonly is: 'same' }
  /** They stay root. `why` in words; null: as was asked. */
  | { readonly is: 'root'; readonly why: string | null }
  | ({ readonly is: 'other'; readonly name: string; readonly missing: boolean } & Ids);

function idsOf(name: string): Ids | null {
  const ask = (what: string): number =>
    Number(execFileSync('id', [what, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: ask('-u'), gid: ask('-g') };
  } catch {
    return null; // there is none
  }
}

const CAP = { SYS_NICE: 23n, NET_BIND_SERVICE: 10n } as const;

/** What services keep: to go first among their own threads and children, and ports below 1024 where one is set. */
function kept(ports: readonly number[], status = readFileSync('/proc/self/status', 'utf8')): string {
  const own = BigInt(`0x${/^CapPrm:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  const wanted = [
    ...((own >> CAP.SYS_NICE) & 1n ? ['+sys_nice'] : []),
    ...((own >> CAP.NET_BIND_SERVICE) & 1n && ports.some((port) => port > 0 && port < 1024)
      ? ['+net_bind_service']
      : []),
  ];
  return ['-all', ...wanted].join(',');
}

/** The program that becomes what follows as that user, with these capabilities and without a way to more. */
export function asUser({ uid, gid }: Ids, ports: readonly number[]): readonly string[] {
  const capabilities = kept(ports);
  return [
    ...[SETPRIV, `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--no-new-privs'],
    ...[
      `--inh-caps=${capabilities}`,
      `--ambient-caps=${capabilities}`,
      `--bounding-set=${capabilities}`,
      '--',
    ],
  ];
}

/** What a user would have to get at and cannot, tried by being it; null: nothing. @throws nothing */
async function obstacleFor(ids: Ids, paths: readonly string[]): Promise<string | null> {
  const script = `
    const { accessSync, constants } = require('node:fs');
    const no = JSON.parse(process.argv[1]).find((path) => { try { accessSync(path, constants.R_OK); } catch { return true; } });
    process.stdout.write(no ?? '');`;
  const [program = '', ...args] = [...asUser(ids, []), process.execPath, '-e', script, JSON.stringify(paths)];
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd: '/' });
    return stdout === '' ? null : stdout;
  } catch (error) {
    // Node itself could not be run, or nobody may become somebody else here.
    const said = (error as { stderr?: string }).stderr?.trim().split('\n')[0];
    return said ? `${process.execPath} (${said})` : process.execPath;
  }
}

/** What the services read that may lie where only root gets to. */
function readsOf(settings: Settings, workerBin: string): string[] {
  const inCheckout = [
    'package.json',
    'node_modules/mediasoup/package.json',
    'host-console/server/main.ts',
    'panel-sfu/src/main.ts',
    'broadcaster/src/main.ts',
  ].map((path) => `${checkout}/${path}`);
  const given = [settings.tls, settings.turn.cert].flatMap((pair) =>
    pair ? [pair.certFile, pair.keyFile] : [],
  );
  // The folder itself will belong to it; the way there has to be open.
  const way = [settings.dataDir, settings.homeDir].map((dir) => dirname(dir));
  return [process.execPath, ...inCheckout, workerBin, ...given, ...way].filter((path) => existsSync(path));
}

/** Decides, and changes nothing. @throws SettingsError for a user that there is not, or that we cannot become */
export async function planUser(settings: Settings): Promise<UserPlan> {
  const asked = settings.user;
  if (process.getuid?.() !== 0) {
    if (asked !== undefined && asked !== userInfo().username) {
      throw new SettingsError(
        complaint('ROSTRUM_USER', asked, 'only root can start services as another user'),
      );
    }
    return { is: 'same' };
  }
  if (asked === 'root') return { is: 'root', why: null };
  const name = asked ?? OWN_USER;
  const found = idsOf(name);
  if (!found && asked !== undefined) {
    throw new SettingsError(complaint('ROSTRUM_USER', asked, 'there is no such user on this machine'));
  }
  if (!existsSync(SETPRIV)) return { is: 'root', why: `${SETPRIV} (util-linux) is missing` };
  const workerBin = await workerPath().catch(() => '');
  const obstacle = await obstacleFor(found ?? ANYBODY, readsOf(settings, workerBin));
  if (obstacle !== null) return { is: 'root', why: `the user ${name} cannot read ${obstacle}` };
  return { is: 'other', name, missing: found === null, ...(found ?? ANYBODY) };
}

/** Makes the user where it is missing. @returns the plan as it came out */
export async function takeUser(plan: UserPlan): Promise<UserPlan> {
  if (plan.is !== 'other' || !plan.missing) return plan;
  const args = ['--system', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/usr/sbin/nologin'];
  try {
    await promisify(execFile)('/usr/sbin/useradd', [...args, '--user-group', plan.name]);
  } catch (error) {
    // Another launcher may just have made it.
    if (!idsOf(plan.name)) {
      return { is: 'root', why: `the user ${plan.name} could not be made (${String(error).split('\n')[0]})` };
    }
  }
  const made = idsOf(plan.name);
  return made ? { ...plan, ...made, missing: false } : { is: 'root', why: `there is no user ${plan.name}` };
}

/** Gives folders with all that is in them to the user; links are not followed. @returns the plan as it came out */
export async function giveTo(plan: UserPlan, folders: readonly string[]): Promise<UserPlan> {
  if (plan.is !== 'other') return plan;
  const there = folders.filter((folder) => existsSync(folder));
  try {
    await promisify(execFile)('chown', ['-R', '-h', `${plan.uid}:${plan.gid}`, ...there]);
    return plan;
  } catch (error) {
    // A file system that knows no owners, for one. Root can write there whoever it belongs to.
    return {
      is: 'root',
      why: `the data folder could not be given to ${plan.name} (${String(error).split('\n')[0]})`,
    };
  }
}

/** What is not as it should be and what would do; null: nothing. */
export function userWarning(plan: UserPlan): string | null {
  if (plan.is !== 'root' || plan.why === null) return null;
  return (
    `services run as root: ${plan.why}. What would do: move the checkout to where everybody can read it (not below a home ` +
    'that is closed), set ROSTRUM_USER to a user that can, or start it as that user'
  );
}

/** For `doctor`. */
export function describeUser(plan: UserPlan): string {
  switch (plan.is) {
    case 'same':
      return `services run as ${userInfo().username}, who starts them`;
    case 'root':
      return userWarning(plan) ?? 'services run as root, as ROSTRUM_USER says';
    case 'other':
      return `services run as ${plan.name}${plan.missing ? ', which is made at the start' : ''}`;
  }
}
