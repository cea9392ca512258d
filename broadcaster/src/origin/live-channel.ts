/** Answers requests for one live channel: renders once a change, holds what is not there yet, answers all that wait. */
import { gzipSync } from 'node:zlib';
import { holdLimitMs } from '@rostrum/cdn-config';
import { SHEDDING_HEADER } from '@rostrum/contracts/playlist-headers';
import type { LiveSource } from '../output/live-source.ts';
import {
  type Directives,
  decideMedia,
  decideReload,
  MULTIVARIANT_NAME,
  parseDirectives,
  playlistName,
  type RenditionWindow,
  renderMediaPlaylist,
  renderMultivariant,
  reportOf,
} from '../packager/index.ts';
import type { OriginRequest, OriginResponse } from './interface.ts';
import type { OriginMetrics } from './metrics.ts';
import {
  type MetricClass,
  mediaHeaders,
  PLAYLIST_TYPE,
  type Responder,
  type SharedBody,
} from './responder.ts';
import { type Outcome, WaitingRoom } from './waiting-room.ts';

export const MEDIA_TYPE = 'video/mp4';

/** Sends a file of the channel that is no longer in memory: the whole of it, or a slice. */
export type SendArchived = (
  request: OriginRequest,
  response: OriginResponse,
  name: string,
  slice: { readonly start: number; readonly length: number } | undefined,
) => void;

export interface LiveChannelOptions {
  readonly source: LiveSource;
  readonly responder: Responder;
  readonly metrics: OriginMetrics;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  readonly sendArchived: SendArchived;
}

interface Exchange {
  readonly request: OriginRequest;
  readonly response: OriginResponse;
}

export class LiveChannel {
  readonly source: LiveSource;
  readonly #options: LiveChannelOptions;
  readonly #playlists = new WaitingRoom();
  readonly #media = new WaitingRoom();
  /** Of playlists; null after a change. */
  #headers: PlaylistHeaders | null = null;
  readonly #rendered = new Map<string, SharedBody>();
  readonly #unsubscribe: () => void;

  constructor(options: LiveChannelOptions) {
    this.#options = options;
    this.source = options.source;
    this.#unsubscribe = options.source.subscribe((changed) => this.#onChange(changed));
  }

  get heldPlaylists(): number {
    return this.#playlists.size;
  }

  get heldMedia(): number {
    return this.#media.size;
  }

  /** `name` is the path below `/live/<channelId>/`. */
  handle(request: OriginRequest, response: OriginResponse, name: string, query: string): void {
    const exchange = { request, response };
    if (name === MULTIVARIANT_NAME) {
      this.#multivariant(exchange);
      return;
    }
    const slash = name.indexOf('/');
    const rendition = slash === -1 ? name.replace(/\.m3u8$/, '') : name.slice(0, slash);
    const window = this.#window(rendition);
    if (!window) this.#options.responder.error(response, 'other', 404, 'not-found');
    else if (name === playlistName(rendition)) this.#playlist(exchange, window, query);
    else this.#mediaFile(exchange, window, name);
  }

  expire(): void {
    const nowMs = this.#options.nowMs();
    this.#playlists.expire(nowMs);
    this.#media.expire(nowMs);
  }

  /** Answers everybody; the channel is not there any more (`never`) or the process stops. */
  close(outcome: 'never' | 'stopping'): void {
    this.#unsubscribe();
    this.#playlists.releaseAll(outcome);
    this.#media.releaseAll(outcome);
  }

