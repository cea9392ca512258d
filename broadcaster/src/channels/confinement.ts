/**
 * What a compositor may: it decodes strangers' media, so it is given what it needs and no more. `confine` (node-gst) takes the
 * rest away before the process begins; what this system cannot take away is told, and it runs without. See docs/security.md.
 */
import { execFileSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { homedir, machine, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { priorities } from '@rostrum/service-kit/priorities';

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url));
const CONFINE = join(CHECKOUT, 'broadcaster/node-gst/build/Release/confine');

/**
 * Writable address space, used or not: two gigabytes of it are taken by Node itself, a source has some 50 MB (mostly stacks of its
 * threads), and a full stage 26 sources.
 */
const DATA_BYTES = 5 * 1024 ** 3;
/** Two sockets a source, and what Node and GStreamer have open. */
const OPEN_FILES = 512;
/** Name plates. */
const FILE_BYTES = 16 * 1024 ** 2;

/** Its own code and libraries, fonts, and what the kernel tells of the process and the machine. Nothing below `.rostrum`. */
const READS = [
  '/usr',
  '/lib',
  '/lib64',
  '/etc/fonts',
  '/etc/ld.so.cache',
  '/etc/localtime',
  '/etc/ssl/openssl.cnf',
  '/var/cache/fontconfig',
  '/proc',
  '/sys',
  ...['broadcaster', 'contracts', 'service-kit', 'node_modules', 'package.json'].map((name) =>
    join(CHECKOUT, name),
  ),
];
const DEVICES = ['/dev/null', '/dev/zero', '/dev/urandom', '/dev/random'];
/** The program's interpreter, which the kernel runs first. */
const LOADERS = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'];

/** How a confined process is started. */
export interface Confinement {
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** After the process has ended. */
  readonly release: () => void;
}

/** Folders of broadcasters begin so, with their process's id. */
const PREFIX = 'rostrum-compositors-';

/** Takes away what broadcasters left that were killed. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || pid === process.pid || existsSync(`/proc/${pid}`)) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's.
    }
  }
}

/** Files of all compositors of this broadcaster: GStreamer's list of plugins, which none of them may write, and a folder for each. */
let common: string | null = null;

function commonFolder(): string {
  if (common !== null) return common;
  sweep();
  const folder = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  common = folder;
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const registry = join(folder, 'registry.bin');
  const known = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    `gstreamer-1.0/registry.${machine()}.bin`,
  );
  try {
    // A second instead of several: GStreamer looks only at what changed since.
    execFileSync('cp', [known, registry], { stdio: 'ignore' });
  } catch {
    // It is made from nothing.
  }
  const make = `require(${JSON.stringify(join(dirname(CONFINE), 'node_gst.node'))}).init([])`;
  execFileSync(process.execPath, ['-e', make], { env: { ...process.env, GST_REGISTRY_1_0: registry } });
  chmodSync(registry, 0o644);
  return folder;
}

/** Once at the start, so that no channel waits for it. */
export function prepareConfinement(): void {
  if (canConfine()) commonFolder();
}

function canConfine(): boolean {
  try {
    accessSync(CONFINE, constants.X_OK);
    return true;
  } catch {
    return false; // another system, or an addon that was built before
  }
}

/** @param entry the module it is to run @returns null where nothing can be taken away */
export function confinement(entry: string): Confinement | null {
  if (!canConfine()) return null;
  const own = commonFolder();
  const registry = join(own, 'registry.bin');
  const folder = mkdtempSync(join(own, 'plates-'));
  const user = process.getuid?.() === 0 ? unprivilegedUser() : null;
  const args = [
    ...['--nice', String(priorities.compositor.nice)],
    ...['--data', String(DATA_BYTES), '--files', String(OPEN_FILES), '--file-size', String(FILE_BYTES)],
    ...(user ? ['--user', `${user.uid}:${user.gid}`, '--own', folder] : []),
    ...[entry, process.execPath].flatMap((path) => ['--need', path]),
    ...[...READS, registry, dirname(dirname(process.execPath))].flatMap((path) => ['--read', path]),
    ...[...LOADERS, process.execPath].flatMap((path) => ['--run', path]),
    ...[folder, ...DEVICES].flatMap((path) => ['--write', path]),
    '--udp-only',
  ];
  return {
    execPath: CONFINE,
    execArgv: [...args, '--', process.execPath],
    env: {
      ...ownEnvironment(),
      TMPDIR: folder,
      HOME: folder,
      XDG_CACHE_HOME: folder,
      GST_REGISTRY_1_0: registry,
      GST_REGISTRY_UPDATE: 'no',
      GST_REGISTRY_FORK: 'no',
    },
    release: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** What a compositor has to know of the broadcaster's environment. Tokens and addresses are not among it. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const kept =
    /^(?:PATH|LANG|LC_.*|TZ|FONTCONFIG_.*|GST_DEBUG.*|LD_LIBRARY_PATH|NODE_OPTIONS|ROSTRUM_LOG_LEVEL)$/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => kept.test(name)));
}

/** Who decodes where the broadcaster is root: the installation's own user, or the one that owns nothing. */
function unprivilegedUser(): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((one) => one.startsWith('rostrum:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : { uid: 65_534, gid: 65_534 };
}
