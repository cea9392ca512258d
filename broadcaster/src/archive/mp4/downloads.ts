/**
 * Downloads of ended recordings: which are wanted, and what is there of them. Level-triggered: what is wanted is kept beside the
 * recording, and what a file was made of stands in it, so that any start goes on from the disk. One is made at a time.
 */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Id } from '@rostrum/contracts/ids';
import type { RecordingCut, RecordingDownload } from '@rostrum/contracts/recording';
import type { Logger } from '@rostrum/service-kit/logger';
import { DOWNLOADS_FOLDER, downloadName } from '../../download/names.ts';
import { nodeDisk } from '../disk.ts';
import { endOf } from '../ended.ts';
import { JOURNAL_NAME } from '../journal.ts';
import { keyOf, madeOf, unfinishedName } from './files.ts';
import { Maker } from './maker.ts';
import type { FailedReason } from './messages.ts';
import { hasRoom } from './room.ts';
import { readWanted, removeWanted, sameWanted, Wanted, writeWanted } from './wanted.ts';

export interface DownloadsOptions {
  readonly archiveDir: string;
  /** The disk is not filled beyond this share by them. */
  readonly maxUsedShare: number;
  readonly logger: Logger;
  /** What `state` says of a channel is another than before. */
  readonly onChange?: (channelId: string) => void;
  /** One is there whole. */
  readonly onMade?: (channelId: string) => void;
  /** How often it looks whether recordings have ended or are gone, and for room. Default: 5 s. */
  readonly lookIntervalMs?: number;
}

/** A file that is there whole. */
export interface Made {
  readonly channelId: string;
  readonly rendition: string;
  readonly path: string;
  /** What it was made of, hex. */
  readonly key: string;
  readonly bytes: number;
}

/** `deaths`: of processes that were to make it. */
type Item =
  | { readonly is: 'waiting'; readonly deaths: number }
  | { readonly is: 'making'; readonly deaths: number; readonly share: number }
  | { readonly is: 'ready'; readonly key: string; readonly bytes: number }
  | { readonly is: 'failed'; readonly reason: FailedReason; readonly needs: number };

interface Channel {
  wanted: Wanted;
  /** By rendition. */
  readonly items: Map<string, Item>;
}

const LOOK_INTERVAL_MS = 5000;
const MAX_DEATHS = 3;

export class Downloads {
  readonly #options: DownloadsOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #timer: NodeJS.Timeout;
  /** What changes files waits for what was asked before. */
  #turn: Promise<void>;
  #making: { readonly channelId: string; readonly maker: Maker } | null = null;
  #closed = false;
  /** How many channels were named in their turn. */
  #told = 0;

  constructor(options: DownloadsOptions) {
    this.#options = options;
    this.#turn = this.#find();
    this.#timer = setInterval(() => void this.look(), options.lookIntervalMs ?? LOOK_INTERVAL_MS);
    this.#timer.unref();
  }

