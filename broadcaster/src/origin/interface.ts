/**
 * The face of the output side of a channel, for whoever feeds it (the supervisor of the compositor) and whoever
 * listens for HTTP (`main.ts`). Types only.
 *
 * Wiring, in full:
 *
 *   const origin = createOrigin({ archiveDir, watchPageDir, coordinatorUrl, clock, logger, metrics: registry });
 *   http.createServer(origin.handle).listen(port);          // or http2.createSecureServer({ allowHTTP1: true, … }, origin.handle)
 *   const output = await createChannelOutput({ channelId, profile, ladder, archiveDir, clock, logger, metrics: registry });
 *   origin.addChannel(output);
 *   compositor.on('message', (event) => output.push(event));
 *   …
 *   await output.end();             // the show is over: ENDLIST, recording written
 *   origin.removeChannel(channelId) // later: the live playlist stays up until then
 *   …
 *   await origin.stop(); await output.close(); server.close();   // SIGTERM without an end: the channel can be continued
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { LatencyProfile, Rendition } from '@rostrum/contracts/profile';
import type { Registry } from 'prom-client';
import type { EncoderEvent } from '../media/samples.ts';
import type { LiveSource } from './live-source.ts';

/** Wall clock in Unix milliseconds; the same clock that `timelineZeroUnixMs` is told by. Fractions are welcome. */
export interface Clock {
  readonly nowUnixMs: () => number;
  /** Milliseconds that only ever go up: what stalls are measured by. Default: `performance.now`. */
  readonly monotonicMs?: () => number;
}

/** What is used of a pino logger. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface ChannelOutputOptions {
  /** Part of URLs and folder names: `[A-Za-z0-9_-]{1,64}`, else `ChannelOutputError` `bad-channel-id`. */
  readonly channelId: string;
  readonly profile: LatencyProfile;
  readonly ladder: readonly Rendition[];
  /** The channel's files lie in `<archiveDir>/<channelId>/`. One process at a time may write a channel. */
  readonly archiveDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Registry;
  /** Length of the live playlist, what viewers can go back to. Default and most: 7,200,000 (two hours). */
  readonly windowMs?: number;
}

export interface ChannelStatus {
  readonly channelId: string;
  /** `waiting`: no part yet since this process started; `ended`: ENDLIST is out. */
  readonly state: 'waiting' | 'live' | 'ended';
  /** The epoch of names (never reused, survives restarts of this process; not the encoder's own count). */
  readonly epoch: number;
  /** MSN of the last closed segment; -1 before the first. */
  readonly lastMsn: number;
  /** Wall-clock instant up to which the furthest rendition has published; undefined before the first part. */
  readonly edgeUnixMs: number | undefined;
  /** Closed segments that are not on disk yet. */
  readonly archiveQueueLength: number;
}

export interface ChannelEnd {
  /** Programme milliseconds in the recording. */
  readonly durationMs: number;
  readonly segmentCount: number;
  /** Path below the origin: `/recordings/<channelId>/multivariant.m3u8`. */
  readonly recordingPath: string;
}

/**
 * Drives packager, archive and origin of one channel from encoder events.
 *
 * Rules for the feeder:
 * - first an `epoch` event (also at first start), then the configs, then samples. What comes before the first
 *   `epoch` is dropped and counted.
 * - after every restart of the compositor: `epoch` again. It closes the open segment; names, EXT-X-MAP and
 *   EXT-X-DISCONTINUITY follow by themselves, MSNs go on.
 * - `ptsNs`/`dtsNs` count from the epoch's `timelineZeroUnixMs` and are >= 0: *running time* (x264enc's own buffer
 *   times start at 1000 h; take them through the segment). They may start anywhere, so that a restarted compositor can
 *   keep the channel's first zero (then send the same `timelineZeroUnixMs`) or tell a new one.
 * - within a track samples come in decode order; between tracks any order, live. Video 25 fps; every video rendition has
 *   an IDR on the same frame, every `profile.segmentMs`.
 * - `data` is kept, not copied: don't overwrite it afterwards.
 */
export interface ChannelOutput {
  readonly channelId: string;
  /** What the origin reads. */
  readonly live: LiveSource;
  /** Never throws for what the encoder sends: what cannot be used is dropped, logged once and counted. */
  push(event: EncoderEvent): void;
  /** Ends the channel: open part and segment closed, ENDLIST, everything on disk, VOD playlists written. Idempotent. */
  end(): Promise<ChannelEnd>;
  /** Stops without ending (SIGTERM, parent gone): open segment closed and on disk; a later createChannelOutput with
   *  the same id goes on with the next MSN. Idempotent, also after `end`. */
  close(): Promise<void>;
  status(): ChannelStatus;
}

/** One origin a registry: its metrics are registered there. */
export interface OriginOptions {
  /** Recordings are served from here; the same folder as the channels'. */
  readonly archiveDir: string;
  /** Built watch page: `index.html` and `assets/`. Without it the pages answer 404. */
  readonly watchPageDir?: string;
  /** Public URL of the coordinator: goes to `config.json` and into the pages' Content-Security-Policy. */
  readonly coordinatorUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Registry;
}

/** HTTP/1.1 and HTTP/2 (compat API) alike. */
export type OriginRequest = IncomingMessage | Http2ServerRequest;
export type OriginResponse = ServerResponse | Http2ServerResponse;

export interface Origin {
  /** Answers every path of the origin; unknown ones with 404. */
  readonly handle: (request: OriginRequest, response: OriginResponse) => void;
  /** Throws `OriginError` `channel-exists` when a live channel of that id is there; one that has ended is replaced. */
  addChannel(output: ChannelOutput): void;
  /** Held requests of the channel are answered 404. Unknown ids are ignored. */
  removeChannel(channelId: string): void;
  /** Answers every held request (503) and refuses new ones. Idempotent. */
  stop(): Promise<void>;
}
