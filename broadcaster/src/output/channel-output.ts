/** Composition of packager, archive and word to the origin for one channel. Interface: `interface.ts`. */

import { channelPaths } from '@rostrum/contracts/media-urls';
import type { ShedLoad } from '@rostrum/contracts/node-socket';
import { archiveMetrics, begunWith, type ChannelArchive, openChannelArchive } from '../archive/index.ts';
import { finishTracks } from '../isolated/recovery.ts';
import type { EncoderEvent } from '../media/samples.ts';
import { Packager, type PackagerEvent, type Recording } from '../packager/index.ts';
import { Boundary } from './boundary.ts';
import type { ChannelEnd, ChannelOutput, ChannelOutputOptions, ChannelStatus } from './interface.ts';
import type { LiveSource } from './live-source.ts';
import { type OutputMetrics, outputMetrics } from './metrics.ts';

export type * from './interface.ts';

const MAX_WINDOW_MS = 7_200_000;
/** Two hours: viewers can go back to the beginning of most shows; delta updates keep what they fetch small (LL16). */
const DEFAULT_WINDOW_MS = MAX_WINDOW_MS;
const TICK_INTERVAL_MS = 200;
/** Init segments of this many epochs stay in memory; older ones are on disk. */
const KEPT_EPOCHS = 3;

/**
 * `bad-channel-id`, `bad-window`: the caller's mistake. `channel-ended`: the channel is a recording now; what was over
 * does not go on under the same id.
 */
export class ChannelOutputError extends Error {
  readonly code: 'bad-channel-id' | 'bad-window' | 'channel-ended';
  readonly channelId: string;

  constructor(code: ChannelOutputError['code'], channelId: string, message: string) {
    super(message);
    this.name = 'ChannelOutputError';
    this.code = code;
    this.channelId = channelId;
  }
}

/**
 * Opens (or continues, from its journal) the output of a channel. See `ChannelOutput` for what to feed it. Rejects with
 * `ChannelOutputError`, with `ArchiveError` `channel-mismatch` when profile or ladder are not what the channel was begun
 * with, or with the file system's error when the folder cannot be used.
 */
export async function createChannelOutput(options: ChannelOutputOptions): Promise<ChannelOutput> {
  const { channelId, profile, ladder, archiveDir, logger } = options;
  const windowMs = options.windowMs ?? DEFAULT_WINDOW_MS;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(channelId)) {
    throw new ChannelOutputError(
      'bad-channel-id',
      channelId,
      `channel id ${JSON.stringify(channelId)}: 1 to 64 of A-Z a-z 0-9 _ -`,
    );
  }
  const leastMs = 10 * profile.targetDurationS * 1000;
  if (!(windowMs >= leastMs && windowMs <= MAX_WINDOW_MS)) {
    throw new ChannelOutputError(
      'bad-window',
      channelId,
      `windowMs ${windowMs}: from ${leastMs} to ${MAX_WINDOW_MS}`,
    );
  }
  const metrics = outputMetrics(options.metrics);
  const archive = await openChannelArchive({
    archiveDir,
    channelId,
    profile,
    ladder,
    logger,
    metrics: archiveMetrics(options.metrics),
    nowUnixMs: options.clock.nowUnixMs,
    ...(options.held === undefined ? {} : { held: options.held }),
    ...(options.maxQueuedSegments === undefined ? {} : { maxQueuedSegments: options.maxQueuedSegments }),
  });
  if (archive.recovered.ended) {
    throw new ChannelOutputError('channel-ended', channelId, `channel ${channelId} has ended`);
  }
  const packager = new Packager({ profile, ladder, windowMs, resume: archive.recovered });
  logger.info({ channelId, profile: profile.name, msn: archive.recovered.nextMsn }, 'channel opened');
  return new Output(options, packager, archive, metrics);
}

/**
 * Ends a channel of which no output runs any more (its process died and nobody goes on): what is on disk becomes the
 * recording, with the profile and ladder that it was begun with. Safe to repeat; an ended channel is no error. null: nothing
 * was begun. Rejects with `ArchiveError` `no-beginning`, or with the file system's error.
 */
