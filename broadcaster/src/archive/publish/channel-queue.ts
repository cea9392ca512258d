/**
 * What of one channel is to go up: all that its journal says is on disk, in that order. The journal is the queue; how far it is
 * worked off is noted beside it, so that nothing of an hour without the bucket is held in memory.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@rostrum/service-kit/logger';
import { readTracks, stateOf, TRACKS_JOURNAL } from '../../isolated/journal.ts';
import { MULTIVARIANT_NAME, withMediaInPlace } from '../../packager/index.ts';
import { JOURNAL_NAME } from '../journal.ts';
import { ladderOf, profileOf } from '../older.ts';
import { readShape } from '../shape.ts';
import type { Gate, Turn } from './gate.ts';
import { type PlacedEntry, readEntries } from './journal-reader.ts';
import type { PublishMetrics } from './metrics.ts';
import { END, notePublished, type PublishedLine, publishedUpTo } from './published.ts';
import { RecordingCopy } from './recording-copy.ts';
import { StandardLive } from './standard-live.ts';
import type { PublishTarget } from './target.ts';
import { headersOf, kindOfFile, objectNames, objectOfFile, type WantedFile, wantedFileOf } from './wanted.ts';

export interface ChannelQueueOptions {
  readonly archiveDir: string;
  readonly channelId: string;
  readonly target: PublishTarget;
  readonly gate: Gate;
  /** Files that are read ahead. */
  readonly atOnce: number;
  readonly metrics: PublishMetrics;
  readonly logger: Logger;
  readonly nowUnixMs: () => number;
  /** Milliseconds that only ever go up. Default: `performance.now`. */
  readonly monotonicMs?: () => number;
}

/** Lines of the journal that were seen and are not worked off. */
export interface Behind {
  readonly segments: number;
  readonly bytes: number;
  /** Programme milliseconds between the newest that is on disk and the newest that is in the bucket. */
  readonly ms: number;
}

/** While it catches up, playlists go up only so often. */
const PLAYLIST_INTERVAL_MS = 2000;
/** A channel whose newest segment is older is not on the air. */
const LIVE_WITHIN_MS = 60_000;

export class ChannelQueue {
  readonly #options: ChannelQueueOptions;
  readonly #folder: string;
  readonly #journal: string;
  /** Bytes of the journal that were looked through, and that are worked off. */
  #seen = 0;
  #done = 0;
  #pending = { segments: 0, bytes: 0 };
  #newestSeenMs = 0;
  #newestDoneMs = 0;
  #ended = false;
  #stopped = false;
  #looking: Promise<boolean> | null = null;
  /** The last note may have been written in part. */
  #noteTorn = false;
  #live: StandardLive | null = null;
  #recording: RecordingCopy | null = null;
  /** Playlists without parts as they are in the bucket. */
  readonly #told = new Map<string, string>();
  #toldAtMs = Number.NEGATIVE_INFINITY;
  /** Nothing of the growing recording is in the bucket, since it is for nobody. */
  #withdrawn = false;
  /** Files of tracks that are known to be deleted. */
  #erased: ReadonlySet<string> = new Set();

  private constructor(options: ChannelQueueOptions) {
    this.#options = options;
    this.#folder = join(options.archiveDir, options.channelId);
    this.#journal = join(this.#folder, JOURNAL_NAME);
  }

