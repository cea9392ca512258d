/** Divides a track into chunks, and those into clusters. Pure: times come with the frames. */
import type { BroadcastSource } from '@rostrum/contracts/node-socket';
import { opusDurationMs } from './depacketise/opus.ts';
import { type Block, type ChunkFormat, CLUSTER_MOST_MS, cluster } from './matroska.ts';
import { type Placed, SILENCE_MS } from './track-clock.ts';

/** A chunk of sound ends here. One of pictures ends with the key frame that comes after it, which is asked for then, */
export const CHUNK_MS = 30_000;
/** or with one that came by itself from here on. */
const CHUNK_LEAST_MS = 20_000;
/** What a process that is killed loses. */
const CLUSTER_MS = 1000;
const CLUSTER_BYTES = 1024 * 1024;
/** A track that is silent for so long begins a chunk when it is heard again. */
export const IDLE_MS = 10_000;
/** How long a last picture is shown, at most. */
const LAST_PICTURE_MS = 1000;

export type Step =
  | { readonly is: 'open'; readonly format: ChunkFormat; readonly fromMs: number; readonly newTake: boolean }
  | { readonly is: 'cluster'; readonly bytes: Buffer }
  | { readonly is: 'close'; readonly toMs: number; readonly frames: number };

interface Open {
  readonly format: ChunkFormat;
  readonly fromMs: number;
  readonly newTake: boolean;
  blocks: Block[];
  bytes: number;
  frames: number;
  /** Unix ms of the last frame, and of how long it is shown or heard as far as is known. */
  lastMs: number;
  lastForMs: number;
}

export class Chunker {
  readonly #codec: BroadcastSource['codec'];
  #open: Open | null = null;
  /** Whether the next chunk is the first of a take. */
  #newTake = true;

  constructor(codec: BroadcastSource['codec']) {
    this.#codec = codec;
  }

  /** Whether it is time for a key frame of pictures. */
  wantsKey(nowMs: number): boolean {
    if (this.#codec === 'OPUS') return false;
    return this.#open === null || nowMs - this.#open.fromMs >= CHUNK_MS;
  }

  take(placed: Placed): Step[] {
    const { frame } = placed;
    const steps: Step[] = [];
    if (placed.newClock && this.#open) steps.push(...this.finish());
    this.#newTake ||= placed.newClock;
    // Frames that the line was laid on between may come out a hair too early.
    const atMs = Math.max(placed.atMs, this.#open?.lastMs ?? placed.atMs);
    if (this.#open && this.#isOver(placed, atMs)) steps.push(...this.#close(atMs));
    if (!this.#open) {
      if (!frame.key) return steps; // of pictures that nobody can decode
      const { size, codecPrivate } = frame;
      const format = { codec: this.#codec, size, codecPrivate };
      const begun = { format, fromMs: atMs, newTake: this.#newTake };
      this.#open = { ...begun, blocks: [], bytes: 0, frames: 0, lastMs: atMs, lastForMs: 0 };
      steps.push({ is: 'open', ...begun });
      this.#newTake = false;
    }
    steps.push(...this.#add(this.#open, placed, atMs));
    return steps;
  }

  /** Nothing came for a while: what is held is given out, and a chunk that nothing follows is closed. */
  idle(nowMs: number): Step[] {
    if (!this.#open) return [];
    const silentMs = nowMs - this.#open.lastMs;
    if (silentMs >= IDLE_MS) return this.finish();
    return silentMs >= CLUSTER_MS ? this.#flush(this.#open) : [];
  }

  finish(): Step[] {
    return this.#close(null);
  }

  /** What is open is lost: its file could not be written. */
  abandon(): void {
    this.#newTake ||= this.#open?.newTake ?? false;
    this.#open = null;
  }

  #isOver({ frame }: Placed, atMs: number): boolean {
    const open = this.#open;
    if (!open || !frame.key) return false;
    const ageMs = atMs - open.fromMs;
    if (this.#codec === 'OPUS') return ageMs >= CHUNK_MS;
    const same =
      frame.size?.width === open.format.size?.width &&
      frame.size?.height === open.format.size?.height &&
      (frame.codecPrivate === open.format.codecPrivate ||
        (frame.codecPrivate !== null && open.format.codecPrivate?.equals(frame.codecPrivate) === true));
    return !same || ageMs >= CHUNK_LEAST_MS;
  }

  #add(open: Open, { frame }: Placed, atMs: number): Step[] {
    const first = open.blocks[0];
    const clusterMs = first ? atMs - open.fromMs - first.atMs : 0;
    const full = clusterMs >= CLUSTER_MS || open.bytes >= CLUSTER_BYTES || clusterMs >= CLUSTER_MOST_MS;
    const steps = full ? this.#flush(open) : [];
    open.lastForMs =
      this.#codec === 'OPUS'
        ? opusDurationMs(frame.data)
        : Math.min(LAST_PICTURE_MS, open.frames === 0 ? 0 : atMs - open.lastMs);
    open.blocks.push({ atMs: atMs - open.fromMs, key: frame.key, data: frame.data });
    open.bytes += frame.data.byteLength;
    open.frames += 1;
    open.lastMs = atMs;
    return steps;
  }

  #flush(open: Open): Step[] {
    if (open.blocks.length === 0) return [];
    const bytes = cluster(open.blocks);
    open.blocks = [];
    open.bytes = 0;
    return [{ is: 'cluster', bytes }];
  }

  /** @param nextMs when what follows it begins; null: nothing does */
  #close(nextMs: number | null): Step[] {
    const open = this.#open;
    if (!open) return [];
    this.#open = null;
    const follows = this.#codec !== 'OPUS' && nextMs !== null && nextMs - open.lastMs < SILENCE_MS;
    const toMs = follows ? nextMs : open.lastMs + open.lastForMs;
    return [...this.#flush(open), { is: 'close', toMs, frames: open.frames }];
  }
}
