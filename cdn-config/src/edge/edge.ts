/** The edge: Varnish with the configuration that follows from the cache policy; over TLS, HAProxy in front of it. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MediaKey } from '@rostrum/contracts/media-right';
import { withChildren } from '@rostrum/service-kit/life';
import { outputOf, type Program, startProgram } from '@rostrum/service-kit/program';
import { lateWords, type SilenceLimits, watchForSilence } from '@rostrum/service-kit/silence';
import { haproxyConfig } from '../generators/haproxy.ts';
import { CONTROL_SOCKET, EDGE_HEALTH_PATH, varnishVcl } from '../generators/varnish.ts';
import type { EdgeControl } from './control.ts';
import { answersControl, haproxyInfo } from './haproxy-control.ts';

export interface EdgeOptions {
  /** Where it listens. */
  readonly host: string;
  readonly port: number;
  /** PEM files: it speaks HTTP/2 and HTTP/1.1 over TLS. Without them HTTP/1.1 in the clear. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly originHost: string;
  readonly originPort: number;
  readonly memoryMb: number;
  /**
   * A folder of Varnish's own, for some 80 MB that programs read its counters from: it is emptied at the start, since an edge that was
   * killed leaves it full. Default: a new one among the system's temporary files.
   */
  readonly workDir?: string | undefined;
  /** Of rights to private channels; default: none, and nobody gets anything private over TLS. */
  readonly mediaKeys?: readonly MediaKey[];
  /** Where it is told to forget a channel; default: nowhere. */
  readonly control?: EdgeControl | undefined;
  /** How it is asked whether it is still there. */
  readonly silence?: SilenceLimits;
  /** One line of what a program says. */
  readonly log: (line: string, program: string) => void;
}

export interface Edge {
  /** Resolves when a program ended that nobody asked to, or when no answer comes any more: with how. The others run until `close`. */
  readonly died: Promise<string>;
  /** Varnish's counters by name, as `varnishstat` gives them, and those of HAProxy's `show info` as `haproxy.NAME`. */
  counters(): Promise<ReadonlyMap<string, number>>;
  /** Ends all programs. Idempotent. */
  close(): Promise<void>;
}

/** A held request keeps no thread: it waits at the object. This is for what is fetched and sent at one time. */
const THREADS = [
  ...['-p', 'thread_pools=2', '-p', 'thread_pool_min=50', '-p', 'thread_pool_max=1000'],
  // At a part's end all viewers ask at once. Beyond 20 who wait for a thread it would cut them off.
  ...['-p', 'thread_queue_limit=100000'],
  // The next request comes a part later: a thread is not to wait for it, others wait for the thread.
  ...['-p', 'timeout_linger=0'],
  // With 96 KiB, the default, an answer takes a fifth more processor time. Viewers' requests are small.
  ...['-p', 'workspace_client=32k', '-p', 'vsl_buffer=4k'],
];

const SILENCE: SilenceLimits = { everyMs: 2000, withinMs: 3000, misses: 3, enoughMs: 5000 };

/** Through everything a viewer's request passes, but for the origin. */
function healthUrl({ host, port, tls }: EdgeOptions): string {
  const here = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${tls ? 'https' : 'http'}://${here.includes(':') ? `[${here}]` : here}:${port}${EDGE_HEALTH_PATH}`;
}

