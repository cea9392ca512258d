/** What has been published of one rendition and is still in its live playlist. */
import type { LatencyProfile, Rendition } from '@rostrum/contracts/profile';
import { partName } from './names.ts';

export interface Part {
  readonly index: number;
  /** Relative to the folder of the playlists (`names.ts`). */
  readonly name: string;
  readonly durationMs: number;
  /** Begins with, or holds, a keyframe (LL4). Of audio: always. */
  readonly independent: boolean;
  /** Nothing was encoded for this time: listed, never served. */
  readonly gap: boolean;
  readonly byteLength: number;
  /** Bytes up to the end of the key frame that the part begins with; absent when it begins with none. */
  readonly keyFrameLength?: number;
  /** Chunks of the part. Gone for gaps, and once released: then the bytes are a range of the segment's file. */
  data: Uint8Array | undefined;
}

export interface Segment {
  readonly msn: number;
  readonly epoch: number;
  /** EXT-X-DISCONTINUITY stands before it. */
  readonly discontinuity: boolean;
  /** Capture time of its first instant, Unix ms. */
  readonly programDateTimeMs: number;
  /** Each begins where the one before ends; the segment's bytes are theirs, joined. */
  readonly parts: readonly Part[];
  readonly closed: boolean;
}

export const durationMsOf = (segment: Segment): number =>
  segment.parts.reduce((sum, part) => sum + part.durationMs, 0);
export const byteLengthOf = (segment: Segment): number =>
  segment.parts.reduce((sum, part) => sum + part.byteLength, 0);
/** A segment of the window by its number; undefined outside of it. There are no holes, so it is found at once. */
export function segmentAt(
  window: { readonly segments: readonly Segment[] },
  msn: number,
): Segment | undefined {
  const first = window.segments[0];
  return first && window.segments[msn - first.msn];
}
/** Nothing in it at all: EXT-X-GAP, no file. */
export const isGap = (segment: Segment): boolean => segment.parts.every((part) => part.gap);

/** The part that comes next: what EXT-X-PRELOAD-HINT promises. */
export interface NextPart {
  readonly msn: number;
  readonly part: number;
  readonly epoch: number;
  readonly name: string;
}

/** Read-only face of a window, from which playlists and decisions are made. */
export interface RenditionWindow {
  readonly rendition: Rendition;
  readonly profile: LatencyProfile;
  /** In MSN order without holes; the last one may be open. */
  readonly segments: readonly Segment[];
  /** Value of EXT-X-DISCONTINUITY-SEQUENCE: discontinuities that have left the playlist. */
  readonly discontinuitySequence: number;
  readonly next: NextPart;
  readonly ended: boolean;
  /** RFC 6381 string of the newest init segment; undefined before the first. */
  readonly codecs: string | undefined;
  /** bit/s over closed segments; 0 before the first. */
  readonly peakBitsPerSecond: number;
  readonly averageBitsPerSecond: number;
}

interface MutableSegment extends Segment {
  readonly parts: Part[];
  closed: boolean;
  archived: boolean;
  /** It will never be on disk. */
  lost: boolean;
  /** Its bytes are no longer in memory. */
  released: boolean;
}

export interface WindowOptions {
  readonly rendition: Rendition;
  readonly profile: LatencyProfile;
  readonly windowMs: number;
  readonly nextMsn: number;
  readonly nextEpoch: number;
  /** From an earlier run, closed and on disk. */
  readonly segments?: readonly Segment[];
  readonly discontinuitySequence?: number;
  readonly codecs?: string;
}

/** The mutable window; only the packager writes it. */
export class SegmentWindow implements RenditionWindow {
  readonly rendition: Rendition;
  readonly profile: LatencyProfile;
  readonly segments: MutableSegment[];
  discontinuitySequence: number;
  ended = false;
  codecs: string | undefined;
  peakBitsPerSecond = 0;
  readonly #windowMs: number;
  #nextMsn: number;
  #epoch: number;
  #closedBits = 0;
  #closedMs = 0;
  /** Length of the closed segments in the window: with two hours of them nobody adds them up at each part. */
  #listedMs = 0;