  /**
   * What is wanted of a recording from now on, whole each time; nothing: what is there goes. Files that show what is cut are gone when
   * it resolves. Of a recording that is not here it does nothing. Rejects with the file system's error.
   */
  want(channelId: string, renditions: readonly string[], cuts: readonly RecordingCut[]): Promise<void> {
    const wanted = Wanted.parse({ renditions: [...new Set(renditions)], cuts });
    return this.#inTurn(async () => {
      const known = this.#channels.get(channelId);
      if (!known && wanted.renditions.length === 0) return;
      if (known && sameWanted(known.wanted, wanted)) return;
      await this.#stopMaking(channelId);
      const folder = this.#folder(channelId);
      if ((await endOf(join(folder, JOURNAL_NAME))) === null) return;
      await mkdir(join(folder, DOWNLOADS_FOLDER)).catch(unlessThere);
      await nodeDisk.syncFolder(folder);
      // First: what is removed before it is known to be unwanted would be made again after a crash.
      await writeWanted(folder, wanted);
      await this.#adopt(channelId, wanted);
    });
  }

  /** Empty: none is wanted. One that waits is `making` with nothing made. */
  state(channelId: string): RecordingDownload[] {
    const items = this.#channels.get(channelId)?.items ?? new Map<string, Item>();
    return [...items].map(([rendition, item]) => toldOf(rendition, item));
  }

  /** At most so many channels with what `state` says of them: those first that wait for something, the others in turn. */
  some(atMost: number): { channelId: string; files: RecordingDownload[] }[] {
    const told = [...this.#channels.keys()].map((channelId) => ({ channelId, files: this.state(channelId) }));
    const waits = told.filter(({ files }) => files.some(({ state }) => state === 'making')).slice(0, atMost);
    const others = told.filter((one) => !waits.includes(one));
    const from = others.length === 0 ? 0 : this.#told % others.length;
    const turn = [...others.slice(from), ...others.slice(0, from)].slice(0, atMost - waits.length);
    this.#told += turn.length;
    return [...waits, ...turn];
  }

  /** All that are there. */
  made(): Made[] {
    return [...this.#channels].flatMap(([channelId, { items }]) =>
      [...items].flatMap(([rendition, item]) => {
        const path = join(this.#folder(channelId), downloadName(rendition));
        return item.is === 'ready' ? [{ channelId, rendition, path, key: item.key, bytes: item.bytes }] : [];
      }),
    );
  }

  /** The recording is deleted, or is about to be: nothing reads or writes it when it resolves. */
  forget(channelId: string): Promise<void> {
    return this.#inTurn(async () => {
      await this.#stopMaking(channelId);
      if (this.#channels.delete(channelId)) this.#options.onChange?.(channelId);
    });
  }

  /** Looks for what can be made, now. Never rejects. */
  look(): Promise<void> {
    return this.#inTurn(() => this.#look()).catch((error: unknown) => {
      this.#options.logger.warn({ err: error }, 'downloads could not be looked after');
    });
  }

  /** What is being made is gone on with at the next start. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#making?.maker.stop();
    await this.#turn;
  }

  #folder(channelId: string): string {
    return join(this.#options.archiveDir, channelId);
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(() => (this.#closed ? undefined : work()));
    this.#turn = done.catch(() => undefined); // its caller is told
    return done;
  }

  /** What an earlier process was told. */
  async #find(): Promise<void> {
    const { archiveDir, logger } = this.#options;
    try {
      for (const name of await readdir(archiveDir)) {
        if (this.#closed) return;
        if (!Id.safeParse(name).success) continue;
        const wanted = await readWanted(this.#folder(name));
        if (wanted) await this.#adopt(name, wanted);
      }
    } catch (error) {
      logger.warn({ err: error }, 'downloads that are wanted could not be looked for');
    }
  }

  /** From what is on disk: what is there, and what is there no more. */
  async #adopt(channelId: string, wanted: Wanted): Promise<void> {
    const channel: Channel = { wanted, items: new Map() };
    for (const rendition of wanted.renditions) channel.items.set(rendition, { is: 'waiting', deaths: 0 });
    this.#channels.set(channelId, channel);
    const folder = this.#folder(channelId);
    const keys = new Map<string, Buffer>();
    for (const rendition of wanted.renditions) {
      keys.set(rendition, await keyOf(folder, rendition, wanted.cuts));
    }
    for (const name of await readdir(join(folder, DOWNLOADS_FOLDER))) {
      const rendition = /^([A-Za-z0-9_-]{1,32})\.mp4/.exec(name)?.[1];
      if (rendition === undefined) continue;
      const path = join(folder, DOWNLOADS_FOLDER, name);
      const key = keys.get(rendition);
      const whole = name === `${rendition}.mp4`;
      const made = whole ? await madeOf(path) : null;
      if (key && made && key.equals(made.key)) {
        channel.items.set(rendition, { is: 'ready', key: key.toString('hex'), bytes: made.bytes });
      } else if (whole || !key || join(DOWNLOADS_FOLDER, name) !== unfinishedName(rendition)) {
        await rm(path, { force: true });
      }
    }
    if (wanted.renditions.length === 0) {
      this.#channels.delete(channelId);
      await removeWanted(folder);
    }
    this.#options.onChange?.(channelId);
    await this.#next();
  }

  async #look(): Promise<void> {
    const { maxUsedShare, onChange } = this.#options;
    for (const [channelId, { items }] of this.#channels) {
      const folder = this.#folder(channelId);
      const gone = await stat(join(folder, JOURNAL_NAME)).then(
        () => false,
        ({ code }: NodeJS.ErrnoException) => code === 'ENOENT',
      );
      if (gone) {
        await this.#stopMaking(channelId);
        this.#channels.delete(channelId);
        onChange?.(channelId);
        continue;
      }
      for (const [rendition, item] of items) {
        if (item.is !== 'failed' || item.reason !== 'disk') continue;
        if (hasRoom(folder, item.needs, maxUsedShare)) items.set(rendition, { is: 'waiting', deaths: 0 });
      }
    }
    await this.#next();
  }

  /** Begins with the next one that can be made, unless one is. */
  async #next(): Promise<void> {
    if (this.#making || this.#closed) return;
    for (const [channelId, { items, wanted }] of this.#channels) {
      const waiting = [...items].find(([, item]) => item.is === 'waiting');
      if (!waiting) continue;
      const folder = this.#folder(channelId);
      if (typeof (await endOf(join(folder, JOURNAL_NAME))) !== 'number') continue;
      const [rendition, item] = waiting;
      const { cuts } = wanted;
      const key = await keyOf(folder, rendition, cuts);
      this.#make(channelId, rendition, key, item.is === 'waiting' ? item.deaths : 0);
      return;
    }
  }

  #make(channelId: string, rendition: string, key: Buffer, deaths: number): void {
    const { logger, maxUsedShare, onChange, onMade } = this.#options;
    const channel = this.#channels.get(channelId);
    if (!channel || this.#closed) return;
    const set = (item: Item): void => {
      // What is wanted may be another by now.
      if (this.#channels.get(channelId) !== channel) return;
      channel.items.set(rendition, item);
      onChange?.(channelId);
    };
    const order = {
      folder: this.#folder(channelId),
      rendition,
      cuts: channel.wanted.cuts,
      key,
      maxUsedShare,
    };
    const startMs = performance.now();
    const maker = new Maker(order, ({ bytes, ofBytes }) => {
      set({ is: 'making', deaths, share: ofBytes === 0 ? 0 : bytes / ofBytes });
    });
    set({ is: 'making', deaths, share: 0 });
    this.#making = { channelId, maker };
    void maker.outcome
      .then((outcome) => {
        this.#making = null;
        const about = { channelId, rendition };
        if (outcome.is === 'made') {
          const { bytes } = outcome;
          set({ is: 'ready', key: key.toString('hex'), bytes });
          onMade?.(channelId);
          logger.info({ ...about, bytes, ms: Math.round(performance.now() - startMs) }, 'a download is made');
        } else if (outcome.is === 'failed') {
          const { reason, message, needs } = outcome;
          set({ is: 'failed', reason, needs });
          logger.error({ ...about, reason }, `a download cannot be made: ${message}`);
        } else if (!this.#closed && this.#channels.get(channelId) === channel) {
          const again = deaths + 1 < MAX_DEATHS;
          set(again ? { is: 'waiting', deaths: deaths + 1 } : { is: 'failed', reason: 'internal', needs: 0 });
          logger.warn({ ...about, how: outcome.how, again }, 'what made a download is gone');
        }
        return this.#inTurn(() => this.#next());
      })
      .catch((error: unknown) =>
        logger.error({ err: error, channelId }, 'the next download cannot be begun'),
      );
  }

  async #stopMaking(channelId: string): Promise<void> {
    if (this.#making?.channelId !== channelId) return;
    // Its end is not to be taken for a death: what it was for is set anew by whoever stops it.
    this.#channels.delete(channelId);
    await this.#making.maker.stop();
  }
}

function toldOf(rendition: string, item: Item): RecordingDownload {
  switch (item.is) {
    case 'waiting':
      return { rendition, state: 'making', share: 0 };
    case 'making':
      return { rendition, state: 'making', share: item.share };
    case 'ready':
      return { rendition, state: 'ready', bytes: item.bytes, path: downloadName(rendition) };
    case 'failed':
      return { rendition, state: 'failed', reason: item.reason };
  }
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
