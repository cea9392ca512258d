/** A channel's recording, from its first segment to its end: what it plays, as playlists over the segments' own files. Pure. */
import { mediaBase } from '@rostrum/contracts/media-urls';
import type { LatencyProfile, Rendition } from '@rostrum/contracts/profile';
import type { RecordingCut } from '@rostrum/contracts/recording';
import { renderMultivariant, type Variant } from './multivariant.ts';
import { RecordingCuts } from './recording-cuts.ts';
import { RecordingPlaylist, type RecordingType } from './recording-playlist.ts';
import { type RecordedSegment, RecordingTimeline } from './recording-timeline.ts';
import { durationMsOf, type Segment } from './window.ts';

/** A stretch of the show that is played without a break. */
export interface RecordedSpan {
  readonly startUnixMs: number;
  readonly durationMs: number;
}

/** Clocks are read anew with each segment: what is no further apart follows. */
const FOLLOWS_MS = 100;

/** What a playlist plays: stretches of the show, and how long they are together. */
class Played {
  readonly spans: RecordedSpan[] = [];
  durationMs = 0;

  add({ programDateTimeMs: startUnixMs }: Segment, durationMs: number): void {
    this.durationMs += durationMs;
    const last = this.spans.at(-1);
    const follows = last && Math.abs(startUnixMs - last.startUnixMs - last.durationMs) <= FOLLOWS_MS;
    if (!follows) this.spans.push({ startUnixMs, durationMs });
    else this.spans[this.spans.length - 1] = { ...last, durationMs: last.durationMs + durationMs };
  }
}

export class Recording {
  readonly #timeline: RecordingTimeline;
  readonly #cuts: RecordingCuts;
  /** In pictures: the sound alone may have moments that they lack. */
  readonly #shown = new Played();
  readonly #heard = new Played();
  /** In the order of the ladder. */
  readonly #media: readonly RecordingPlaylist[];
  /** Of renditions with pictures, by name. */
  readonly #keyFrames: ReadonlyMap<string, RecordingPlaylist>;
  readonly #codecs = new Map<string, string>();
  #lastMsn = -1;
  #lastShownMsn = -1;
  /** Moments that some rendition plays. */
  segmentCount = 0;

  /** `cuts`: what is left out. Of one that grows nothing can be, since its playlists may only be added to. */
  constructor(
    ladder: readonly Rendition[],
    profile: LatencyProfile,
    channelId: string,
    cuts: readonly RecordingCut[] = [],
  ) {
    const base = mediaBase(channelId);
    this.#timeline = new RecordingTimeline(ladder);
    this.#cuts = new RecordingCuts(cuts);
    this.#media = ladder.map((rendition) => new RecordingPlaylist(rendition, profile, base));
    const videos = ladder.filter(({ kind }) => kind === 'video');
    this.#keyFrames = new Map(
      videos.map((video) => [video.name, new RecordingPlaylist(video, profile, base, 'key-frames')]),
    );
  }

  /** RFC 6381 string of a rendition's own segments, the newest. */
  setCodecs(rendition: string, codecs: string): void {
    this.#codecs.set(rendition, codecs);
  }

  /** A segment that is on disk, or is known to be in no rendition's file any more (a gap). Of each rendition in MSN order. */
  add(rendition: string, segment: Segment): void {
    this.#append(this.#timeline.add(rendition, segment));
  }

  /** Nothing more comes. */
  finish(): void {
    this.#append(this.#timeline.finish());
  }

  /** Which stretches of the show it plays, one after the other, to who sees it; of one without pictures, to who hears it. */
  get spans(): readonly RecordedSpan[] {
    return this.#played.spans;
  }

  /** Of all these. */
  get durationMs(): number {
    return this.#played.durationMs;
  }

  get #played(): Played {
    return this.#lastShownMsn === -1 ? this.#heard : this.#shown;
  }

  /** Those of renditions that had something of their own; one that never had is none. */
  get playlists(): readonly RecordingPlaylist[] {
    const listed = this.#media.filter((playlist) => this.#codecsOf(playlist) !== undefined);
    return [...listed, ...listed.flatMap(({ rendition }) => this.#keyFramesOf(rendition) ?? [])];
  }

  /** By the name of its file. undefined: there is none that is listed (yet). */
  playlist(name: string): RecordingPlaylist | undefined {
    return this.playlists.find((playlist) => playlist.name === name);
  }

  /** undefined while there is nothing to play. */
  multivariant(type: RecordingType): string | undefined {
    const variants = this.#media.flatMap((playlist): Variant[] => {
      const codecs = this.#codecsOf(playlist);
      if (codecs === undefined) return [];
      const { rendition, peakBitsPerSecond, averageBitsPerSecond } = playlist;
      const keyFrames = this.#keyFramesOf(rendition);
      return [
        { rendition, peakBitsPerSecond, averageBitsPerSecond, codecs, ...(keyFrames ? { keyFrames } : {}) },
      ];
    });
    if (variants.length === 0) return undefined;
    // As of a live one: what was measured of a holding slide says little about the show.
    return renderMultivariant(variants, type === 'EVENT' ? 'live' : 'recording');
  }

  #append(settled: readonly RecordedSegment[]): void {
    for (const one of this.#cuts.keep(settled)) {
      this.#media.find(({ rendition }) => rendition.name === one.rendition)?.append(one);
      this.#keyFrames.get(one.rendition)?.append(one);
      const { msn } = one.segment;
      const durationMs = durationMsOf(one.segment);
      if (msn !== this.#lastShownMsn && this.#keyFrames.has(one.rendition)) {
        this.#lastShownMsn = msn;
        this.#shown.add(one.segment, durationMs);
      }
      if (msn === this.#lastMsn) continue;
      this.#lastMsn = msn;
      this.segmentCount += 1;
      this.#heard.add(one.segment, durationMs);
    }
  }

  #keyFramesOf({ name }: Rendition): RecordingPlaylist | undefined {
    const playlist = this.#keyFrames.get(name);
    return playlist && playlist.pieces.length > 0 ? playlist : undefined;
  }

  /** RFC 6381 string of what a rendition plays: the most demanding of it. undefined: it is not listed. */
  #codecsOf({ rendition, sources }: RecordingPlaylist): string | undefined {
    if (!sources.has(rendition.name)) return undefined;
    return [...sources]
      .flatMap((source) => this.#codecs.get(source) ?? [])
      .toSorted((one, other) => levelOf(other) - levelOf(one))[0];
  }
}

/** The last two digits of `avc1.PPCCLL`; nothing for sound alone. */
const levelOf = (codecs: string): number => Number.parseInt(/avc1\.....(..)/.exec(codecs)?.[1] ?? '0', 16);