export async function finishRecording(
  options: Omit<ChannelOutputOptions, 'profile' | 'ladder' | 'windowMs'>,
): Promise<ChannelEnd | null> {
  const { archiveDir, channelId, clock, logger, metrics } = options;
  const begun = await begunWith(archiveDir, channelId);
  if (!begun) return null;
  const archive = await openChannelArchive({
    ...begun,
    archiveDir,
    channelId,
    logger,
    metrics: archiveMetrics(metrics),
    nowUnixMs: clock.nowUnixMs,
  });
  // Its tracks are not worth the recording: they are there, in order or not.
  const tracks = await finishTracks(archive.folder, channelId).catch((error: unknown) => {
    logger.error({ channelId, err: error }, 'tracks could not be put in order');
    return [];
  });
  for (const { file, byteLength } of tracks) archive.addTrackFile(file, byteLength);
  return { ...(await archive.end()), recordingPath: channelPaths.recording(channelId) };
}

class Output implements ChannelOutput {
  readonly channelId: string;
  readonly live: LiveSource;
  readonly #options: ChannelOutputOptions;
  readonly #packager: Packager;
  readonly #archive: ChannelArchive;
  readonly #metrics: OutputMetrics;
  readonly #inits = new Map<string, Uint8Array>();
  readonly #listeners = new Set<(changed: ReadonlySet<string>) => void>();
  readonly #loggedDrops = new Set<string>();
  readonly #tick: NodeJS.Timeout;
  readonly #monotonicMs: () => number;
  /** End of the newest sample on the epoch's timeline, and when it came. */
  #newest: { readonly endNs: number; readonly atMs: number } | undefined;
  #shedding: readonly ShedLoad[] = [];
  /** Of the recording, while it is waited for. */
  #boundary: Boundary | null = null;
  #published = false;
  #closed: Promise<void> | undefined;
  #end: Promise<ChannelEnd> | undefined;

