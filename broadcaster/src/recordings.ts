/** What becomes of recordings beside the show: copies, posters, downloads, shapes, deletion, and room for more. Put together here. */
import { join } from 'node:path';
import { cloudFrontClient } from '@rostrum/cdn-config/cloudfront';
import {
  type ArchiveHealth,
  DOWNLOADS_A_BEAT,
  HELD_RECORDINGS_A_BEAT,
  type Heartbeat,
  OPEN_ARCHIVES_A_BEAT,
  SHAPES_A_BEAT,
} from '@rostrum/contracts/node-socket';
import type { PublishHealth } from '@rostrum/contracts/publishing';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { type CachePurge, cloudFrontCache, edgeCaches } from './archive/delete/caches.ts';
import { Deletions } from './archive/delete/deletions.ts';
import { type Tombstone, Tombstones } from './archive/delete/tombstones.ts';
import { nodeDisk } from './archive/disk.ts';
import { DiskWatch } from './archive/disk-watch.ts';
import { endOf } from './archive/ended.ts';
import { HeldRecordings } from './archive/held-recordings.ts';
import { JOURNAL_NAME } from './archive/journal.ts';
import { Downloads } from './archive/mp4/downloads.ts';
import { OpenArchives } from './archive/open-archives.ts';
import { Posters } from './archive/poster/posters.ts';
import { Publisher } from './archive/publish/publisher.ts';
import { type S3Place, s3Target } from './archive/publish/s3.ts';
import { s3LargeTarget } from './archive/publish/s3-large.ts';
import { ShapeCopies } from './archive/publish/shape-copies.ts';
import { TrackCopies } from './archive/publish/track-copies.ts';
import { tellExtras } from './archive/recording-files.ts';
import { Reserve } from './archive/reserve.ts';
import { removeOldestRecording } from './archive/retention.ts';
import { Shapes } from './archive/shapes.ts';
import { TrackErasures } from './isolated/erasures.ts';
import type { Settings } from './settings.ts';

/** What recordings need of the channels that write them. */
export interface ChannelsSide {
  has(channelId: string): boolean;
  /** Lets go of one for good: its files are about to be deleted. */
  release(channelId: string): Promise<void>;
  /** Runs a task while nothing else is done with the channel. */
  inTurn(channelId: string, task: () => Promise<void>): Promise<void>;
}

export interface RecordingsOptions {
  readonly settings: Settings;
  /** Not called before `begin`. */
  readonly channels: () => ChannelsSide;
  readonly nowUnixMs: () => number;
  readonly logger: Logger;
  readonly metrics: Registry;
}

export class Recordings {
  readonly reserve: Reserve;
  readonly openArchives = new OpenArchives();
  readonly shapes: Shapes;
  readonly downloads: Downloads;
  readonly deletions: Deletions;
  readonly #options: RecordingsOptions;
  readonly #held: HeldRecordings;
  readonly #posters: Posters;
  readonly #publisher: Publisher | null;
  readonly #copies: ShapeCopies | null;
  readonly #trackCopies: TrackCopies | null;
  readonly #erasures: TrackErasures;
  readonly #disk: DiskWatch;
  /** What an earlier process left to do was looked for. */
  #lookedThrough = false;

  /** Knows what is deleted before anything is served or copied. Rejects with the file system's error. */
  static async open(options: RecordingsOptions): Promise<Recordings> {
    return new Recordings(options, await new Tombstones(options.settings.archiveDir).read());
  }

