/**
 * Makes a new picture of a show: its isolated tracks and its scenes are played once more, in the time they took, through a compositor as
 * every channel has one, into a recording of its own.
 */
import { setMaxListeners } from 'node:events';
import { lchown, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LADDER, PROFILES } from '@rostrum/contracts/profile';
import type { Logger } from '@rostrum/service-kit/logger';
import { Registry } from 'prom-client';
import { nodeDisk } from '../../archive/disk.ts';
import { endOf } from '../../archive/ended.ts';
import { JOURNAL_NAME, readJournal } from '../../archive/journal.ts';
import { Channel } from '../../channels/channel.ts';
import { DEFAULT_CAP } from '../../compositor/guard/verdict.ts';
import { createChannelOutput } from '../../output/channel-output.ts';
import { readTracks, stateOf, TRACKS_FOLDER, TRACKS_JOURNAL } from '../journal.ts';
import { manifestOf } from '../manifest.ts';
import { readScenes } from '../scene-log.ts';
import { type PlayingChunk, playChunk } from './chunk-packets.ts';
import { type Plan, PlanError, type PlannedTake, planOf } from './plan.ts';
import { RtpOut } from './rtp-out.ts';

export interface RecomposeOptions {
  readonly archiveDir: string;
  readonly channelId: string;
  /** Ids or names of people who are left out. */
  readonly without: readonly string[];
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Now and then: how much of it is made. */
  readonly progress?: (doneMs: number, ofMs: number) => void;
}

export interface Recomposed {
  /** Of the new recording, whose folder lies beside the old one. */
  readonly channelId: string;
  readonly durationMs: number;
  /** Chunks that could not be read, and are missing in it. */
  readonly unread: number;
}

/** Before the first picture: a compositor that plays, and sources that are known to it. */
const LEAD_MS = 800;
/** So long before its first packet a source is told of, and a chunk opened. */
const AHEAD_MS = 500;
/** What is on its way through jitter buffers and encoders when the last packet is sent. */
const TAIL_MS = 1000;
const PROGRESS_MS = 5000;
/** Of a request to the compositor, which waits for seconds itself. */
const TRIES = 5;
const PAUSE_MS = 500;
/** Where the new recording lies until it is whole: ids have no dot, so that nobody takes it for one. */
const MAKING = '.recompose-';

