/** All channels of this broadcaster, and what the coordinator may ask of them. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RostrumError } from '@rostrum/contracts/errors';
import { mediaUrls } from '@rostrum/contracts/media-urls';
import type { BroadcasterInput, BroadcasterOutput, NodeNotice } from '@rostrum/contracts/node-socket';
import { LADDER, PROFILES } from '@rostrum/contracts/profile';
import type { RecordingShape } from '@rostrum/contracts/recording';
import type { Scene } from '@rostrum/contracts/scene';
import { KeyedQueue } from '@rostrum/service-kit/keyed-queue';
import type { Logger } from '@rostrum/service-kit/logger';
import type { Registry } from 'prom-client';
import { ArchiveError } from '../archive/index.ts';
import type { OpenArchives } from '../archive/open-archives.ts';
import type { Reserve } from '../archive/reserve.ts';
import type { Shapes } from '../archive/shapes.ts';
import type { PictureCap } from '../compositor/guard/verdict.ts';
import type { Origin } from '../origin/interface.ts';
import { ChannelOutputError, createChannelOutput, finishRecording } from '../output/channel-output.ts';
import type { ChannelEnd, ChannelOutputOptions, Clock } from '../output/interface.ts';
import { Channel } from './channel.ts';

/** An ended channel's live playlist stays up this long for players that poll it. */
const ENDED_KEPT_MS = 600_000;

export interface ChannelsOptions {
  readonly origin: Origin;
  readonly archiveDir: string;
  readonly reserve: Pick<Reserve, 'use'>;
  readonly openArchives: Pick<OpenArchives, 'begun' | 'ended'>;
  /** Channels that do not come back. */
  readonly isDeleted: (channelId: string) => boolean;
  readonly shapes: Pick<Shapes, 'begun' | 'over' | 'set'>;
  /** Base URL of the origin as viewers reach it, without a slash at its end. */
  readonly originUrl: () => string;
  readonly mediaIp: string;
  readonly pictureCap: PictureCap;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Registry;
  readonly tell: (notice: NodeNotice) => void;
  /** A channel ended, and its recording is there. Also when that is asked again. */
  readonly recorded?: (channelId: string) => void;
  /** How many channels more there is room for. */
  readonly room: () => number;
}

export class Channels {
  readonly #options: ChannelsOptions;
  readonly #channels = new Map<string, Channel>();
  /** Starts and ends of one channel, one after the other. */
  readonly #turns = new KeyedQueue();
  readonly #removals = new Set<NodeJS.Timeout>();
  #closed = false;

  constructor(options: ChannelsOptions) {
    this.#options = options;
  }

  /** Channels that are live. */
  get live(): Channel[] {
    return [...this.#channels.values()].filter((channel) => !channel.ended);
  }

  /** Some channel's recording, running or ended, cannot be written since then, Unix ms; null: all can. */
  get archiveFailingSinceUnixMs(): number | null {
    const since = [...this.#channels.values()].flatMap(
      (c) => c.output.status().archiveFailingSinceUnixMs ?? [],
    );
    return since.length === 0 ? null : Math.min(...since);
  }

  /** Is it here, running or shown for a while after its end? */
  has(channelId: string): boolean {
    return this.#channels.has(channelId);
  }

  /**
   * Starts a channel, or gives the running one this scene and takes its sources away. @throws RostrumError `conflict` for an
   * ended channel, `limit-reached` for a new one that there is no room for
   */
  start(
    input: BroadcasterInput<'channel.start'> & { scene: Scene },
  ): Promise<BroadcasterOutput<'channel.start'>> {
    const { channelId, scene } = input;
    return this.#turns.run(channelId, async () => {
      const playlistUrl = mediaUrls(this.#options.originUrl()).live(channelId);
      if (this.#options.isDeleted(channelId)) throw new RostrumError('conflict', 'the channel was deleted');
      const known = this.#channels.get(channelId);
      if (known?.ended) throw new RostrumError('conflict', 'the channel has ended');
      if (known) {
        if (known.profile.name !== input.profile) {
          throw new RostrumError('conflict', `the channel runs with profile ${known.profile.name}`);
        }
        await Promise.all([known.removeSources(), known.tracks.removeAll()]);
        if (input.hold) known.output.hold();
        else await known.output.record();
        if (input.tracks) known.tracks.start();
        await Promise.all([known.setScene(scene), known.setBed(input.hold?.bed ?? false)]);
        return { playlistUrl };
      }
      if (this.#closed) throw new RostrumError('unavailable', 'the broadcaster stops');
      await this.#refuseWithoutRoom(channelId);
      await this.#options.shapes.begun(channelId);
      const output = await this.#options.reserve
        .use(() =>
          createChannelOutput({
            ...this.#outputOptions(channelId, input.profile),
            held: input.hold !== undefined,
          }),
        )
        .catch(refused);
      const { mediaIp, pictureCap, clock, logger, tell, origin } = this.#options;
      const channel = new Channel({
        channelId,
        profile: PROFILES[input.profile],
        scene,
        bed: input.hold?.bed ?? false,
        output,
        folder: join(this.#options.archiveDir, channelId),
        mediaIp,
        pictureCap,
        clock,
        logger,
        onEpoch: (epoch) => tell({ type: 'channel.epoch', channelId, epoch }),
        onFailed: (message) => tell({ type: 'channel.failed', channelId, message }),
        onTracksLost: () => tell({ type: 'channel.tracksLost', channelId }),
      });
      if (input.tracks) channel.tracks.start();
      this.#channels.set(channelId, channel);
      this.#options.openArchives.begun(channelId);
      origin.addChannel(output);
      try {
        await channel.started();
      } catch (error) {
        // The supervisor goes on trying; the coordinator hears of the epoch when one plays.
        logger.warn({ channelId, err: error }, 'the first compositor did not start');
      }
      return { playlistUrl };
    });
  }

  /** A show that was on is continued whatever the machine has left: to refuse it would be to end it. */
  async #refuseWithoutRoom(channelId: string): Promise<void> {
    if (this.#options.room() > 0 || (await this.#begunBefore(channelId))) return;
    const n = this.live.length;
    throw new RostrumError(
      'limit-reached',
      `this broadcaster carries ${n} ${n === 1 ? 'channel' : 'channels'}, its machine has room for no more`,
    );
  }

  async #begunBefore(channelId: string): Promise<boolean> {
    const folder = await stat(join(this.#options.archiveDir, channelId)).catch(() => null);
    return folder !== null;
  }

  /** @throws RostrumError `not-found` */
  get(channelId: string): Channel {
    const channel = this.#channels.get(channelId);
    if (!channel || channel.ended) throw new RostrumError('not-found', `no channel ${channelId}`);
    return channel;
  }

  /** Stops a channel without ending it: it can be continued, here or elsewhere. Idempotent. */
  stop(channelId: string): Promise<void> {
    return this.#turns.run(channelId, async () => {
      const channel = this.#channels.get(channelId);
      if (!channel || channel.ended) return;
      this.#channels.delete(channelId);
      this.#options.origin.removeChannel(channelId);
      this.#options.shapes.over(channelId);
      await channel.close();
    });
  }

  /** Lets go of a channel in whatever state it is, for good: its files are about to be deleted. Idempotent. */
  release(channelId: string): Promise<void> {
    return this.#turns.run(channelId, async () => {
      const channel = this.#channels.get(channelId);
      this.#channels.delete(channelId);
      this.#options.openArchives.ended(channelId);
      this.#options.origin.removeChannel(channelId);
      await channel?.close();
    });
  }

