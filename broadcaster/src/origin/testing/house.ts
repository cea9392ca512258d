/** An origin on a real socket over a channel with perfect encoders, for tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MediaKey } from '@rostrum/contracts/media-right';
import { type LatencyProfile, PROFILES } from '@rostrum/contracts/profile';
import type { Logger } from '@rostrum/service-kit/logger';
import { fixedKeys, type MediaKeyRing } from '@rostrum/service-kit/media-keys';
import { Registry } from 'prom-client';
import { endOf } from '../../archive/ended.ts';
import { JOURNAL_NAME } from '../../archive/journal.ts';
import { Shapes } from '../../archive/shapes.ts';
import { createChannelOutput } from '../../output/channel-output.ts';
import type { ChannelOutput } from '../../output/interface.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../../packager/testing/synthetic.ts';
import type { Origin } from '../interface.ts';
import { createOrigin } from '../origin.ts';

export const silentLogger: Logger = { info() {}, warn() {}, error() {} };

/** Collects what is logged at each level. */
export function recordingLogger(): Logger & { readonly lines: [string, object, string][] } {
  const lines: [string, object, string][] = [];
  const at = (level: string) => (fields: object, message: string) => {
    lines.push([level, fields, message]);
  };
  return { lines, info: at('info'), warn: at('warn'), error: at('error') };
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface RequestOptions {
  readonly method?: string;
  readonly headers?: http.OutgoingHttpHeaders;
  readonly signal?: AbortSignal;
}

export class House {
  readonly archiveDir: string;
  readonly registry: Registry;
  readonly origin: Origin;
  readonly server: http.Server;
  readonly output: ChannelOutput;
  readonly profile: LatencyProfile;
  readonly shapes: Shapes;
  #slot = 0;

  private constructor(
    archiveDir: string,
    registry: Registry,
    origin: Origin,
    server: http.Server,
    output: ChannelOutput,
    profile: LatencyProfile,
    shapes: Shapes,
  ) {
    this.shapes = shapes;
    this.archiveDir = archiveDir;
    this.registry = registry;
    this.origin = origin;
    this.server = server;
    this.output = output;
    this.profile = profile;
  }

  static async open(
    options: {
      profile?: LatencyProfile;
      watchPageDir?: string;
      windowMs?: number;
      channelId?: string;
      mediaKeys?: readonly MediaKey[] | MediaKeyRing;
      cdnSecrets?: readonly string[];
      nowUnixMs?: () => number;
      isDeleted?: (channelId: string) => boolean;
      publicUrl?: string;
      embedAncestors?: readonly string[];
    } = {},
  ): Promise<House> {
    const profile = options.profile ?? PROFILES.standard;
    const keys = options.mediaKeys;
    const archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-origin-'));
    const registry = new Registry();
    // The encoders' time is what the tests push; the clock stands still, so that nothing counts as stalled.
    const shared = {
      archiveDir,
      clock: { nowUnixMs: options.nowUnixMs ?? (() => ZERO_UNIX_MS), monotonicMs: () => 0 },
      logger: silentLogger,
      metrics: registry,
    };
    const page = options.watchPageDir === undefined ? {} : { watchPageDir: options.watchPageDir };
    const shapes = new Shapes(shared);
    const origin = createOrigin({
      ...shared,
      shapeOf: (channelId) => shapes.now(channelId),
      hasEnded: async (channelId) => (await endOf(join(archiveDir, channelId, JOURNAL_NAME))) !== 'open',
      ...page,
      ...(keys ? { mediaKeys: 'look' in keys ? keys : fixedKeys(keys) } : {}),
      ...(options.embedAncestors ? { embedAncestors: options.embedAncestors } : {}),
      publicUrl: () => options.publicUrl ?? '',
      ...(options.cdnSecrets ? { cdnSecrets: options.cdnSecrets } : {}),
      ...(options.isDeleted ? { isDeleted: options.isDeleted } : {}),
      coordinatorUrl: 'https://console.example.org:8443/base',
    });
    const window = options.windowMs === undefined ? {} : { windowMs: options.windowMs };
    const output = await createChannelOutput({
      ...shared,
      ...window,
      channelId: options.channelId ?? 'show',
      profile,
      ladder: LADDER,
    });
    await shapes.begun(output.channelId);
    origin.addChannel(output);
    const server = http.createServer(origin.handle);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const house = new House(archiveDir, registry, origin, server, output, profile, shapes);
    for (const event of epochEvents()) output.push(event);
    return house;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Feeds perfect encoders up to frame `slot` of the epoch. */
  feedTo(slot: number): void {
    for (const event of perfect(this.profile, this.#slot, slot)) this.output.push(event);
    this.#slot = slot;
  }

  restartCompositor(timelineZeroUnixMs: number): void {
    for (const event of epochEvents(timelineZeroUnixMs)) this.output.push(event);
    this.#slot = 0;
  }

  /** The path goes out as it is: nothing is normalised. */
  get(path: string, options: RequestOptions = {}): Promise<Answer> {
    return request(this.port, path, options);
  }

  async text(path: string): Promise<string> {
    return (await this.get(path)).body.toString();
  }

  /** Value of a metric with the given labels. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const metric = await this.registry.getSingleMetric(name)?.get();
    const found = metric?.values.find((value) =>
      Object.entries(labels).every(
        ([key, wanted]) => (value.labels as Record<string, unknown>)[key] === wanted,
      ),
    );
    return found?.value ?? 0;
  }

  /** Resolves once every closed segment is on disk. Rejects after five seconds. */
  async archived(): Promise<void> {
    for (const start = Date.now(); Date.now() - start < 5000; ) {
      if (this.output.status().archiveQueueLength === 0) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('the archive is not written');
  }

  /** Resolves once so many requests are held. Rejects after five seconds. */
  async held(count: number): Promise<void> {
    for (const start = Date.now(); Date.now() - start < 5000; ) {
      const playlists = await this.metric('rostrum_origin_held_requests', { class: 'playlist' });
      const media = await this.metric('rostrum_origin_held_requests', { class: 'media' });
      if (playlists + media === count) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error(`never ${count} requests were held`);
  }

  async close(): Promise<void> {
    await this.origin.stop();
    await this.output.close();
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
    await rm(this.archiveDir, { recursive: true, force: true });
  }
}

export function request(port: number, path: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', headers = {}, signal } = options;
    const outgoing = http.request(
      { host: '127.0.0.1', port, path, method, headers, agent: false, ...(signal ? { signal } : {}) },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            body: Buffer.concat(chunks),
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}