/** @throws PlanError where it cannot be made, in words; what the disk or the compositor says otherwise */
export async function recompose(options: RecomposeOptions): Promise<Recomposed> {
  const { archiveDir, channelId, logger, signal } = options;
  // Everything that waits listens to it.
  setMaxListeners(0, signal);
  const folder = join(archiveDir, channelId);
  const end = await endOf(join(folder, JOURNAL_NAME));
  if (end === null) throw new PlanError(`there is no recording ${channelId}`);
  if (end === 'open') throw new PlanError(`${channelId} has not ended yet`);
  const manifest = manifestOf(channelId, stateOf(await readTracks(join(folder, TRACKS_JOURNAL))));
  const plan = planOf(manifest, await readScenes(folder), options.without);
  const profile = await profileOf(folder);
  const id = await freeId(archiveDir, channelId);
  const making = await mkdtemp(join(archiveDir, MAKING));
  const clock = { nowUnixMs: () => performance.timeOrigin + performance.now() };
  try {
    const output = await createChannelOutput({
      channelId: id,
      profile,
      ladder: LADDER,
      archiveDir: making,
      clock,
      logger,
      metrics: new Registry(),
    });
    const [first] = plan.scenes;
    if (!first) throw new PlanError('its scenes were not kept beside its tracks');
    const sources = new Set<RtpOut>();
    /** A compositor was lost: the next one is told of what plays now. Pictures come with their next key frame. */
    const again = (): Promise<unknown> =>
      Promise.allSettled(
        [...sources].map(async (out) => out.sendTo((await channel.addSource(out.source)).local)),
      );
    const channel = new Channel({
      channelId: id,
      profile,
      scene: first.scene,
      output,
      folder: join(making, id),
      mediaIp: '127.0.0.1',
      pictureCap: DEFAULT_CAP,
      clock,
      logger,
      onEpoch: () => void again(),
      onFailed: (message) => logger.error({ message }, 'the compositor dies again and again'),
      onTracksLost: () => undefined,
    });
    let unread: number;
    try {
      await channel.started();
      unread = await play(plan, channel, { ...options, sources, tracks: join(folder, TRACKS_FOLDER) });
      signal.throwIfAborted();
    } catch (error) {
      await channel.close();
      throw error;
    }
    const { durationMs } = await channel.end();
    await giveTo(archiveDir, join(making, id));
    await rename(join(making, id), join(archiveDir, id));
    await nodeDisk.syncFolder(archiveDir);
    return { channelId: id, durationMs, unread };
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

interface PlayOptions extends Pick<RecomposeOptions, 'logger' | 'signal' | 'progress'> {
  /** Where the manifest's paths begin. */
  readonly tracks: string;
  /** What plays now. */
  readonly sources: Set<RtpOut>;
}

/** @returns how many chunks could not be read */
async function play(plan: Plan, channel: Channel, options: PlayOptions): Promise<number> {
  const { signal, progress } = options;
  const zeroMs = performance.now() + LEAD_MS;
  const msUntil = (atMs: number): number => Math.max(0, zeroMs + atMs - performance.now());
  const until = (atMs: number): Promise<void> => sleep(msUntil(atMs), undefined, { signal });
  const doneMs = (): number => Math.min(plan.durationMs, Math.max(0, performance.now() - zeroMs));
  const telling = setInterval(() => progress?.(doneMs(), plan.durationMs), PROGRESS_MS);
  try {
    const scenes = async (): Promise<number> => {
      for (const { atMs, scene } of plan.scenes) {
        await until(atMs);
        await steadily(() => channel.setScene(scene), options);
      }
      return 0;
    };
    const unread = await Promise.all([
      scenes(),
      ...plan.takes.map((take, i) =>
        playTake(take, {
          lastMs: plan.durationMs,
          channel,
          ssrc: 1000 + 10 * i,
          zeroMs,
          msUntil,
          until,
          ...options,
        }),
      ),
    ]);
    await until(plan.durationMs + TAIL_MS);
    return unread.reduce((sum, n) => sum + n, 0);
  } finally {
    clearInterval(telling);
  }
}

/** A compositor on a machine that is slow may take longer to answer than it is waited for: it is asked again. */
async function steadily<T>(
  ask: () => Promise<T>,
  { signal, logger }: Pick<PlayOptions, 'signal' | 'logger'>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    signal.throwIfAborted();
    try {
      return await ask();
    } catch (error) {
      if (tries === TRIES) throw error;
      logger.warn({ err: error }, 'the compositor did not answer, and is asked again');
      await sleep(PAUSE_MS, undefined, { signal });
    }
  }
}

/** @returns how many of its chunks could not be read */
async function playTake(
  take: PlannedTake,
  at: PlayOptions & {
    readonly channel: Channel;
    readonly ssrc: number;
    readonly zeroMs: number;
    /** When the show ends. */
    readonly lastMs: number;
    readonly msUntil: (atMs: number) => number;
    readonly until: (atMs: number) => Promise<void>;
  },
): Promise<number> {
  const { channel, ssrc, zeroMs, lastMs, msUntil, until, tracks, sources, logger, signal } = at;
  const { personId, source, codec, fromMs } = take;
  await until(fromMs - AHEAD_MS);
  const out = await RtpOut.open(
    { sourceId: `take-${ssrc}`, personId, source, codec, ssrc },
    performance.timeOrigin + zeroMs + fromMs,
  );
  /** @returns 1 where it could not be read */
  const playOne = async (chunk: PlannedTake['chunks'][number]): Promise<number> => {
    await until(chunk.fromMs - AHEAD_MS);
    let playing: PlayingChunk | null = null;
    const stop = (): void => void playing?.stop();
    signal.addEventListener('abort', stop);
    try {
      playing = await playChunk(join(tracks, chunk.file), codec, msUntil(chunk.fromMs), (packet) =>
        out.packet(packet, chunk.fromMs - fromMs),
      );
      await playing.ended;
      return 0;
    } catch (error) {
      logger.warn({ err: error, chunk: chunk.file }, 'a chunk could not be read');
      return 1;
    } finally {
      signal.removeEventListener('abort', stop);
      await playing?.stop();
    }
  };
  try {
    sources.add(out);
    // While it is on its way, so are the packets.
    const adding = steadily(() => channel.addSource(out.source), at).then(({ local }) => out.sendTo(local));
    const [, ...unread] = await Promise.all([adding, ...take.chunks.map(playOne)]);
    await until(take.toMs);
    return unread.reduce((sum, n) => sum + n, 0);
  } finally {
    sources.delete(out);
    out.close();
    // Whoever has gone has their card, as in the show itself; of its end the last picture stays.
    if (take.toMs < lastMs - TAIL_MS) await channel.removeSource(out.source.sourceId).catch(() => undefined);
  }
}

/** Where root made it, it belongs to whom the archive belongs to, who may want to delete it. */
async function giveTo(archiveDir: string, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(archiveDir);
  const all = await readdir(folder, { recursive: true });
  await Promise.all([folder, ...all.map((name) => join(folder, name))].map((path) => lchown(path, uid, gid)));
}

/** That of the show. */
async function profileOf(folder: string) {
  const { entries } = await readJournal(join(folder, JOURNAL_NAME));
  const began = entries.find((entry) => entry.type === 'channel');
  const profile = Object.values(PROFILES).find(({ name }) => name === began?.profile);
  if (!profile) throw new PlanError(`its profile is not known: ${began?.profile}`);
  return profile;
}

/** `<id>-re<n>`, the first that there is not. */
async function freeId(archiveDir: string, channelId: string): Promise<string> {
  for (let n = 1; ; n += 1) {
    const id = `${channelId}-re${n}`;
    if (id.length > 64) throw new PlanError(`${id} is too long for a recording's name`);
    if ((await stat(join(archiveDir, id)).catch(() => null)) === null) return id;
  }
}