  /** Reads how far it is. Rejects with the file system's error. */
  static async open(options: ChannelQueueOptions): Promise<ChannelQueue> {
    const queue = new ChannelQueue(options);
    const { at, ended } = await publishedUpTo(queue.#folder);
    queue.#ended = ended;
    if (ended) return queue;
    while (queue.#done < at) {
      const { entries, next } = await readEntries(queue.#journal, queue.#done);
      for (const one of entries) if (one.end <= at) await queue.#worked(one);
      queue.#done = Math.min(at, next);
    }
    queue.#seen = at;
    return queue;
  }

  /** All of it is in the bucket, and no more will come. */
  get ended(): boolean {
    return this.#ended;
  }

  get behind(): Behind {
    const ms = this.#pending.segments === 0 ? 0 : Math.max(0, this.#newestSeenMs - this.#newestDoneMs);
    return { ...this.#pending, ms };
  }

  /** What is still shown goes first; an old recording can wait. */
  get turn(): Turn {
    return this.#options.nowUnixMs() - this.#newestSeenMs < LIVE_WITHIN_MS ? 'live' : 'later';
  }

  /** Nothing goes up any more: `work` rejects at its next object. */
  stop(): void {
    this.#stopped = true;
  }

  /** Counts what the journal has more of. True: there is something to do. */
  async look(): Promise<boolean> {
    return (await this.#count()) || this.#recordingIsDue;
  }

  #count(): Promise<boolean> {
    this.#looking ??= this.#countNew().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  /** True: not all is worked off. */
  async #countNew(): Promise<boolean> {
    if (this.#ended) return false;
    const { size } = await stat(this.#journal);
    while (this.#seen < size) {
      const { entries, next } = await readEntries(this.#journal, this.#seen);
      if (next === this.#seen) break;
      for (const { entry } of entries) {
        if (entry.type !== 'segment') continue;
        const endMs = entry.programDateTimeMs + entry.durationMs;
        if (this.#newestDoneMs === 0) this.#newestDoneMs = entry.programDateTimeMs;
        this.#newestSeenMs = Math.max(this.#newestSeenMs, endMs);
        if (entry.file === undefined) continue;
        this.#pending.segments += 1;
        this.#pending.bytes += wantedFileOf(entry)?.byteLength ?? 0;
      }
      this.#seen = next;
    }
    return this.#done < this.#seen;
  }

  /** Puts what was seen, until nothing more is. Rejects when it is stopped, and with the file system's error. */
  async work(): Promise<void> {
    while (await this.#count()) {
      const read = await readEntries(this.#journal, this.#done);
      // What came since then is counted first.
      const entries = read.entries.filter(({ end }) => end <= this.#seen);
      const next = Math.min(read.next, this.#seen);
      for (let i = 0; i < entries.length; ) {
        const batch = batchOf(entries, i, this.#options.atOnce);
        await this.#put(batch);
        const last = batch.at(-1);
        if (last?.entry.type === 'end') {
          await this.#finish(last);
          return;
        }
        this.#done = last?.end ?? next;
        i += batch.length;
      }
      this.#done = next;
    }
    await this.#tellPlaylists();
    await this.#tellRecording();
  }

  async #put(batch: readonly PlacedEntry[]): Promise<void> {
    const lines = await Promise.all(
      batch.map(async ({ entry, end }): Promise<PublishedLine | null> => {
        const wanted = wantedFileOf(entry);
        return wanted && { at: end, name: wanted.file, ...(await this.#putFile(wanted)) };
      }),
    );
    await this.#note(lines.filter((line) => line !== null));
    for (const one of batch) await this.#worked(one);
    if (this.#nowMs() - this.#toldAtMs >= PLAYLIST_INTERVAL_MS) await this.#tellPlaylists();
    // Of an old one that is caught up with, once all is there: its end is near.
    if (this.turn === 'live') await this.#tellRecording();
  }

  /** Read within its turn: what waits holds no bytes. */
  #putFile(wanted: WantedFile): Promise<Pick<PublishedLine, 'byteLength' | 'md5'>> {
    const { channelId, gate } = this.#options;
    return gate.run(this.turn, async (signal) => {
      const bytes = await this.#read(wanted);
      if (!bytes) return { byteLength: 0 };
      const kind = kindOfFile(wanted.file);
      const md5 = await this.#send(kind, objectOfFile(channelId, wanted.file), bytes, signal);
      return { byteLength: bytes.byteLength, md5 };
    });
  }

  /** null: it is not what the journal says. What it says was written before it said so: it has been damaged since. */
  async #read({ file, byteLength }: WantedFile): Promise<Buffer | null> {
    const { channelId, logger, metrics } = this.#options;
    const bytes = await readFile(join(this.#folder, file)).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      await stat(this.#journal); // with it the whole folder is gone, or its disk
      return null;
    });
    if (bytes && (byteLength === null || bytes.byteLength === byteLength)) return bytes;
    if (!bytes && (await this.#isErased(file))) return null;
    metrics.damaged.inc();
    logger.error(
      { channelId, file, found: bytes?.byteLength ?? null, expected: byteLength },
      'a file of the recording is missing or damaged: it is left out of the bucket',
    );
    return null;
  }

  /** Of a track: deleted, since who is in it wishes that. */
  async #isErased(file: string): Promise<boolean> {
    if (kindOfFile(file) !== 'track') return false;
    if (!this.#erased.has(file))
      this.#erased = stateOf(await readTracks(join(this.#folder, TRACKS_JOURNAL))).erased;
    return this.#erased.has(file);
  }

  async #send(
    kind: Parameters<typeof headersOf>[0],
    name: string,
    bytes: Uint8Array,
    signal: AbortSignal,
  ): Promise<string> {
    const { target, metrics } = this.#options;
    if (this.#stopped) throw new Error('the recording is deleted');
    const startMs = performance.now();
    const md5 = await target.put({ name, bytes, ...headersOf(kind) }, signal);
    metrics.seconds.observe((performance.now() - startMs) / 1000);
    metrics.objects.inc({ kind: kind === 'media' || kind === 'track' ? kind : 'playlist' });
    metrics.bytes.inc(bytes.byteLength);
    return md5;
  }

  async #note(lines: readonly PublishedLine[]): Promise<void> {
    if (lines.length === 0) return;
    const torn = this.#noteTorn;
    this.#noteTorn = true;
    try {
      await notePublished(this.#folder, lines, torn);
      this.#noteTorn = false;
    } catch (error) {
      const { channelId, logger } = this.#options;
      logger.warn(
        { err: error, channelId },
        'what is in the bucket could not be noted: it goes up again after a restart',
      );
    }
  }

  async #worked({ entry }: PlacedEntry): Promise<void> {
    if (entry.type === 'channel') {
      const ladder = entry.ladder ?? (await ladderOf(this.#folder, entry, []));
      const { channelId } = this.#options;
      this.#live = new StandardLive(channelId, profileOf(entry), ladder);
      this.#recording = new RecordingCopy(channelId, profileOf(entry), ladder);
    }
    this.#live?.published(entry);
    this.#recording?.published(entry);
    if (entry.type !== 'segment') return;
    this.#newestDoneMs = Math.max(this.#newestDoneMs, entry.programDateTimeMs + entry.durationMs);
    if (entry.file === undefined || this.#pending.segments === 0) return;
    this.#pending.segments -= 1;
    this.#pending.bytes -= wantedFileOf(entry)?.byteLength ?? 0;
  }

  /** The end counts once its playlists are there: of the recording, and those without parts with their end. */
  async #finish({ end }: PlacedEntry): Promise<void> {
    const { channelId } = this.#options;
    await this.#tellPlaylists();
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.m3u8'));
    const last = (name: string): number => (name === MULTIVARIANT_NAME ? 1 : 0);
    // What was told while it grew is not for everybody any more where it has no file.
    const told = this.#recording?.tell(this.#nowMs()) ?? [];
    await this.#withdraw(told.flatMap(({ name }) => (names.includes(name) ? [] : [name])));
    for (const name of names.toSorted((a, b) => last(a) - last(b))) {
      const text = withMediaInPlace(await readFile(join(this.#folder, name), 'utf8'), channelId);
      await this.#putText('recording-playlist', objectNames.recording(channelId, name), text);
    }
    await this.#note([{ at: end, name: END, byteLength: 0 }]);
    this.#ended = true;
    this.#recording = null;
  }

  async #tellPlaylists(): Promise<void> {
    for (const { name, text } of this.#live?.playlists() ?? []) {
      if (this.#told.get(name) === text) continue;
      await this.#putText('playlist-at-once', objectNames.standard(this.#options.channelId, name), text);
      this.#told.set(name, text);
    }
    this.#toldAtMs = this.#nowMs();
  }

  get #recordingIsDue(): boolean {
    return !this.#ended && (this.#recording?.isDue(this.#nowMs()) ?? false);
  }

  /** As it is so far, under the names that it has at its end. */
  async #tellRecording(): Promise<void> {
    if (!this.#recordingIsDue) return;
    const told = this.#recording?.tell(this.#nowMs()) ?? [];
    const { published } = await readShape(this.#folder);
    if (!published && !this.#withdrawn) await this.#withdraw(told.map(({ name }) => name));
    this.#withdrawn = !published;
    if (!published) return;
    for (const { name, text } of told)
      await this.#putText('playlist-at-once', objectNames.recording(this.#options.channelId, name), text);
  }

  /** Takes playlists of the recording away, those that name others first. */
  async #withdraw(names: readonly string[]): Promise<void> {
    for (const name of names.toReversed()) {
      const object = objectNames.recording(this.#options.channelId, name);
      await this.#options.gate.run(this.turn, (signal) => this.#options.target.remove(object, signal));
    }
  }

  #nowMs(): number {
    return (this.#options.monotonicMs ?? (() => performance.now()))();
  }

  async #putText(kind: 'recording-playlist' | 'playlist-at-once', name: string, text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    await this.#options.gate.run(this.turn, (signal) => this.#send(kind, name, bytes, signal));
  }
}

/** So many lines from `from` on as have `most` files between them; an end alone. */
function batchOf(entries: readonly PlacedEntry[], from: number, most: number): PlacedEntry[] {
  const batch: PlacedEntry[] = [];
  for (let i = from, files = 0; i < entries.length && files < most; i += 1) {
    const one = entries[i];
    if (!one) break;
    if (one.entry.type === 'end') {
      if (batch.length === 0) batch.push(one);
      break;
    }
    batch.push(one);
    if (wantedFileOf(one.entry)) files += 1;
  }
  return batch;
}
