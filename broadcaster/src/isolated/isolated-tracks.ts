/**
 * The isolated tracks of one channel, seen from the broadcaster: a process that records them, started again when it dies. Neither
 * the picture nor the house hears of its death.
 */
import { RostrumError } from '@rostrum/contracts/errors';
import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import type { Logger } from '@rostrum/service-kit/logger';
import type { SourceLocal } from '../compositor/messages.ts';
import type { RecorderStats } from './messages.ts';
import { RecorderProcess } from './recorder-process.ts';
import { finishTracks, recoverTracks, type TrackFile } from './recovery.ts';

/** Longest waits before the next recorder, ms, when the last ones died young; half of each is chance. */
const RESTART_MS = [0, 250, 500, 1000, 2000, 5000, 10_000, 30_000] as const;
const LIVED_MS = 10_000;

export interface IsolatedTracksOptions {
  readonly channelId: string;
  /** The channel's, which is there. */
  readonly folder: string;
  readonly mediaIp: string;
  /** The programme's clock, Unix ms. */
  readonly nowUnixMs: () => number;
  readonly logger: Logger;
  /** A recorder was started anew: its sources are gone and have to be added again. */
  readonly onLost: () => void;
  /** A file of the tracks is on disk. May be told twice. */
  readonly onFile: (file: TrackFile) => void;
}

type State =
  /** Nothing was to be recorded yet. */
  | { readonly is: 'idle' }
  | { readonly is: 'recording'; readonly recorder: Promise<RecorderProcess>; readonly sinceMs: number }
  | { readonly is: 'waiting'; readonly timer: NodeJS.Timeout }
  | { readonly is: 'over' };

export class IsolatedTracks {
  readonly #options: IsolatedTracksOptions;
  #state: State = { is: 'idle' };
  #starts = 0;
  #deaths = 0;
  #stats: RecorderStats | null = null;
  #pid: number | undefined;
  #closed: Promise<void> | null = null;
  /** Of the recorder that runs. */
  readonly #sourceIds = new Set<string>();

  constructor(options: IsolatedTracksOptions) {
    this.#options = options;
  }

  /** Has a recorder run from now on, so that the first source does not wait for it. Idempotent. */
  start(): void {
    if (this.#state.is === 'idle') this.#state = this.#record();
  }

  /**
   * Adds or replaces a source; what its person sent before goes on as another take. @param name of the person, if it is known
   * @throws RostrumError `unavailable` while the recorder restarts, and for what it refuses
   */
  async add(source: BroadcastSource, name: string | null): Promise<SourceLocal & { readonly run: number }> {
    this.start();
    if (this.#state.is !== 'recording')
      throw new RostrumError('unavailable', 'the recorder of tracks restarts');
    const run = this.#starts;
    const recorder = await this.#state.recorder;
    const local = await recorder.request({ type: 'add', source, name });
    if (!local) throw new RostrumError('internal', 'the recorder of tracks gave no address');
    this.#sourceIds.add(source.sourceId);
    return { ...local, run };
  }

  async remove(sourceId: string): Promise<void> {
    this.#sourceIds.delete(sourceId);
    if (this.#state.is !== 'recording') return; // its sources went with it
    try {
      await (await this.#state.recorder).request({ type: 'remove', sourceId });
    } catch (error) {
      if (!(error instanceof RostrumError && error.code === 'unavailable')) throw error;
    }
  }

  /** For a coordinator that starts anew and knows of none of them. Never rejects: the programme does not hang on it. */
  async removeAll(): Promise<void> {
    for (const removed of await Promise.allSettled([...this.#sourceIds].map((id) => this.remove(id)))) {
      if (removed.status === 'rejected')
        this.#options.logger.warn({ err: removed.reason }, 'a source of tracks could not be removed');
    }
  }

  /** Closes what is recorded, and writes what editors read. Never rejects. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** For metrics. */
  status(): {
    readonly stats: RecorderStats | null;
    readonly pid: number | undefined;
    readonly starts: number;
  } {
    return { stats: this.#stats, pid: this.#pid, starts: this.#starts };
  }

  #record(): State {
    this.#starts += 1;
    this.#sourceIds.clear();
    const sinceMs = performance.now();
    const recorder = this.#launch(sinceMs);
    recorder
      .then(
        async (one) => {
          await one.started;
          const { channelId, logger } = this.#options;
          logger.info({ channelId, pid: one.pid, starts: this.#starts }, 'tracks are recorded');
          if (this.#starts > 1) this.#options.onLost();
        },
        (error: unknown) => this.#died(sinceMs, String(error)),
      )
      .catch(() => undefined); // told by onExit
    return { is: 'recording', recorder, sinceMs };
  }

  /** First what the one before left open is closed. */
  async #launch(sinceMs: number): Promise<RecorderProcess> {
    const { channelId, folder, mediaIp, nowUnixMs, logger, onFile } = this.#options;
    const { chunks } = await recoverTracks(folder);
    for (const { file, byteLength } of chunks) onFile({ file, byteLength });
    const one = new RecorderProcess(
      {
        type: 'start',
        channelId,
        folder,
        mediaIp,
        clockUnixMs: nowUnixMs(),
        clockAtNs: process.hrtime.bigint(),
      },
      {
        onChunk: (file, byteLength) => onFile({ file, byteLength }),
        onStats: (stats) => {
          this.#stats = stats;
        },
        onLog: (level, message, fields) => logger[level]({ channelId, ...fields }, message),
        onExit: (why) => this.#died(sinceMs, why),
      },
    );
    this.#pid = one.pid;
    return one;
  }

  #died(sinceMs: number, why: string): void {
    if (this.#state.is !== 'recording' || this.#state.sinceMs !== sinceMs) return;
    this.#pid = undefined;
    this.#stats = null;
    const livedMs = performance.now() - sinceMs;
    this.#deaths = livedMs > LIVED_MS ? 0 : this.#deaths + 1;
    const mostMs = RESTART_MS[Math.min(Math.max(0, this.#deaths - 1), RESTART_MS.length - 1)] ?? 30_000;
    const delayMs = Math.round(mostMs * (1 - Math.random() / 2));
    const { channelId, logger } = this.#options;
    logger.error({ channelId, why, livedMs: Math.round(livedMs), delayMs }, 'the recorder of tracks died');
    this.#state = {
      is: 'waiting',
      timer: setTimeout(() => {
        if (this.#state.is === 'waiting') this.#state = this.#record();
      }, delayMs),
    };
  }

  async #close(): Promise<void> {
    const state = this.#state;
    this.#state = { is: 'over' };
    const { folder, channelId, logger, onFile } = this.#options;
    try {
      if (state.is === 'waiting') clearTimeout(state.timer);
      if (state.is === 'recording') await (await state.recorder).stop();
      for (const file of await finishTracks(folder, channelId)) onFile(file);
    } catch (error) {
      logger.error(
        { channelId, err: error },
        'tracks could not be put in order: what was written of them is there',
      );
    }
  }
}
