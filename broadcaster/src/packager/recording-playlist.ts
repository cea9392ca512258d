/** The playlists of the recording: text that only grows. Pure. */
import type { LatencyProfile, Rendition } from '@rostrum/contracts/profile';
import { initName, keyFramesName, playlistName, segmentName } from './names.ts';
import { dateTime, seconds } from './playlist.ts';
import type { KeptSegment } from './recording-cuts.ts';
import { byteLengthOf, durationMsOf, type Segment } from './window.ts';

/** `EVENT`: the channel goes on, and lines will follow; `VOD`: these are all. The rest is the same. */
export type RecordingType = 'EVENT' | 'VOD';

/**
 * `segments`: a media playlist. `key-frames`: an I-frame playlist, in which each segment's first picture stands for all of it: what
 * a player shows while somebody looks for a place.
 */
export type RecordingPlaylistKind = 'segments' | 'key-frames';

/** No gaps, and an EXT-X-MAP wherever another rendition's or epoch's segments begin. Each segment's lines are made once. */
export class RecordingPlaylist {
  readonly rendition: Rendition;
  readonly kind: RecordingPlaylistKind;
  /** Of its file, in the folder of the playlists. */
  readonly name: string;
  readonly #targetDurationS: number;
  readonly #mediaBase: string;
  readonly #pieces: string[] = [];
  readonly #sources = new Set<string>();
  #discontinuitySequence = 0;
  /** Discontinuities before what comes next. */
  #discontinuities = 0;
  #map = '';
  /** A cut lies before what comes next. */
  #afterCut = false;
  #bits = 0;
  #ms = 0;
  /** bit/s of the largest segment; 0 before the first. */
  peakBitsPerSecond = 0;

  /** @param base stands before names of media: where they are, seen from the playlist */
  constructor(
    rendition: Rendition,
    profile: LatencyProfile,
    base: string,
    kind: RecordingPlaylistKind = 'segments',
  ) {
    this.rendition = rendition;
    this.kind = kind;
    this.name = kind === 'segments' ? playlistName(rendition.name) : keyFramesName(rendition.name);
    this.#targetDurationS = profile.targetDurationS;
    this.#mediaBase = base;
  }

  /** The lines of each segment, in order. What is there stays as it is. */
  get pieces(): readonly string[] {
    return this.#pieces;
  }

  /** Whose segments it plays. */
  get sources(): ReadonlySet<string> {
    return this.#sources;
  }

  get averageBitsPerSecond(): number {
    return this.#ms === 0 ? 0 : Math.round((this.#bits * 1000) / this.#ms);
  }

  append({ source, segment, discontinuities, afterCut }: KeptSegment): void {
    this.#discontinuities += discontinuities;
    this.#afterCut ||= afterCut;
    const byteLength = this.kind === 'segments' ? byteLengthOf(segment) : keyFrameLengthOf(segment);
    // Of a segment that was recorded before key frames were.
    if (byteLength === undefined) return;
    const lines: string[] = [];
    if (this.#pieces.length === 0) this.#discontinuitySequence = this.#discontinuities;
    else for (let i = 0; i < this.#discontinuities; i += 1) lines.push('#EXT-X-DISCONTINUITY');
    this.#discontinuities = 0;
    const map = initName(source, segment.epoch);
    // After a cut it is said again: nobody who begins to read there has to look for it beyond the discontinuity.
    if (map !== this.#map || this.#afterCut) lines.push(`#EXT-X-MAP:URI="${this.#mediaBase}${map}"`);
    this.#map = map;
    this.#afterCut = false;
    const ms = durationMsOf(segment);
    lines.push(
      `#EXT-X-PROGRAM-DATE-TIME:${dateTime(segment.programDateTimeMs)}`,
      `#EXTINF:${seconds(ms)},`,
      ...(this.kind === 'key-frames' ? [`#EXT-X-BYTERANGE:${byteLength}@0`] : []),
      `${this.#mediaBase}${segmentName(source, segment.epoch, segment.msn)}`,
      '',
    );
    this.#pieces.push(lines.join('\n'));
    this.#sources.add(source);
    const bits = byteLength * 8;
    this.#bits += bits;
    this.#ms += ms;
    this.peakBitsPerSecond = Math.max(this.peakBitsPerSecond, Math.round((bits * 1000) / ms));
  }

  /**
   * What stands before the first segment; it holds from the first one on. EXT-X-START: whoever opens a recording wants its
   * beginning, and players would begin an EVENT playlist at its end.
   */
  head(type: RecordingType): string {
    return [
      '#EXTM3U',
      '#EXT-X-VERSION:8',
      `#EXT-X-TARGETDURATION:${this.#targetDurationS}`,
      `#EXT-X-PLAYLIST-TYPE:${type}`,
      '#EXT-X-MEDIA-SEQUENCE:0',
      ...(this.#discontinuitySequence > 0
        ? [`#EXT-X-DISCONTINUITY-SEQUENCE:${this.#discontinuitySequence}`]
        : []),
      ...(this.kind === 'key-frames'
        ? ['#EXT-X-I-FRAMES-ONLY']
        : ['#EXT-X-INDEPENDENT-SEGMENTS', '#EXT-X-START:TIME-OFFSET=0']),
      '',
    ].join('\n');
  }

  text(type: RecordingType): string {
    return `${this.head(type)}${this.#pieces.join('')}${type === 'VOD' ? '#EXT-X-ENDLIST\n' : ''}`;
  }
}

/** Of the key frame that a segment begins with (LL4): from the file's first byte on, since what is missing before it has no bytes. */
const keyFrameLengthOf = ({ parts }: Segment): number | undefined =>
  parts.find((part) => !part.gap)?.keyFrameLength;