  constructor(options: WindowOptions) {
    this.rendition = options.rendition;
    this.profile = options.profile;
    this.#windowMs = options.windowMs;
    this.#nextMsn = options.nextMsn;
    this.#epoch = options.nextEpoch;
    this.codecs = options.codecs;
    this.discontinuitySequence = options.discontinuitySequence ?? 0;
    this.segments = (options.segments ?? []).map((segment) => ({
      ...segment,
      parts: [...segment.parts],
      closed: true,
      archived: true,
      lost: false,
      released: true,
    }));
    for (const segment of this.segments) this.#measure(segment);
    this.#evict();
  }

  get averageBitsPerSecond(): number {
    return this.#closedMs === 0 ? 0 : Math.round((this.#closedBits * 1000) / this.#closedMs);
  }

  get next(): NextPart {
    const open = this.open;
    const msn = open?.msn ?? this.#nextMsn;
    const part = open?.parts.length ?? 0;
    return { msn, part, epoch: this.#epoch, name: partName(this.rendition.name, this.#epoch, msn, part) };
  }

  get open(): MutableSegment | undefined {
    const last = this.segments.at(-1);
    return last && !last.closed ? last : undefined;
  }

  beginEpoch(epoch: number): void {
    this.#epoch = epoch;
  }

  openSegment(start: { discontinuity: boolean; programDateTimeMs: number }): void {
    this.segments.push({
      msn: this.#nextMsn,
      epoch: this.#epoch,
      ...start,
      parts: [],
      closed: false,
      archived: false,
      lost: false,
      released: false,
    });
    this.#nextMsn += 1;
  }

  closeSegment(): Segment | undefined {
    const open = this.open;
    if (!open) return undefined;
    open.closed = true;
    this.#measure(open);
    this.#evict();
    this.#release();
    return open;
  }

  /** The segment is on disk: it may leave the window, and its bytes the memory. */
  markArchived(msn: number): void {
    const segment = this.segments[msn - (this.segments[0]?.msn ?? msn)];
    if (!segment) return;
    segment.archived = true;
    this.#evict();
    this.#release();
  }

  /**
   * The segment will not be on disk. While its bytes are held it is served; then it leaves, and all that is before it: a
   * playlist may begin later, and may not name what cannot be had.
   */
  markLost(msn: number): void {
    const segment = this.segments[msn - (this.segments[0]?.msn ?? msn)];
    if (!segment || segment.archived) return;
    segment.archived = true;
    segment.lost = true;
    this.#evict();
    this.#release();
  }

  #measure(segment: Segment): void {
    const ms = durationMsOf(segment);
    this.#listedMs += ms;
    if (ms <= 0 || isGap(segment)) return;
    const bits = byteLengthOf(segment) * 8;
    this.#closedBits += bits;
    this.#closedMs += ms;
    // A short last segment of an epoch says little about the rate.
    if (ms * 2 >= this.profile.segmentMs) {
      this.peakBitsPerSecond = Math.max(this.peakBitsPerSecond, Math.round((bits * 1000) / ms));
    }
  }

  /** Segments leave in order, only what is on disk, and never below the window's length (LL5). */
  #evict(): void {
    const openMs = this.open ? durationMsOf(this.open) : 0;
    for (;;) {
      const oldest = this.segments[0];
      if (!oldest?.archived) return;
      const oldestMs = durationMsOf(oldest);
      if (openMs + this.#listedMs - oldestMs < this.#windowMs) return;
      this.#leave(1);
    }
  }

  /** The oldest `count` segments go. */
  #leave(count: number): void {
    for (const segment of this.segments.splice(0, count)) {
      this.#listedMs -= durationMsOf(segment);
      if (segment.discontinuity) this.discontinuitySequence += 1;
    }
  }

  /** Bytes stay in memory while parts are listed (3 x TARGETDURATION) and twice as long again (LL5). */
  #release(): void {
    const keepMs = 9 * this.profile.targetDurationS * 1000;
    let behindMs = 0;
    for (let i = this.segments.length - 1; i >= 0; i -= 1) {
      const segment = this.segments[i];
      if (!segment || segment.released) return; // they reach the disk in order: all before it are released too
      if (behindMs > keepMs && segment.lost) {
        this.#leave(i + 1);
        return;
      }
      if (behindMs > keepMs && segment.archived) {
        for (const part of segment.parts) part.data = undefined;
        segment.released = true;
      }
      behindMs += durationMsOf(segment);
    }
  }
}
