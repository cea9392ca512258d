/** Those who are compared: what may answer ten thousand held requests. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startEdge } from '@rostrum/cdn-config/edge';
import { freePort } from '@rostrum/service-kit/free-port';
import { trees } from './processes.ts';

export interface Contender {
  readonly name: string;
  readonly port: number;
  /** How many requests it holds now; undefined where it cannot say. */
  held(): Promise<number | undefined>;
  close(): Promise<void>;
}

/** The least there can be: no HTTP, each connection gets `answer` as it is, when `answer()` is called. */
export interface Floor extends Contender {
  answer(bytes: Buffer): void;
}

export async function floor(): Promise<Floor> {
  let asking: Socket[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('data', () => asking.push(socket)).on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  }).listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  return {
    name: 'floor: a bare socket server',
    port: (server.address() as AddressInfo).port,
    held: async () => asking.length,
    answer(bytes) {
      const now = asking;
      asking = [];
      for (const socket of now) socket.write(bytes);
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** As `./rostrum up --edge` runs it. */
export async function varnish(originPort: number): Promise<Contender> {
  const port = await freePort();
  const edge = await startEdge({
    host: '127.0.0.1',
    port,
    originHost: '127.0.0.1',
    originPort,
    memoryMb: 256,
    log: () => undefined,
  });
  return {
    name: 'through Varnish',
    port,
    async held() {
      const counters = await edge.counters();
      const of = (name: string): number => counters.get(`MAIN.${name}`) ?? 0;
      // The one whose request goes to the origin does not sleep.
      return of('busy_sleep') - of('busy_wakeup') + 1;
    },
    close: () => edge.close(),
  };
}

/** Who serves files. */
export interface FileServer {
  readonly name: string;
  readonly port: number;
  /** Its processes; none: it is this one. */
  pids(): readonly number[];
  close(): Promise<void>;
}

/** The `nginx` of the PATH as a cache; undefined where there is none. */
export async function nginx(originPort: number): Promise<Contender | undefined> {
  const started = await startNginx(2, (folder) => cache(folder, originPort));
  return started && { ...started, name: 'through nginx, proxy_cache_lock', held: async () => undefined };
}

/** The `nginx` of the PATH in front of a folder of channels; undefined where there is none. */
export async function nginxFiles(archiveDir: string): Promise<FileServer | undefined> {
  const started = await startNginx(1, () => ({
    http: 'sendfile on; tcp_nopush on;',
    location: `location ~ ^/(?:live|recordings)/(.*)$ { alias ${archiveDir}/$1; default_type video/mp4; }`,
  }));
  return started && { ...started, name: 'nginx', pids: () => trees([started.pid]) };
}

interface NginxSettings {
  /** Directives of `http`. */
  readonly http: string;
  readonly location: string;
}

async function startNginx(
  workers: number,
  settingsOf: (folder: string) => NginxSettings,
): Promise<{ readonly port: number; readonly pid: number; close(): Promise<void> } | undefined> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-nginx-'));
  const config = join(folder, 'nginx.conf');
  await writeFile(config, nginxConfig(folder, port, workers, settingsOf(folder)));
  const child = spawn('nginx', ['-c', config, '-p', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  const exit = new Promise<void>((resolve) => {
    child.once('error', () => resolve()).once('exit', () => resolve());
  });
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await exit;
    await rm(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 100 && child.pid !== undefined; tries += 1) {
    if (await listens(port)) return { port, pid: child.pid, close };
    await setTimeout(50);
  }
  await close();
  return undefined;
}

const cache = (folder: string, originPort: number): NginxSettings => ({
  http: `
  proxy_cache_path ${folder}/cache keys_zone=live:10m;
  upstream origin { server 127.0.0.1:${originPort}; keepalive 16; }`,
  location: `location / {
      proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_cache live; proxy_cache_key $uri$is_args$args;
      proxy_cache_lock on; proxy_cache_lock_timeout 30s; proxy_cache_lock_age 30s; proxy_read_timeout 30s;
    }`,
});

const nginxConfig = (
  folder: string,
  port: number,
  workers: number,
  { http, location }: NginxSettings,
): string => `
daemon off; ${process.getuid?.() === 0 ? 'user root;' : ''} worker_processes ${workers}; worker_rlimit_nofile 20000; pid ${folder}/pid; error_log stderr crit;
events { worker_connections 16000; multi_accept on; }
http {
  access_log off; tcp_nodelay on; keepalive_requests 100000; keepalive_timeout 300s;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/temp;
  fastcgi_temp_path ${folder}/fastcgi; uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  ${http}
  server {
    listen 127.0.0.1:${port} backlog=4096;
    ${location}
  }
}
`;

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const up = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  });
  socket.destroy();
  return up;
}