  #window(rendition: string): RenditionWindow | undefined {
    return this.source.windows().find((window) => window.rendition.name === rendition);
  }

  get #deadlineMs(): number {
    return this.#options.nowMs() + holdLimitMs(this.source.profile);
  }

  #onChange(changed: ReadonlySet<string>): void {
    this.#rendered.delete(MULTIVARIANT_NAME);
    this.#headers = null;
    for (const rendition of changed) {
      this.#rendered.delete(`${rendition} full`);
      this.#rendered.delete(`${rendition} delta`);
    }
    for (const key of this.#playlists.keys()) {
      if (this.#isMet(key)) this.#playlists.release(key, 'ready');
    }
    for (const name of this.#media.keys()) {
      const window = this.#window(name.slice(0, name.indexOf('/')));
      const decision = window ? this.#decideMedia(window, name) : 'never';
      if (decision !== 'wait') this.#media.release(name, decision === 'never' ? 'never' : 'ready');
    }
  }

  /** Keys of held playlists: `<rendition> <msn> <part>`, absent directives as `-`. */
  #isMet(key: string): boolean {
    if (key === MULTIVARIANT_NAME) return this.#codecsKnown();
    const [rendition = '', msn, part] = key.split(' ');
    const window = this.#window(rendition);
    const number = (text: string | undefined): number | undefined =>
      text === '-' || text === undefined ? undefined : Number(text);
    return (
      window !== undefined && decideReload({ msn: number(msn), part: number(part) }, window).kind === 'ready'
    );
  }

  #codecsKnown(): boolean {
    return this.source.windows().every((window) => window.codecs !== undefined || window.ended);
  }

  #multivariant(exchange: Exchange): void {
    const answer = (): void => {
      const body = this.#render(MULTIVARIANT_NAME, 'multivariant', () =>
        renderMultivariant(
          this.source
            .windows()
            .flatMap((window) =>
              window.codecs === undefined ? [] : [{ ...measured(window), codecs: window.codecs }],
            ),
          'live',
        ),
      );
      const headers = mediaHeaders('multivariant', this.source.profile, PLAYLIST_TYPE);
      this.#options.responder.shared(exchange.request, exchange.response, 'multivariant', body, headers);
    };
    if (this.#codecsKnown()) answer();
    else this.#hold(this.#playlists, MULTIVARIANT_NAME, exchange, 'multivariant', answer);
  }

  #playlist(exchange: Exchange, window: RenditionWindow, query: string): void {
    const { responder } = this.#options;
    const parsed = parseDirectives(new URLSearchParams(query));
    const directives: Directives =
      'rejected' in parsed ? { msn: undefined, part: undefined, skip: false } : parsed;
    if ('rejected' in parsed && !window.ended) {
      responder.error(exchange.response, 'playlist', 400, parsed.rejected);
      return;
    }
    const decision = decideReload(directives, window);
    switch (decision.kind) {
      case 'reject':
        responder.error(exchange.response, 'playlist', 400, decision.reason);
        return;
      case 'ready':
        this.#sendPlaylist(exchange, window, directives.skip, 'playlist-at-once');
        return;
      case 'wait': {
        const key = `${window.rendition.name} ${directives.msn ?? '-'} ${directives.part ?? '-'}`;
        this.#hold(this.#playlists, key, exchange, 'playlist', () => {
          const kept = directives.msn === undefined ? 'playlist-at-once' : 'playlist-awaited';
          this.#sendPlaylist(exchange, window, directives.skip, kept);
        });
      }
    }
  }

  #sendPlaylist(
    { request, response }: Exchange,
    window: RenditionWindow,
    skip: boolean,
    responseClass: 'playlist-at-once' | 'playlist-awaited',
  ): void {
    const variant = skip ? 'delta' : 'full';
    const body = this.#render(`${window.rendition.name} ${variant}`, variant, () => {
      const others = this.source.windows().filter((other) => other !== window);
      const reports = others.flatMap((other) => reportOf(other) ?? []);
      return renderMediaPlaylist(window, { skip, reports });
    });
    if (this.#headers?.shedding !== this.source.shedding()) this.#headers = playlistHeaders(this.source);
    this.#options.responder.shared(request, response, 'playlist', body, this.#headers[responseClass]);
  }

  /** Once a change (LL19): kept until the window changes. */
  #render(key: string, variant: string, text: () => string): SharedBody {
    const known = this.#rendered.get(key);
    if (known) return known;
    const plain = Buffer.from(text());
    let gzip: Buffer | undefined;
    const body: SharedBody = {
      plain,
      gzip: () => {
        gzip ??= gzipSync(plain, { level: 4 });
        return gzip;
      },
    };
    this.#rendered.set(key, body);
    this.#options.metrics.renders.inc({ variant });
    return body;
  }

  #decideMedia(window: RenditionWindow, name: string): 'wait' | 'never' | 'now' {
    const { kind } = decideMedia(name, window, this.#initOf(window, name) !== undefined);
    return kind === 'wait' || kind === 'never' ? kind : 'now';
  }

  #initOf(window: RenditionWindow, name: string): Uint8Array | undefined {
    const epoch = /^[^/]+\/e(\d+)\/init\.mp4$/.exec(name)?.[1];
    return epoch === undefined ? undefined : this.source.init(window.rendition.name, Number(epoch));
  }

  #mediaFile(exchange: Exchange, window: RenditionWindow, name: string): void {
    const { responder, sendArchived } = this.#options;
    const { request, response } = exchange;
    const init = this.#initOf(window, name);
    const decision = decideMedia(name, window, init !== undefined);
    const headers = mediaHeaders('media', this.source.profile, MEDIA_TYPE);
    switch (decision.kind) {
      case 'never':
        responder.error(response, 'media', 404, 'not-found');
        return;
      case 'past':
        sendArchived(request, response, name, undefined);
        return;
      case 'init':
        if (init) responder.bytes(request, response, 'media', [init], headers);
        return;
      case 'segment': {
        const pieces = decision.segment.parts.flatMap((part) => (part.data ? [part.data] : []));
        const held = decision.segment.parts.every((part) => part.gap || part.data);
        if (held) responder.bytes(request, response, 'media', pieces, headers);
        else sendArchived(request, response, name, undefined);
        return;
      }
      case 'part': {
        const { part, segment } = decision;
        if (part.data) {
          responder.bytes(request, response, 'media', [part.data], headers);
          return;
        }
        const before = segment.parts.slice(0, part.index);
        const start = before.reduce((sum, earlier) => sum + earlier.byteLength, 0);
        const file = name.replace(/\.p\d+\.mp4$/, '.mp4');
        sendArchived(request, response, file, { start, length: part.byteLength });
        return;
      }
      case 'wait':
        this.#hold(this.#media, name, exchange, 'media', () => this.#mediaFile(exchange, window, name));
    }
  }

  #hold(
    room: WaitingRoom,
    key: string,
    exchange: Exchange,
    metricClass: MetricClass,
    ready: () => void,
  ): void {
    const { responder } = this.#options;
    room.hold(key, exchange.response, this.#deadlineMs, (outcome: Outcome) => {
      if (outcome === 'ready') ready();
      else if (outcome === 'never') responder.error(exchange.response, metricClass, 404, 'not-found');
      else
        responder.error(
          exchange.response,
          metricClass,
          503,
          outcome === 'expired' ? 'held-too-long' : 'stopping',
        );
    });
  }
}

