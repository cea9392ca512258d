/** Varnish in front of the origin, as a child process with the configuration that follows from the cache policy. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { varnishVcl } from './varnish.ts';

export interface EdgeOptions {
  /** Where it listens. */
  readonly host: string;
  readonly port: number;
  readonly originHost: string;
  readonly originPort: number;
  readonly memoryMb: number;
  /** One line of what Varnish says. */
  readonly log: (line: string) => void;
}

export interface Edge {
  /** Resolves with how it ended, when nobody asked it to. */
  readonly died: Promise<string>;
  /** Varnish's counters by name, as `varnishstat` gives them. */
  counters(): Promise<ReadonlyMap<string, number>>;
  /** Idempotent. */
  close(): Promise<void>;
}

export class EdgeError extends Error {
  readonly code = 'edge';
}

const READY_WITHIN_MS = 20_000;
/** A held request keeps no thread: it waits at the object. This is for what is fetched and sent at one time. */
const THREADS = ['-p', 'thread_pools=2', '-p', 'thread_pool_min=50', '-p', 'thread_pool_max=1000'];

/** Starts it and resolves when it takes connections. @throws EdgeError with what Varnish said */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const { host, port, memoryMb, log } = options;
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-edge-'));
  const work = join(folder, 'work');
  const vcl = join(folder, 'edge.vcl');
  await writeFile(vcl, varnishVcl(options));
  const said: string[] = [];
  const serving = Promise.withResolvers<null>();
  const varnish = spawn(
    'varnishd',
    [
      ...['-F', '-f', vcl, '-a', `${host}:${port}`, '-n', work, '-s', `default,${memoryMb}m`],
      // No management port; the processes keep our user, who may not be root.
      ...['-T', 'none', '-j', 'none', '-p', 'listen_depth=4096', ...THREADS],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  for (const stream of [varnish.stdout, varnish.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      for (const line of chunk.split('\n').filter(Boolean)) {
        said.push(line);
        said.splice(0, said.length - 20);
        log(line);
        // Connecting to the port would tell as little when another program has it.
        if (line.includes('Child starts')) serving.resolve(null);
      }
    });
  }
  const ended = endOf(varnish);
  let closing = false;
  const close = async (): Promise<void> => {
    closing = true;
    varnish.kill('SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const late = setTimeout(READY_WITHIN_MS, 'said nothing of its child', { ref: false });
    const first = await Promise.race([serving.promise, ended, late]);
    if (first !== null) throw new EdgeError(`varnishd ${first}:\n${said.join('\n')}`);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    died: ended.then((how) => (closing ? new Promise<string>(() => undefined) : how)),
    counters: () => countersOf(work),
    close,
  };
}

const endOf = (child: ChildProcess): Promise<string> =>
  new Promise((resolve) => {
    child.on('error', (error) => resolve(`could not be started (${error.message})`));
    child.on('close', (code, signal) => resolve(`ended with ${signal ?? code}`));
  });

async function countersOf(work: string): Promise<ReadonlyMap<string, number>> {
  const child = spawn('varnishstat', ['-1', '-j', '-n', work], { stdio: ['ignore', 'pipe', 'ignore'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const how = await endOf(child);
  if (how !== 'ended with 0') throw new EdgeError(`varnishstat ${how}`);
  const { counters } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as {
    counters: Record<string, { value: number }>;
  };
  return new Map(Object.entries(counters).map(([name, { value }]) => [name, value]));
}