/** Starts it and resolves when it takes connections. @throws ProgramError with what the program said that did not start */
export async function startEdge(options: EdgeOptions): Promise<Edge> {
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-edge-'));
  const varnishWork = options.workDir ?? join(folder, 'work');
  const controlSocket = join(folder, 'haproxy.sock');
  const programs: Program[] = [];
  let closing = false;
  let stopWatching = (): void => undefined;
  const close = async (): Promise<void> => {
    closing = true;
    stopWatching();
    await Promise.all(programs.map((program) => program.stop()));
    for (const path of [folder, varnishWork]) await rm(path, { recursive: true, force: true });
  };
  try {
    await rm(varnishWork, { recursive: true, force: true });
    const { tls, host, port } = options;
    const varnishSocket = join(folder, 'varnish.sock');
    await startVarnish(tls ? varnishSocket : `${host}:${port}`);
    if (tls) await startHaproxy(tls, varnishSocket);
  } catch (error) {
    await close();
    throw error;
  }
  const silence = new Promise<string>((resolve) => {
    stopWatching = watchForSilence(healthUrl(options), {
      limits: options.silence ?? SILENCE,
      // Varnish answers in a child of its own.
      pids: () => programs.flatMap(({ pid }) => (pid === undefined ? [] : withChildren(pid))),
      onSilence: () => resolve('the edge does not answer'),
      onLate: (forMs) => options.log(lateWords(forMs), 'edge'),
    });
  });
  const end = Promise.race([silence, ...programs.map(async ({ name, ended }) => `${name} ${await ended}`)]);
  return {
    died: end.then((how) => (closing ? new Promise<string>(() => undefined) : how)),
    async counters() {
      const haproxy = options.tls ? await haproxyInfo(controlSocket) : [];
      return new Map([
        ...(await varnishCounters(varnishWork)),
        ...[...haproxy].map(([name, value]) => [`haproxy.${name}`, value] as const),
      ]);
    },
    close,
  };

  function start(name: string, args: readonly string[]): Program {
    const program = startProgram(name, args, (line) => options.log(line, name));
    programs.push(program);
    return program;
  }

  async function startVarnish(listenAt: string): Promise<void> {
    const vcl = join(folder, 'edge.vcl');
    const { control } = options;
    const text = varnishVcl({
      ...options,
      rightsVerified: options.tls !== undefined,
      controlSecret: control?.secret,
    });
    await writeFile(vcl, text, { mode: 0o600 });
    const varnish = start('varnishd', [
      ...['-F', '-f', vcl, '-a', listenAt, '-n', varnishWork, '-s', `default,${options.memoryMb}m`],
      // No management port; the processes keep our user, who may not be root.
      ...['-T', 'none', '-j', 'none', '-p', 'listen_depth=4096', ...THREADS],
      ...(control ? ['-a', `${CONTROL_SOCKET}=${control.host}:${control.port}`] : []),
      // HAProxy's connections lie idle between one viewer's request and the next one's.
      ...(options.tls ? ['-p', 'timeout_idle=60'] : []),
    ]);
    // Connecting to the port would tell as little when another program has it.
    await varnish.ready(varnish.says('Child starts'));
  }

  async function startHaproxy(
    { certFile, keyFile }: NonNullable<EdgeOptions['tls']>,
    varnishSocket: string,
  ): Promise<void> {
    const pem = join(folder, 'edge.pem');
    const config = join(folder, 'haproxy.cfg');
    const sockets = { varnishSocket, controlSocket };
    const text = haproxyConfig({ ...options, ...sockets, pem, mediaKeys: options.mediaKeys ?? [] });
    await writeFile(config, text, { mode: 0o600 });
    await writeFile(pem, `${await readFile(certFile, 'utf8')}\n${await readFile(keyFile, 'utf8')}`, {
      mode: 0o600,
    });
    const haproxy = start('haproxy', ['-db', '-f', config]);
    const asking = new AbortController();
    try {
      await haproxy.ready(answersControl(controlSocket, asking.signal));
    } finally {
      asking.abort();
      // It reads both once: no second copy of a key stays on the disk.
      await rm(pem);
      await rm(config);
    }
  }
}

async function varnishCounters(work: string): Promise<ReadonlyMap<string, number>> {
  const { counters } = JSON.parse(await outputOf('varnishstat', ['-1', '-j', '-n', work])) as {
    counters: Record<string, { value: number }>;
  };
  return new Map(Object.entries(counters).map(([name, { value }]) => [name, value]));
}