type AnyPlaylist = 'playlist-at-once' | 'playlist-awaited';
type PlaylistHeaders = Readonly<Record<AnyPlaylist, Readonly<Record<string, string>>>> & {
  /** What of them the compositor told. */
  readonly shedding: readonly string[];
};

/**
 * A player that knows what is left out takes another rendition before it runs dry (`SHEDDING_HEADER`). What is made again is
 * named until it is there.
 */
function playlistHeaders(source: LiveSource): PlaylistHeaders {
  const shedding = source.shedding();
  const inGap = source.windows().flatMap(({ rendition, segments }) => {
    const newest = segments.at(-1)?.parts.at(-1);
    return rendition.kind === 'video' && newest?.gap ? [rendition.name] : [];
  });
  const leftOut = [...new Set([...shedding, ...inGap])].join(' ');
  const told = leftOut === '' ? {} : { [SHEDDING_HEADER]: leftOut };
  const of = (responseClass: AnyPlaylist) => ({
    ...mediaHeaders(responseClass, source.profile, PLAYLIST_TYPE),
    ...told,
  });
  return {
    shedding,
    'playlist-at-once': of('playlist-at-once'),
    'playlist-awaited': of('playlist-awaited'),
  };
}

function measured(window: RenditionWindow) {
  const { rendition, peakBitsPerSecond, averageBitsPerSecond } = window;
  return { rendition, peakBitsPerSecond, averageBitsPerSecond };
}
