/** Everything the fuzzer talks to: a live channel, an ended one and its recording, on plain and TLS ports. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type ClientHttp2Session, connect, createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo, Server as NetServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LatencyProfile, PROFILES } from '@rostrum/contracts/profile';
import { type ConnectionLimits, HTTP2_SETTINGS } from '@rostrum/service-kit/connections';
import { makeCertificate as makeCertificateFiles } from '@rostrum/service-kit/testing/certificate';
import { Registry } from 'prom-client';
import { createChannelOutput } from '../../output/channel-output.ts';
import type { ChannelOutput } from '../../output/interface.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../../packager/testing/synthetic.ts';
import { CONNECTION_LIMITS, guardOrigin } from '../connections.ts';
import type { Origin } from '../interface.ts';
import { createOrigin } from '../origin.ts';
import { recordingLogger } from './house.ts';

export const PROFILE: LatencyProfile = PROFILES.standard;
export const PARTS_PER_SEGMENT = 6;
const FRAMES_PER_PART = 8;
const WINDOW_MS = 20_000;
/** Channel ids: live, and ended with its recording. */
export const LIVE = 'show';
export const OVER = 'over';

/** A self-signed certificate for localhost. */
export async function makeCertificate(): Promise<{ key: Buffer; cert: Buffer }> {
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-tls-'));
  const { certFile, keyFile } = await makeCertificateFiles(folder);
  const pair = { key: await readFile(keyFile), cert: await readFile(certFile) };
  await rm(folder, { recursive: true });
  return pair;
}

export class FuzzHouse {
  readonly logger: ReturnType<typeof recordingLogger>;
  readonly registry: Registry;
  readonly #folder: string;
  readonly #origin: Origin;
  readonly #live: ChannelOutput;
  readonly #over: ChannelOutput;
  readonly #plain: Server;
  readonly #secure: Http2SecureServer;
  readonly #sockets = new Set<Socket>();
  readonly #unguard: readonly (() => void)[];
  #slot = 0;

  private constructor(made: {
    readonly folder: string;
    readonly logger: ReturnType<typeof recordingLogger>;
    readonly registry: Registry;
    readonly origin: Origin;
    readonly live: ChannelOutput;
    readonly over: ChannelOutput;
    readonly plain: Server;
    readonly secure: Http2SecureServer;
    readonly limits: ConnectionLimits;
  }) {
    this.logger = made.logger;
    this.registry = made.registry;
    this.#folder = made.folder;
    this.#origin = made.origin;
    this.#live = made.live;
    this.#over = made.over;
    this.#plain = made.plain;
    this.#secure = made.secure;
    const servers = [made.plain, made.secure];
    this.#unguard = servers.map((server) => guardOrigin(server, made.limits));
    for (const server of servers as readonly NetServer[]) {
      server.on('connection', (socket) => {
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
      });
    }
  }

  static async open(limits: ConnectionLimits = CONNECTION_LIMITS): Promise<FuzzHouse> {
    const folder = await mkdtemp(join(tmpdir(), 'rostrum-fuzz-'));
    const watchPageDir = join(folder, 'page');
    await mkdir(join(watchPageDir, 'assets'), { recursive: true });
    await writeFile(join(watchPageDir, 'index.html'), '<!doctype html><title>watch</title>');
    await writeFile(join(watchPageDir, 'assets', 'main.js'), 'export {};'.repeat(100));
    const archiveDir = join(folder, 'channels');
    await mkdir(archiveDir);
    const certificate = await makeCertificate();
    const logger = recordingLogger();
    const registry = new Registry();
    // The clock stands still: nothing counts as stalled while nothing is fed.
    const shared = {
      ...{ archiveDir, logger, metrics: registry },
      clock: { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => 0 },
    };
    const origin = createOrigin({ ...shared, watchPageDir, coordinatorUrl: 'https://console.example.org' });
    const open = (channelId: string): Promise<ChannelOutput> =>
      createChannelOutput({ ...shared, channelId, profile: PROFILE, ladder: LADDER, windowMs: WINDOW_MS });
    const [live, over] = await Promise.all([open(LIVE), open(OVER)]);
    for (const output of [live, over]) {
      origin.addChannel(output);
      for (const event of epochEvents()) output.push(event);
    }
    for (const event of perfect(PROFILE, 0, 48 * 14 + 16)) over.push(event);
    await over.end();
    const plain = createServer(origin.handle);
    const secure = createSecureServer(
      { ...certificate, allowHTTP1: true, settings: HTTP2_SETTINGS },
      origin.handle,
    );
    const house = new FuzzHouse({ folder, logger, registry, origin, live, over, plain, secure, limits });
    for (const server of [plain, secure] as readonly NetServer[]) {
      await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    }
    house.feed(PARTS_PER_SEGMENT * 14 + 2);
    return house;
  }

  get plainPort(): number {
    return (this.#plain.address() as AddressInfo).port;
  }

  get securePort(): number {
    return (this.#secure.address() as AddressInfo).port;
  }

  /** Where the channels' files lie. */
  get archiveDir(): string {
    return join(this.#folder, 'channels');
  }

  /** Connections the servers have open. */
  get openSockets(): number {
    return this.#sockets.size;
  }

  session(): ClientHttp2Session {
    const session = connect(`https://127.0.0.1:${this.securePort}`, { rejectUnauthorized: false });
    session.on('error', () => undefined); // each stream tells its own end
    return session;
  }

  /** So many parts more of the live channel. */
  feed(parts: number): void {
    const slot = this.#slot + parts * FRAMES_PER_PART;
    for (const event of perfect(PROFILE, this.#slot, slot)) this.#live.push(event);
    this.#slot = slot;
  }

  /** Requests held now, of all kinds. */
  async held(): Promise<number> {
    const metric = await this.registry.getSingleMetric('rostrum_origin_held_requests')?.get();
    return metric?.values.reduce((sum, { value }) => sum + value, 0) ?? 0;
  }

  /** Resolves when that holds. Rejects after five seconds. */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    for (const startMs = performance.now(); performance.now() - startMs < 5000; ) {
      if (await holds()) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error(`never: ${what}`);
  }

  async close(): Promise<void> {
    for (const stop of this.#unguard) stop();
    await this.#origin.stop();
    await Promise.all([this.#live.close(), this.#over.close()]);
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(
      [this.#plain, this.#secure].map((s) => new Promise<void>((done) => s.close(() => done()))),
    );
    await rm(this.#folder, { recursive: true, force: true });
  }
}