  constructor(
    options: ChannelOutputOptions,
    packager: Packager,
    archive: ChannelArchive,
    metrics: OutputMetrics,
  ) {
    this.channelId = options.channelId;
    this.#options = options;
    this.#packager = packager;
    this.#archive = archive;
    this.#metrics = metrics;
    this.#monotonicMs = options.clock.monotonicMs ?? (() => performance.now());
    this.live = {
      profile: options.profile,
      windows: () => packager.windows,
      shedding: () => this.#shedding,
      init: (rendition, epoch) => this.#inits.get(`${rendition} ${epoch}`),
      subscribe: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
    this.#tick = setInterval(() => this.#onTick(), TICK_INTERVAL_MS);
    this.#tick.unref();
  }

  get recording(): Recording | null {
    return this.#archive.recording;
  }

  push(event: EncoderEvent): void {
    if (this.#closed) return;
    if (event.type === 'shedding') {
      this.#shedding = event.shed; // told with the next part
      return;
    }
    if (event.type === 'epoch') this.#newest = undefined;
    if (event.type === 'sample') {
      const endNs = Math.max(this.#newest?.endNs ?? 0, event.sample.ptsNs + event.sample.durationNs);
      if (Number.isFinite(endNs)) this.#newest = { endNs, atMs: this.#monotonicMs() };
    }
    this.#publish(this.#packager.push(event));
  }

  get held(): boolean {
    return this.#archive.held;
  }

  hold(): void {
    if (this.held || this.#closed || this.#packager.ended) return;
    this.#archive.turn(this.#nextMsn(0), true);
  }

  record(): Promise<void> {
    if (this.#closed || this.#packager.ended) return Promise.resolve();
    if (!this.held) return this.#boundary?.near ?? Promise.resolve();
    const { profile } = this.#options;
    // One that has its last part under way is too near: the picture could not follow in time.
    const fromMsn = this.#nextMsn(1);
    this.#archive.turn(fromMsn, false);
    this.#boundary = new Boundary({ fromMsn, profile });
    return this.#boundary.near;
  }

  /** The first segment that no rendition has opened, and none opens before `partsLeft` more parts of the one before it. */
  #nextMsn(partsLeft: number): number {
    const { partMs, segmentMs } = this.#options.profile;
    const parts = Math.round(segmentMs / partMs);
    const nexts = this.#packager.windows.map(({ next: { msn, part } }) => {
      if (part === 0 && partsLeft === 0) return msn;
      return part >= parts - partsLeft ? msn + 2 : msn + 1;
    });
    return Math.max(...nexts);
  }

  addTrackFile(file: string, byteLength: number | null): void {
    this.#archive.addTrackFile(file, byteLength);
  }

  end(tracks?: Promise<void>): Promise<ChannelEnd> {
    this.#end ??= this.#endOnce(tracks);
    return this.#end;
  }

  close(): Promise<void> {
    this.#closed ??= this.#closeOnce();
    return this.#closed;
  }

  status(): ChannelStatus {
    const { windows } = this.#packager;
    let lastMsn = -1;
    let edgeUnixMs: number | undefined;
    for (const { next, segments } of windows) {
      if (segments.length > 0) lastMsn = Math.max(lastMsn, next.msn - 1);
      const last = segments.at(-1);
      if (!last) continue;
      const endMs = last.parts.reduce((ms, part) => ms + part.durationMs, last.programDateTimeMs);
      edgeUnixMs = Math.max(edgeUnixMs ?? endMs, endMs);
    }
    const running = this.#published ? 'live' : 'waiting';
    return {
      channelId: this.channelId,
      state: this.#packager.ended ? 'ended' : running,
      epoch: this.#packager.epoch,
      lastMsn,
      edgeUnixMs,
      archiveQueueLength: this.#archive.queueLength,
      archiveFailingSinceUnixMs: this.#archive.failingSinceUnixMs,
    };
  }

  /** Stalled is what sends nothing. Neither slow encoders nor a wall clock that is set make gaps. */
  #onTick(): void {
    if (!this.#newest || this.#closed) return;
    const silentMs = this.#monotonicMs() - this.#newest.atMs;
    this.#publish(this.#packager.tick(this.#newest.endNs + silentMs * 1e6));
  }

  async #endOnce(tracks?: Promise<void>): Promise<ChannelEnd> {
    clearInterval(this.#tick);
    this.#boundary?.close();
    this.#publish(this.#packager.end());
    const summary = await this.#archive.end(tracks);
    this.#options.logger.info({ channelId: this.channelId, ...summary }, 'channel ended');
    return { ...summary, recordingPath: channelPaths.recording(this.channelId) };
  }

  async #closeOnce(): Promise<void> {
    clearInterval(this.#tick);
    this.#boundary?.close();
    if (!this.#packager.ended) this.#publish(this.#packager.flush());
    await (this.#end ?? this.#archive.drained());
  }

  #publish(events: readonly PackagerEvent[]): void {
    if (events.length === 0) return;
    const changed = new Set<string>();
    for (const event of events) this.#apply(event, changed);
    if (changed.size === 0) return;
    for (const listener of this.#listeners) listener(changed);
  }

  #apply(event: PackagerEvent, changed: Set<string>): void {
    switch (event.type) {
      case 'epoch':
        this.#archive.epochBegan(event.epoch);
        this.#metrics.epochs.inc();
        this.#options.logger.info({ channelId: this.channelId, epoch: event.epoch }, 'encoder epoch began');
        this.#loggedDrops.clear();
        this.#changeAll(changed);
        break;
      case 'init':
        this.#inits.set(`${event.rendition} ${event.epoch}`, event.data);
        this.#inits.delete(`${event.rendition} ${event.epoch - KEPT_EPOCHS}`);
        this.#archive.addInit(event);
        changed.add(event.rendition);
        break;
      case 'segment-opened':
        this.#archive.segmentOpened(event.segment);
        this.#boundary?.opened(event.segment.msn);
        break;
      case 'part':
        this.#published = true;
        this.#boundary?.cut(event.segment.msn, event.part.index);
        this.#archive.addPart(event.rendition, event.segment, event.part);
        this.#metrics.parts.inc({ kind: event.part.gap ? 'gap' : 'media' });
        changed.add(event.rendition);
        break;
      case 'segment-closed': {
        const { rendition, segment } = event;
        this.#archive.addSegment(
          rendition,
          segment,
          () => this.#packager.markArchived(rendition, segment.msn),
          () => this.#packager.markLost(rendition, segment.msn),
        );
        changed.add(rendition);
        break;
      }
      case 'ended':
        this.#changeAll(changed);
        break;
      case 'dropped':
        this.#dropped(event.track, event.reason);
        break;
    }
  }

  #changeAll(changed: Set<string>): void {
    for (const { rendition } of this.#packager.windows) changed.add(rendition.name);
  }

  #dropped(track: string, reason: string): void {
    this.#metrics.dropped.inc({ reason });
    const known = this.#packager.window(track) ? track : 'other';
    const key = `${known} ${reason}`;
    if (this.#loggedDrops.has(key)) return; // once an epoch says it; the metric counts
    this.#loggedDrops.add(key);
    this.#options.logger.warn({ channelId: this.channelId, track: known, reason }, 'encoder sample dropped');
  }
}
