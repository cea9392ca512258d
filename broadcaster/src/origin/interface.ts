/**
 * The face of the origin, for whoever listens for HTTP (`service.ts`). Types only.
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
import type { RecordingShape } from '@rostrum/contracts/recording';
import type { Logger } from '@rostrum/service-kit/logger';
import type { MediaKeyRing } from '@rostrum/service-kit/media-keys';
import type { Registry } from 'prom-client';
import type { ChannelOutput, Clock } from '../output/interface.ts';

/** One origin a registry: its metrics are registered there. */
export interface OriginOptions {
  /** Recordings are served from here; the same folder as the channels'. */
  readonly archiveDir: string;
  /** Built watch page: `index.html` and `assets/`. Without it the pages answer 404. */
  readonly watchPageDir?: string;
  /** Public URL of the coordinator: goes to `config.json` and into the pages' Content-Security-Policy. */
  readonly coordinatorUrl: string;
  /** Base URL that viewers reach it at; without it pages say nothing of their webinar to other sites. */
  readonly publicUrl?: () => string;
  /** Sites whose pages may show open webinars in a frame, as `frame-ancestors` has them. Default: the origin's own alone. */
  readonly embedAncestors?: readonly string[];
  /** Of rights to private channels; without them nobody has one. */
  readonly mediaKeys?: MediaKeyRing;
  /** By which a CDN shows that it verified a right itself. */
  readonly cdnSecrets?: readonly string[];
  /** Channels of which nothing is served any more, whatever is on disk. Default: none. */
  readonly isDeleted?: (channelId: string) => boolean;
  /**
   * Whether a channel of which there are files is over: then what has no playlists is for nobody; else somebody may still take it
   * up. Default: it is not.
   */
  readonly hasEnded?: (channelId: string) => Promise<boolean>;
  /** What the recording of a channel that runs is to be. Default: all of it, for everybody. */
  readonly shapeOf?: (channelId: string) => RecordingShape;
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
