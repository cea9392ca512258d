/**
 * One MP4 file of a recording's segments: where each of their samples goes, and when it is shown. Of headers alone, so that the whole
 * file is known, to the byte, before any of it is written. Pure.
 *
 * Time is the playlist's: each segment begins where those before it end by their EXTINF, whatever the clocks of their epochs say.
 * Within a stretch whose coded stream goes on, pictures and sound are moved by the same. Sound lies on one grid of frames over the
 * whole file, without holes or overlaps: a player that counts frames would be off for the rest of the show after each. A frame is
 * moved by 10.7 ms at most; holes are filled with silence.
 */
import { AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE } from '@rostrum/contracts/profile';
import { VIDEO_TIMESCALE } from '../../packager/ticks.ts';
import { DamagedError } from './damaged.ts';
import { audioConfig, type Descriptions } from './descriptions.ts';
import type { Run } from './fragments.ts';
import { movieHead } from './moov.ts';
import type { PlannedSegment } from './plan.ts';
import { silentFrame } from './silence.ts';
import { TrackTables } from './tables.ts';

/** What of a segment's file goes into the MP4, in order. */
export interface Piece {
  readonly file: string;
  /** Of that file. */
  readonly fileLength: number;
  /** Offset and length in it, pair after pair; offset `SILENCE`: a silent frame, of which there are as many as fit the length. */
  readonly ranges: readonly number[];
  readonly silence: Uint8Array | null;
  readonly byteLength: number;
}

export const SILENCE = -1;

export interface Layout {
  /** All in front of the media data. */
  readonly head: Uint8Array;
  readonly pieces: readonly Piece[];
  readonly byteLength: number;
}

/** Sound may come so much later than what it belongs to, and is in a later segment then: a hole is none before that. */
const LATE_FRAMES = 24;

/** Of samples whose coded stream goes on: how their times become those of the file. */
interface Stretch {
  readonly videoShift: number;
  readonly audioShift: number;
  /** Of its first picture, which is shown when it is decoded. */
  readonly composition: number;
}

interface PlacedSample {
  readonly ticks: number;
  readonly size: number;
  readonly composition: number;
  readonly keyframe: boolean;
}

export class LayoutBuilder {
  readonly #key: Uint8Array;
  readonly #plan: readonly PlannedSegment[];
  readonly #durationMs: number;
  readonly #video = new TrackTables();
  readonly #audio = new TrackTables();
  readonly #pieces: Piece[] = [];
  #stretch: Stretch | undefined;
  #startMs = 0;
  #dataLength = 0;
  /** Place on the grid of the next frame of sound. */
  #slot = 0;

  /** @param plan of at least one segment, each of which is then added, in order */
  constructor(key: Uint8Array, plan: readonly PlannedSegment[]) {
    this.#key = key;
    this.#plan = plan;
    this.#durationMs = plan.reduce((sum, { durationMs }) => sum + durationMs, 0);
  }

