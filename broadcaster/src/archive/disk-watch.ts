/** Looks every few seconds at how full the archive's file system is; the show goes on whatever it finds. */
import { statfs } from 'node:fs/promises';
import type { Logger } from '@rostrum/service-kit/logger';
import { Gauge, type Registry } from 'prom-client';
import { type DiskLevel, type DiskThresholds, nextLevel, usedShareOf } from './disk-level.ts';
import { counter } from './metrics.ts';

const LOOK_INTERVAL_MS = 5000;

export interface DiskWatchOptions {
  readonly folder: string;
  readonly thresholds: DiskThresholds;
  /** Makes room at `full`, one recording at a time; resolves with its id, with null when there is none to remove. Absent: never. */
  readonly removeOldest?: () => Promise<string | null>;
  /** Called at each look at a disk that is not full. */
  readonly whileThereIsRoom?: () => Promise<void>;
  readonly logger: Logger;
  readonly metrics: Registry;
}

export interface DiskUse {
  readonly level: DiskLevel;
  readonly usedShare: number;
}

export class DiskWatch {
  readonly #options: DiskWatchOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #removed: { inc(): void };
  #use: DiskUse = { level: 'ample', usedShare: 0 };
  #looking: Promise<void> | null = null;
  #unreadable = false;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
    const use = (): DiskUse => this.#use;
    new Gauge({
      name: 'rostrum_archive_disk_used_ratio',
      help: "Used share of the archive's file system, of what is usable",
      registers: [options.metrics],
      collect() {
        this.set(use().usedShare);
      },
    });
    new Gauge({
      name: 'rostrum_archive_disk_level',
      help: '0: ample, 1: low, 2: full',
      registers: [options.metrics],
      collect() {
        this.set(['ample', 'low', 'full'].indexOf(use().level));
      },
    });
    this.#removed = counter(options.metrics, {
      name: 'rostrum_archive_removed_recordings_total',
      help: 'Finished recordings that were removed because the disk was full',
      labelNames: [],
    });
    this.#timer = setInterval(() => void this.look(), LOOK_INTERVAL_MS);
    this.#timer.unref();
  }

  get use(): DiskUse {
    return this.#use;
  }

  /** Looks now. Never rejects; a disk that does not answer is waited for, once. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { folder, logger, removeOldest } = this.#options;
    try {
      await this.#measure();
      while (removeOldest && this.#use.level === 'full') {
        const channelId = await removeOldest();
        if (channelId === null) break;
        this.#removed.inc();
        logger.warn({ channelId }, 'the disk is full: the oldest recording was removed');
        await this.#measure();
      }
      if (this.#use.level !== 'full') await this.#options.whileThereIsRoom?.();
      this.#unreadable = false;
    } catch (error) {
      if (!this.#unreadable)
        logger.error({ err: error, folder }, 'the disk of the archive cannot be looked at');
      this.#unreadable = true;
    }
  }

  async #measure(): Promise<void> {
    const { folder, thresholds, logger } = this.#options;
    const usedShare = usedShareOf(await statfs(folder));
    const level = nextLevel(this.#use.level, usedShare, thresholds);
    if (level !== this.#use.level) {
      const say = { ample: 'info', low: 'warn', full: 'error' } as const;
      logger[say[level]]({ folder, usedShare, was: this.#use.level }, `the archive's disk is ${level}`);
    }
    this.#use = { level, usedShare };
  }
}
