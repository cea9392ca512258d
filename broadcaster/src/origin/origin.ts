/** HTTP face of the broadcaster: live channels, recordings, the watch page. Interface: `interface.ts`. */
import { performance } from 'node:perf_hooks';
import { accessOf } from '@rostrum/contracts/media-urls';
import { NO_SHAPE, type RecordingShape } from '@rostrum/contracts/recording';
import { fixedKeys } from '@rostrum/service-kit/media-keys';
import type { ChannelOutput } from '../output/interface.ts';
import { FileSender } from './files.ts';
import { GrowingRecording } from './growing-recording.ts';
import type { Origin, OriginOptions, OriginRequest, OriginResponse } from './interface.ts';
import { KeptFiles } from './kept-files.ts';
import { LiveChannel } from './live-channel.ts';
import { OriginMetrics } from './metrics.ts';
import { Pages } from './pages.ts';
import { isMedia, Recorded } from './recorded.ts';
import { Responder } from './responder.ts';
import { Rights } from './rights.ts';

const SWEEP_INTERVAL_MS = 250;
/** `/live/<channelId>/<name>`, `/recordings/<channelId>/<name>`, of private channels below `/private`; ids and names in plain characters, so no way out of a folder. */
const CHANNEL_PATH = /^(\/private)?\/(live|recordings)\/([A-Za-z0-9_-]{1,64})\/([A-Za-z0-9_./-]{1,200})$/;
const PAGE_PATH = /^\/w\/([A-Za-z0-9_-]{1,64})(\/|\/config\.json|\/oembed\.json|\/embed\/?)?$/;
const ALLOWED_METHODS = 'GET, HEAD, OPTIONS';
/** `Host`: RFC 3986 host and port. */
const HOST = /^(?:[A-Za-z0-9._~!$&'()*+,;=%-]*|\[[0-9A-Fa-f:.]+\])(?::\d*)?$/;

/** A caller's mistake. `code`: `channel-exists`. */
export class OriginError extends Error {
  readonly code: 'channel-exists';

  constructor(code: 'channel-exists', channelId: string) {
    super(`channel ${channelId} is already served`);
    this.name = 'OriginError';
    this.code = code;
  }
}

/** A channel that is served, and what of its recording there is. */
interface Served {
  readonly output: ChannelOutput;
  readonly live: LiveChannel;
  readonly recording: GrowingRecording;
}

/** Makes the handler; it listens on nothing itself. */
export function createOrigin(options: OriginOptions): Origin {
  return new HttpOrigin(options);
}

class HttpOrigin implements Origin {
  readonly #options: OriginOptions;
  readonly #channels = new Map<string, Served>();
  readonly #metrics: OriginMetrics;
  readonly #responder: Responder;
  readonly #recorded: Recorded;
  readonly #pages: Pages;
  readonly #rights: Rights;
  readonly #sweep: NodeJS.Timeout;
  #stopped = false;

  constructor(options: OriginOptions) {
    this.#options = options;
    this.#metrics = new OriginMetrics(options.metrics);
    const held = (kind: 'heldPlaylists' | 'heldMedia'): number =>
      [...this.#channels.values()].reduce((sum, { live }) => sum + live[kind], 0);
    this.#metrics.held.playlist = () => held('heldPlaylists');
    this.#metrics.held.media = () => held('heldMedia');
    this.#responder = new Responder(this.#metrics);
    this.#recorded = new Recorded({
      ...options,
      responder: this.#responder,
      files: new FileSender(this.#responder, options.logger),
      growing: (channelId) => this.#channels.get(channelId)?.recording,
    });
    this.#pages = new Pages({
      folder: options.watchPageDir,
      coordinatorUrl: options.coordinatorUrl,
      aboutOf: async (id) => (options.isDeleted?.(id) ? undefined : this.#recorded.about(id)),
      publicUrl: options.publicUrl ?? (() => ''),
      embedAncestors: options.embedAncestors ?? [],
      responder: this.#responder,
      files: new KeptFiles(() => performance.now()),
    });
    this.#rights = new Rights(
      options.mediaKeys ?? fixedKeys([]),
      options.cdnSecrets ?? [],
      options.clock.nowUnixMs,
    );
    this.#sweep = setInterval(() => this.#expire(), SWEEP_INTERVAL_MS);
    this.#sweep.unref();
  }

  addChannel(output: ChannelOutput): void {
    const { channelId } = output;
    const known = this.#channels.get(channelId);
    if (known && known.output.status().state !== 'ended') throw new OriginError('channel-exists', channelId);
    this.removeChannel(channelId);
    const live = new LiveChannel({
      source: output.live,
      responder: this.#responder,
      metrics: this.#metrics,
      nowMs: () => performance.now(),
      sendArchived: (request, response, name, slice) => {
        this.#recorded.send(request, response, channelId, name, slice);
      },
    });
    const shape = (): RecordingShape => this.#options.shapeOf?.(channelId) ?? NO_SHAPE;
    this.#channels.set(channelId, { output, live, recording: new GrowingRecording(output, shape) });
  }

  removeChannel(channelId: string): void {
    this.#channels.get(channelId)?.live.close('never');
    this.#channels.delete(channelId);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#sweep);
    for (const { live } of this.#channels.values()) live.close('stopping');
    this.#channels.clear();
  }

  readonly handle = (request: OriginRequest, response: OriginResponse): void => {
    try {
      this.#route(request, response);
    } catch (error) {
      this.#options.logger.error({ err: error, path: request.url }, 'request failed');
      this.#responder.error(response, 'other', 500, 'internal');
    }
  };

  #route(request: OriginRequest, response: OriginResponse): void {
    const responder = this.#responder;
    if (this.#stopped) {
      responder.error(response, 'other', 503, 'stopping');
      return;
    }
    // HTTP/0.9 knows no headers, so its reader would take ours for the body; Node lets it pass.
    if (request.httpVersionMajor === 0) {
      responder.error(response, 'other', 400, 'bad-version', { connection: 'close' });
      return;
    }
    // We never switch protocols, and Node drops what came in the same packet after such a request.
    if (request.headers.upgrade !== undefined && 'shouldKeepAlive' in response)
      response.shouldKeepAlive = false;
    if (!hasOneHost(request)) {
      responder.error(response, 'other', 400, 'bad-host');
      return;
    }
    // RFC 9112, 6.1: nobody can tell where such a request ends. Node reads it to the end of the connection.
    if ((request.headers['transfer-encoding'] ?? 'chunked').toLowerCase() !== 'chunked') {
      responder.error(response, 'other', 400, 'bad-transfer-encoding', { connection: 'close' });
      return;
    }
    const url = originForm(request.url ?? '/');
    const mark = url.indexOf('?');
    const path = mark === -1 ? url : url.slice(0, mark);
    const query = mark === -1 ? '' : url.slice(mark + 1);
    if (request.method === 'OPTIONS') {
      responder.preflight(response);
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      responder.error(response, 'other', 405, 'method-not-allowed', { allow: ALLOWED_METHODS });
      return;
    }
    const [, prefix, area, channelId = '', name = ''] = CHANNEL_PATH.exec(path) ?? [];
    const page = PAGE_PATH.exec(path);
    if (area !== undefined) {
      const access = accessOf(channelId);
      const serve = (): void => {
        // Below `recordings` earlier versions named media: players may still hold a playlist of theirs.
        if (area === 'live' || isMedia(name)) this.#live(request, response, channelId, name, query);
        else this.#recorded.handle(request, response, channelId, name);
      };
      // Each has one address: a private channel is nowhere but where everybody in front of us asks for a right.
      if ((prefix === undefined) !== (access === 'open') || this.#options.isDeleted?.(channelId))
        responder.error(response, 'other', 404, 'not-found');
      else if (access === 'open') serve();
      else this.#withRight(request, response, channelId, serve);
    } else if (page) {
      const [, webinarId = '', below = ''] = page;
      if (below === '/config.json') this.#pages.config(request, response);
      else if (below === '/oembed.json') this.#pages.oEmbed(request, response, webinarId, query);
      else this.#pages.index(request, response, webinarId, below.startsWith('/embed') ? 'embed' : 'page');
    } else if (path === '/oembed') {
      this.#pages.oEmbed(request, response, null, query);
    } else if (path.startsWith('/assets/')) {
      this.#pages.asset(request, response, path.slice('/assets/'.length));
    } else responder.error(response, 'other', 404, 'not-found');
  }

  #withRight(request: OriginRequest, response: OriginResponse, channelId: string, serve: () => void): void {
    this.#rights
      .allows(request.headers, channelId)
      .then((allowed) => {
        if (response.destroyed) return;
        if (allowed && !this.#stopped) serve();
        else if (allowed) this.#responder.error(response, 'other', 503, 'stopping');
        // For who asked alone: nobody else is to be told it from a cache.
        else this.#responder.error(response, 'other', 403, 'no-right', { 'cache-control': 'no-store' });
      })
      .catch((error: unknown) => {
        this.#options.logger.error({ err: error, path: request.url }, 'request failed');
        this.#responder.error(response, 'other', 500, 'internal');
      });
  }

  #live(
    request: OriginRequest,
    response: OriginResponse,
    channelId: string,
    name: string,
    query: string,
  ): void {
    const channel = this.#channels.get(channelId);
    if (channel) channel.live.handle(request, response, name, query);
    else if (isMedia(name)) this.#recorded.media(request, response, channelId, name);
    else this.#responder.error(response, 'other', 404, 'not-found');
  }

  #expire(): void {
    for (const { live } of this.#channels.values()) live.expire();
  }
}

/** RFC 9112, 3.2: more than one Host, or one that cannot be a host, is a bad request: two readers might differ in it. */
function hasOneHost({ rawHeaders, headers }: OriginRequest): boolean {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i];
    if (name?.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count < 2 && (headers.host === undefined || HOST.test(headers.host));
}

/** A request target in absolute form (RFC 9112, 3.2.2: to be accepted) without its authority; others as they are. */
function originForm(target: string): string {
  const authority = target.startsWith('/') ? null : /^https?:\/\/[^/?#]*/i.exec(target);
  if (!authority) return target;
  const rest = target.slice(authority[0].length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}