  private constructor(options: RecordingsOptions, deleted: ReadonlyMap<string, Tombstone | null>) {
    const { settings, channels, nowUnixMs, logger, metrics } = options;
    const { archiveDir, s3 } = settings;
    this.#options = options;
    const reserve = new Reserve(archiveDir);
    this.reserve = reserve;
    const removeCopies = (channelId: string, signal: AbortSignal) => this.#removeCopies(channelId, signal);
    this.deletions = new Deletions(
      {
        archiveDir,
        removeCopies: s3 ? removeCopies : null,
        caches: cachesOf(settings),
        letGo: (channelId) => this.#letGo(channelId),
        withRoom: (work) => reserve.use(work),
        nowUnixMs,
        logger,
      },
      deleted,
    );
    this.#held = new HeldRecordings(archiveDir, () => performance.now());
    this.downloads = new Downloads({
      archiveDir,
      // Beyond it the crew is told that the disk is low: what is left is for shows.
      maxUsedShare: settings.diskThresholds.low,
      logger,
      onMade: (channelId) => this.#tellExtras(channelId),
    });
    this.shapes = new Shapes({
      archiveDir,
      logger,
      // Of what is for nobody there is nothing to download either.
      follow: (channelId, { published, downloads, cuts, erase }) => {
        // In its turn, which is after this one, or after the channel's end.
        if (erase.length > 0) this.#erasures.want(channelId);
        return this.downloads.want(channelId, published ? downloads : [], cuts);
      },
      changed: (channelId) => this.recorded(channelId),
    });
    this.#posters = new Posters({
      archiveDir,
      logger,
      inTurn: (channelId, task) => channels().inTurn(channelId, task),
      made: (channelId) => this.#wantCopies(channelId),
    });
    const publisher = s3
      ? new Publisher({
          archiveDir,
          target: s3Target(s3),
          large: s3LargeTarget(s3),
          nowUnixMs,
          isDeleted: this.isDeleted,
          logger,
          metrics,
        })
      : null;
    this.#publisher = publisher;
    const copying = (of: S3Place, into: Publisher) => ({
      archiveDir,
      target: s3Target(of),
      complete: (channelId: string) => into.has(channelId),
      logger,
    });
    this.#copies = s3 && publisher ? new ShapeCopies(copying(s3, publisher)) : null;
    this.#trackCopies = s3 && publisher ? new TrackCopies(copying(s3, publisher)) : null;
    this.#erasures = new TrackErasures({
      archiveDir,
      inTurn: (channelId, task) => channels().inTurn(channelId, task),
      withRoom: (work) => reserve.use(work),
      erased: (channelId) => {
        if (!this.isDeleted(channelId)) this.#trackCopies?.want(channelId);
      },
      logger,
    });
    this.#disk = new DiskWatch({
      folder: archiveDir,
      thresholds: settings.diskThresholds,
      ...(settings.removeOldestRecordings ? { removeOldest: () => this.#removeOldest() } : {}),
      // Where it does not fit it is tried at the next look; who needs it then finds none, and says so.
      whileThereIsRoom: () => reserve.keep().catch(() => undefined),
      logger,
      metrics,
    });
  }

  /** Looks at the disk, goes on with what an earlier process had begun, and finds what there is. */
  async begin(): Promise<void> {
    const { settings, logger } = this.#options;
    await this.#disk.look();
    this.deletions.resume();
    // Beside everything else: nobody waits for it.
    this.openArchives.find(settings.archiveDir, logger).catch((error: unknown) => {
      logger.warn({ err: error }, 'recordings without an end were not looked for');
    });
    this.shapes
      .find()
      .then(() => {
        // What a process that died had not copied or deleted is found by comparing.
        for (const channelId of this.shapes.all) {
          this.#wantCopies(channelId);
          this.#erasures.want(channelId);
        }
      })
      .catch((error: unknown) => {
        logger.warn({ err: error }, 'what recordings are to be was not looked for');
      })
      .finally(() => {
        this.#lookedThrough = true;
      });
  }

  readonly isDeleted = (channelId: string): boolean => this.deletions.has(channelId);

  readonly hasEnded = async (channelId: string): Promise<boolean> =>
    (await endOf(join(this.#options.settings.archiveDir, channelId, JOURNAL_NAME))) !== 'open';

  /** One has its end, or plays something else now. */
  readonly recorded = (channelId: string): void => {
    this.#wantCopies(channelId);
    void this.#posters.want(channelId);
  };

  get publishing(): { publishing: PublishHealth } | undefined {
    return this.#publisher ? { publishing: this.#publisher.health() } : undefined;
  }

  health(failingSinceUnixMs: number | null): ArchiveHealth {
    const { level, usedShare } = this.#disk.use;
    return { disk: level, usedShare, failingSinceUnixMs, ...this.publishing };
  }

  /** What a heartbeat says of recordings: some of them each time. */
  beat(): Pick<Heartbeat, 'openArchives' | 'heldRecordings' | 'shapes' | 'downloads'> {
    return {
      openArchives: this.openArchives.some(OPEN_ARCHIVES_A_BEAT, (id) => this.#options.channels().has(id)),
      heldRecordings: this.#held.some(HELD_RECORDINGS_A_BEAT, this.isDeleted),
      shapes: this.shapes.some(SHAPES_A_BEAT),
      downloads: this.downloads.some(DOWNLOADS_A_BEAT),
    };
  }

  /** Before the channels are: nothing is asked of them any more. */
  async stop(): Promise<void> {
    await this.deletions.close();
    await this.#posters.close();
  }

  /** After the channels. */
  async close(): Promise<void> {
    await this.#disk.close();
    await this.downloads.close();
    await this.#erasures.close();
    await this.#copies?.close();
    await this.#trackCopies?.close();
    await this.#publisher?.close();
  }

  /** Of what is deleted nothing goes up any more. */
  #wantCopies(channelId: string): void {
    if (!this.isDeleted(channelId)) this.#copies?.want(channelId);
  }

  /** First nothing goes up any more; then what is there goes. */
  async #removeCopies(channelId: string, signal: AbortSignal): Promise<void> {
    await this.#copies?.forget(channelId);
    await this.#trackCopies?.forget(channelId);
    await this.#publisher?.remove(channelId, signal);
  }

  async #letGo(channelId: string): Promise<void> {
    await this.#options.channels().release(channelId);
    this.shapes.gone(channelId);
    await this.downloads.forget(channelId);
  }

  async #removeOldest(): Promise<string | null> {
    const removed = await removeOldestRecording(this.#options.settings.archiveDir, (id) => !this.#mayGo(id));
    if (removed !== null) this.shapes.gone(removed);
    return removed;
  }

  /** With a bucket, what is not in it yet is nowhere else; nor what of it is to go from there. */
  #mayGo(channelId: string): boolean {
    if (!this.#lookedThrough || this.#options.channels().has(channelId)) return false;
    if (!(this.#publisher?.has(channelId) ?? true)) return false;
    return ![this.#copies, this.#trackCopies, this.#erasures].some((one) => one?.waits(channelId));
  }

  #tellExtras(channelId: string): void {
    const { settings, channels, logger } = this.#options;
    channels()
      .inTurn(channelId, () => tellExtras(nodeDisk, join(settings.archiveDir, channelId)))
      .then(() => this.#wantCopies(channelId))
      .catch((error: unknown) => logger.error({ err: error, channelId }, 'a download is not told of'));
  }
}

/** What is in front of the origin and keeps what was served. */
function cachesOf({ caches: { edges, cdnDistribution } }: Settings): CachePurge[] {
  return [
    ...(edges ? [edgeCaches(edges.urls, edges.secret)] : []),
    ...(cdnDistribution === undefined
      ? []
      : [cloudFrontCache(cloudFrontClient(process.env), cdnDistribution)]),
  ];
}
