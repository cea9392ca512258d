import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '@rostrum/service-kit/free-port';
import { CommandError, run } from './run.ts';

const execute = promisify(execFile);
const versionsDir = '/usr/lib/postgresql';
const readyMs = 30_000;

/** A PostgreSQL server of the tests' own. */
export interface TestDatabase {
  url: string;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root: then it runs as the user that Debian's package made for it. */
async function serverUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await execute('id', [flag, 'postgres'])).stdout)),
  );
  if (uid === undefined || gid === undefined) throw new Error('there is no user postgres');
  return { uid, gid };
}

/** Starts a PostgreSQL server from Debian's package on a folder and a port of its own. */
export async function startTestDatabase(): Promise<TestDatabase> {
  const version = (await readdir(versionsDir)).sort((a, b) => Number(b) - Number(a))[0];
  if (!version) throw new Error(`no PostgreSQL below ${versionsDir}`);
  const bin = `${versionsDir}/${version}/bin`;
  const user = await serverUser();
  const dir = await mkdtemp(`${tmpdir()}/rostrum-postgres-`);
  await mkdir(`${dir}/sockets`);
  if (user) for (const path of [dir, `${dir}/sockets`]) await chown(path, user.uid, user.gid);
  const asUser = (program: string, args: string[]): [string, string[]] =>
    user
      ? [
          'setpriv',
          [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', `${bin}/${program}`, ...args],
        ]
      : [`${bin}/${program}`, args];
  let server: ChildProcess | undefined;
  const stop = async () => {
    if (server && server.exitCode === null && server.signalCode === null) {
      server.kill('SIGINT'); // "fast shutdown": does not wait for clients
      await once(server, 'exit');
    }
    await rm(dir, { recursive: true, force: true });
  };
  try {
    await run(
      ...asUser('initdb', ['-D', `${dir}/data`, '-U', 'rostrum', '-A', 'trust', '-E', 'UTF8', '--locale=C']),
      {
        cwd: dir,
      },
    );
    const port = await freePort();
    const options = { port, listen_addresses: '127.0.0.1', unix_socket_directories: `${dir}/sockets` };
    server = spawn(
      ...asUser('postgres', [
        ...['-D', `${dir}/data`],
        ...Object.entries(options).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ]),
      { cwd: dir, stdio: 'ignore' },
    );
    const deadlineMs = performance.now() + readyMs;
    const client = ['-h', '127.0.0.1', '-p', String(port), '-U', 'rostrum'];
    for (;;) {
      try {
        await run(`${bin}/createdb`, [...client, 'rostrum']);
        return { url: `postgresql://rostrum@127.0.0.1:${port}/rostrum`, stop };
      } catch (error) {
        if (!(error instanceof CommandError) || performance.now() > deadlineMs || server.exitCode !== null)
          throw error;
        await delay(100);
      }
    }
  } catch (error) {
    await stop();
    throw error;
  }
}