  /** Ends a channel; also one whose process died and that nobody continued: then what is on disk is the recording. */
  end(channelId: string): Promise<BroadcasterOutput<'channel.end'>> {
    return this.#turns.run(channelId, async () => {
      if (this.#options.isDeleted(channelId)) return { recordingUrl: null };
      const known = this.#channels.get(channelId);
      const end = known ? await this.#endLive(known) : await this.#endLeft(channelId);
      this.#options.shapes.over(channelId);
      this.#options.openArchives.ended(channelId);
      if (end === null || end.segmentCount === 0) return { recordingUrl: null };
      this.#options.recorded?.(channelId);
      const { recordingPath, durationMs } = end;
      return { recordingUrl: `${this.#options.originUrl()}${recordingPath}`, durationMs };
    });
  }

  /** What a recording is to be, running or ended. Resolves with the revision that holds. @throws RostrumError `not-found` */
  shape(channelId: string, shape: RecordingShape): Promise<number> {
    const { reserve, shapes } = this.#options;
    // On a disk that is full too: what is taken back from everybody must not wait for room.
    return this.#turns.run(channelId, () => reserve.use(() => shapes.set(channelId, shape)));
  }

  /** Runs a task on what is on disk of a channel, while nothing else is done with it. */
  inTurn(channelId: string, task: () => Promise<void>): Promise<void> {
    return this.#turns.run(channelId, task);
  }

  /** Stops all without ending them. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#removals) clearTimeout(timer);
    await this.#turns.settled();
    await Promise.all([...this.#channels.values()].map((channel) => channel.close()));
  }

  async #endLive(channel: Channel): Promise<ChannelEnd> {
    const first = !channel.ended;
    const end = await channel.end();
    if (first) {
      const { channelId } = channel;
      const timer = setTimeout(() => {
        this.#removals.delete(timer);
        this.#options.origin.removeChannel(channelId);
        this.#channels.delete(channelId);
        channel.close().catch((error: unknown) => {
          this.#options.logger.warn({ channelId, err: error }, 'an ended channel did not close');
        });
      }, ENDED_KEPT_MS);
      timer.unref();
      this.#removals.add(timer);
    }
    return end;
  }

  async #endLeft(channelId: string): Promise<ChannelEnd | null> {
    if (!(await this.#begunBefore(channelId))) return null;
    const { archiveDir, clock, logger, metrics } = this.#options;
    return this.#options.reserve.use(() =>
      finishRecording({ channelId, archiveDir, clock, logger, metrics }),
    );
  }

  #outputOptions(channelId: string, profile: keyof typeof PROFILES): ChannelOutputOptions {
    const { archiveDir, clock, logger, metrics } = this.#options;
    return { channelId, profile: PROFILES[profile], ladder: LADDER, archiveDir, clock, logger, metrics };
  }
}

/** What the output refuses, in the words of the contract. */
function refused(error: unknown): never {
  if (error instanceof ChannelOutputError) {
    const code = error.code === 'channel-ended' ? 'conflict' : 'bad-input';
    throw new RostrumError(code, error.message, { cause: error });
  }
  if (error instanceof ArchiveError && error.code === 'channel-mismatch') {
    throw new RostrumError('conflict', error.message, { cause: error });
  }
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (['ENOSPC', 'EROFS', 'EIO', 'EDQUOT'].includes(code)) {
    throw new RostrumError('unavailable', `the disk of the recordings takes nothing: ${code}`, {
      cause: error,
    });
  }
  throw error;
}