  /** The next segment: what its file's headers tell. Throws a `DamagedError` where that is not what was planned. */
  add(runs: readonly Run[], descriptions: Descriptions): void {
    const segment = this.#plan[this.#pieces.length];
    if (!segment) throw new Error('all segments of the plan were added');
    for (const { offset, sizes } of runs) {
      const end = sizes.reduce((sum, size) => sum + size, offset);
      if (end > segment.byteLength) throw new DamagedError(`${segment.file} ends before its samples`);
    }
    if (!this.#stretch || !segment.goesOn) this.#stretch = stretchOf(segment, runs, this.#startMs);
    const ranges = new Ranges();
    this.#addVideo(this.#stretch, runs, descriptions, ranges);
    const silence = this.#addAudio(this.#stretch, segment, runs, descriptions, ranges);
    this.#pieces.push({
      file: segment.file,
      fileLength: segment.byteLength,
      ranges: ranges.pairs,
      silence,
      byteLength: ranges.byteLength,
    });
    this.#dataLength += ranges.byteLength;
    this.#startMs += segment.durationMs;
  }

  finish(): Layout {
    const head = movieHead({
      key: this.#key,
      durationMs: this.#durationMs,
      startsUnixMs: this.#plan[0]?.programDateTimeMs ?? 0,
      dataLength: this.#dataLength,
      video: this.#video,
      audio: this.#audio,
      audioEndTicks: this.#slot * AAC_FRAME_SAMPLES,
    });
    return { head, pieces: this.#pieces, byteLength: head.byteLength + this.#dataLength };
  }

  #addVideo(stretch: Stretch, runs: readonly Run[], { video }: Descriptions, ranges: Ranges): void {
    const samples: PlacedSample[] = [];
    let before = this.#video.count === 0 ? Number.NaN : this.#video.lastTicks;
    for (const run of runs) {
      if (run.track !== 'video') continue;
      let decode = run.decodeTicks;
      let offset = run.offset;
      for (const [i, size] of run.sizes.entries()) {
        // The first picture of all is there from the beginning; none is decoded before the one in front of it.
        const ticks = Number.isNaN(before) ? 0 : Math.max(before + 1, decode + stretch.videoShift);
        const composition = (run.compositions[i] ?? 0) - stretch.composition;
        samples.push({ ticks, size, composition, keyframe: run.keyframes[i] ?? false });
        before = ticks;
        ranges.add(offset, size);
        offset += size;
        decode += run.durations[i] ?? 0;
      }
    }
    if (samples.length === 0) return;
    if (!video) throw new DamagedError('pictures without a description');
    this.#video.addChunk(this.#dataLength, video, samples);
  }

  #addAudio(
    stretch: Stretch,
    segment: PlannedSegment,
    runs: readonly Run[],
    { audio }: Descriptions,
    ranges: Ranges,
  ): Uint8Array | null {
    if (!audio) return null;
    const config = audioConfig(audio);
    const silence = config && silentFrame(config);
    if (!silence) throw new DamagedError('sound that is not AAC-LC of one or two channels');
    const chunkAt = this.#dataLength + ranges.byteLength;
    const samples: PlacedSample[] = [];
    const place = (size: number): void => {
      const ticks = this.#slot * AAC_FRAME_SAMPLES;
      samples.push({ ticks, size, composition: 0, keyframe: true });
      this.#slot += 1;
    };
    const fillTo = (slot: number): void => {
      while (this.#slot < slot) {
        place(silence.byteLength);
        ranges.add(SILENCE, silence.byteLength);
      }
    };
    const slots = Math.ceil((this.#durationMs * AUDIO_SAMPLE_RATE) / 1000 / AAC_FRAME_SAMPLES);
    for (const run of runs) {
      if (run.track !== 'audio') continue;
      let offset = run.offset;
      for (const [i, size] of run.sizes.entries()) {
        const ticks = run.decodeTicks + i * AAC_FRAME_SAMPLES + stretch.audioShift;
        const slot = Math.round(ticks / AAC_FRAME_SAMPLES);
        if (slot >= this.#slot && slot < slots) {
          fillTo(slot);
          place(size);
          ranges.add(offset, size);
        }
        offset += size;
      }
    }
    const isLast = this.#pieces.length === this.#plan.length - 1;
    const endMs = this.#startMs + segment.durationMs;
    const endSlot = Math.floor((endMs * AUDIO_SAMPLE_RATE) / 1000 / AAC_FRAME_SAMPLES) - LATE_FRAMES;
    if (this.#audio.count > 0 || samples.length > 0) fillTo(isLast ? slots : endSlot);
    this.#audio.addChunk(chunkAt, audio, samples);
    return silence;
  }
}

/**
 * A segment's last picture lasts to the end of its last part, exactly; where a segment begins on the clock of its epoch is reckoned
 * from there. The first picture may have come a little late.
 */
function stretchOf(segment: PlannedSegment, runs: readonly Run[], startMs: number): Stretch {
  const videoMs = VIDEO_TIMESCALE / 1000;
  const audioMs = AUDIO_SAMPLE_RATE / 1000;
  const pictures = runs.filter(({ track }) => track === 'video');
  const [first] = pictures;
  const last = pictures.at(-1);
  if (!first || !last) {
    // Sound alone: with its first frame.
    const [sound] = runs;
    if (!sound) throw new DamagedError(`${segment.file} has no samples`);
    const audioShift = Math.round((startMs + segment.fromMs) * audioMs) - sound.decodeTicks;
    return { videoShift: 0, audioShift, composition: 0 };
  }
  const endTicks = last.durations.reduce((sum, duration) => sum + duration, last.decodeTicks);
  const beginTicks = endTicks - Math.round(segment.toMs * videoMs);
  const composition = first.compositions[0] ?? 0;
  return {
    videoShift: Math.round(startMs * videoMs) - beginTicks,
    audioShift: Math.round(startMs * audioMs) - Math.round(((beginTicks + composition) * audioMs) / videoMs),
    composition,
  };
}

/** Offsets and lengths, those that lie side by side as one. */
class Ranges {
  readonly pairs: number[] = [];
  byteLength = 0;

  add(offset: number, length: number): void {
    const { pairs } = this;
    const lastOffset = pairs.at(-2);
    const lastLength = pairs.at(-1);
    const silent = offset === SILENCE && lastOffset === SILENCE;
    const follows =
      offset !== SILENCE && lastOffset !== SILENCE && (lastOffset ?? 0) + (lastLength ?? 0) === offset;
    if (lastLength !== undefined && (silent || follows)) pairs[pairs.length - 1] = lastLength + length;
    else pairs.push(offset, length);
    this.byteLength += length;
  }
}
