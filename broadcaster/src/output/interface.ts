/** The face of a channel's output, for whoever feeds it (the supervisor of the compositor) and whoever reads it (the origin). */
import type { LatencyProfile, Rendition } from '@rostrum/contracts/profile';
import type { Logger } from '@rostrum/service-kit/logger';
import type { Registry } from 'prom-client';
import type { EncoderEvent } from '../media/samples.ts';
import type { Recording } from '../packager/index.ts';
import type { LiveSource } from './live-source.ts';

/** Wall clock in Unix milliseconds; the same clock that `timelineZeroUnixMs` is told by. Fractions are welcome. */
export interface Clock {
  readonly nowUnixMs: () => number;
  /** Milliseconds that only ever go up: what stalls are measured by. Default: `performance.now`. */
  readonly monotonicMs?: () => number;
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
  /** It begins before the show (`ChannelOutput.hold`). Default: as it was, and recorded in a new channel. */
  readonly held?: boolean;
  /** Length of the live playlist, what viewers can go back to. Default and most: 7,200,000 (two hours). */
  readonly windowMs?: number;
  /** Segments that wait for a disk that takes nothing; beyond it the oldest are given up. Default 2,000. */
  readonly maxQueuedSegments?: number;
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
  /** The disk takes nothing since then; null: it does. */
  readonly archiveFailingSinceUnixMs: number | null;
}

export interface ChannelEnd {
  /** Programme milliseconds in the recording. */
  readonly durationMs: number;
  readonly segmentCount: number;
  /** Path below the origin: `/recordings/<channelId>/multivariant.m3u8`, of a private channel below `/private`. */
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
  /** What there is of the recording while the channel goes on; null once its playlists are files. */
  readonly recording: Pick<Recording, 'multivariant' | 'playlist' | 'spans' | 'durationMs'> | null;
  /** Never throws for what the encoder sends: what cannot be used is dropped, logged once and counted. */
  push(event: EncoderEvent): void;
  /** Whether what comes is held: shown, and not recorded. */
  readonly held: boolean;
  /**
   * Before the show: from the next segment on what comes is shown, and not recorded. Viewers can go back in it as far as a live
   * playlist has to reach.
   */
  hold(): void;
  /**
   * The show begins: recorded from the next segment on. Resolves shortly before that, so that what is put into the picture then is
   * in front when the recording begins; where no picture comes, after two segments' time.
   */
  record(): Promise<void>;
  /** A file of the isolated tracks is on disk, relative to the channel's folder; null: it may still change. */
  addTrackFile(file: string, byteLength: number | null): void;
  /**
   * Ends the channel: open part and segment closed, ENDLIST, everything on disk, VOD playlists written. Idempotent. @param tracks until
   * all files of isolated tracks were told (`addTrackFile`): the journal's last line waits for that, viewers do not
   */
  end(tracks?: Promise<void>): Promise<ChannelEnd>;
  /** Stops without ending (SIGTERM, parent gone): open segment closed and on disk; a later createChannelOutput with
   *  the same id goes on with the next MSN. Idempotent, also after `end`. */
  close(): Promise<void>;
  status(): ChannelStatus;
}
