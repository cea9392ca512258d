/** Samples of one rendition waiting for their part, and the parts made of them. */
import { AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE, type Rendition } from '@rostrum/contracts/profile';
import { concat } from './boxes.ts';
import { type FragmentSample, type FragmentTrack, writeFragment } from './fragment.ts';
import { FRAME_NS, type Grid, partStartNs, presentationNs, slotOf } from './grid.ts';
import { AUDIO_TRACK_ID, VIDEO_TRACK_ID } from './init-segment.ts';
import { nsToTicks, VIDEO_TIMESCALE } from './ticks.ts';

export interface VideoFrame {
  readonly dtsNs: number;
  readonly ptsNs: number;
  readonly keyframe: boolean;
  readonly data: Uint8Array;
}

export interface AudioFrame {
  /** 48 kHz ticks of the epoch's timeline; exactly 1024 after the frame before, unless audio was missing. */
  readonly startTicks: number;
  readonly data: Uint8Array;
}

/** A part's content; `undefined` data is a gap. */
export interface CutPart {
  readonly data: Uint8Array | undefined;
  readonly independent: boolean;
  /** As in `Part`. */
  readonly keyFrameLength?: number;
}

export type FrameRefusal = 'late' | 'waiting-for-keyframe' | 'backwards';

/** Per rendition and epoch. */
export class RenditionTrack {
  readonly rendition: Rendition;
  readonly hasVideo: boolean;
  /** Parts cut in this epoch so far. */
  cursor = 0;
  /** Highest frame slot taken in; -1 before the first. */
  newestSlot = -1;
  #frames: VideoFrame[] = [];
  #audio: AudioFrame[] = [];
  #needsKeyframe = true;
  #sequenceNumber = 0;
  /** Does the segment being cut hold a keyframe yet? */
  #segmentBegun = false;
  /** Instants on the decode timeline from which the track is paused or not, in order. */
  #turns: { readonly fromNs: number; readonly paused: boolean }[] = [];

  constructor(rendition: Rendition) {
    this.rendition = rendition;
    this.hasVideo = rendition.kind === 'video';
  }

  /** Takes a frame in decode order; says why when it cannot be used. */
  addFrame(grid: Grid, frame: VideoFrame): FrameRefusal | undefined {
    const slot = slotOf(grid, frame.dtsNs);
    // One frame a slot: two of them could share a decode time.
    if (slot <= this.newestSlot) return 'backwards';
    if (slot < this.cursor * grid.framesPerPart) {
      // Its part is out already; what refers to this frame cannot be decoded any more.
      this.#needsKeyframe = true;
      return 'late';
    }
    if (this.#needsKeyframe && !frame.keyframe) return 'waiting-for-keyframe';
    this.#needsKeyframe = false;
    this.newestSlot = slot;
    this.#frames.push(frame);
    return undefined;
  }

  /** Pauses the track from an instant on, or lets it go on; what was told of later instants is void. */
  turn(fromNs: number, paused: boolean): void {
    this.#turns = [...this.#turns.filter((turn) => turn.fromNs < fromNs), { fromNs, paused }];
  }

  /** Is nothing to be waited for in the next part, besides what came of it already? */
  isPaused(grid: Grid): boolean {
    const startNs = partStartNs(grid, this.cursor);
    const cameNs = grid.originNs + (this.newestSlot + 1) * FRAME_NS;
    // Half a frame of jitter is forgiven, as with frames.
    const doneNs = Math.max(startNs, cameNs) + FRAME_NS / 2;
    while ((this.#turns[1]?.fromNs ?? Number.POSITIVE_INFINITY) <= startNs) this.#turns.shift();
    const turn = this.#turns.findLast(({ fromNs }) => fromNs <= doneNs);
    return turn?.paused === true && turn.fromNs < partStartNs(grid, this.cursor + 1);
  }

  addAudio(frame: AudioFrame): void {
    this.#audio.push(frame);
  }

  /** The next part's last frame, or one after it, is here. */
  videoReady(grid: Grid): boolean {
    return this.newestSlot >= (this.cursor + 1) * grid.framesPerPart - 1;
  }

  /** Cuts the next part, up to `endNs` on the decode timeline. Audio goes to the part in which it starts; late audio to the next. */
  cut(grid: Grid, endNs: number): CutPart {
    const startsSegment = this.cursor % grid.partsPerSegment === 0;
    const startNs = partStartNs(grid, this.cursor);
    this.cursor += 1;
    const audio = this.#takeAudio(nsToTicks(presentationNs(grid, endNs), AUDIO_SAMPLE_RATE));
    if (!this.hasVideo) {
      return { data: audio.length === 0 ? undefined : this.#write(undefined, audio), independent: true };
    }
    if (startsSegment) this.#segmentBegun = false;
    const frames = this.#takeFrames(grid, endNs);
    if (frames.length === 0) return { data: undefined, independent: false };
    this.#segmentBegun = true;
    const independent = frames.some((frame) => frame.keyframe);
    const data = this.#write(videoTrack(frames, startNs, endNs), audio);
    const [first] = frames;
    return { data, independent, ...(first?.keyframe ? { keyFrameLength: firstFrameEnd(data, first) } : {}) };
  }

  #takeAudio(endTicks: number): AudioFrame[] {
    const first = this.#audio.findIndex((frame) => frame.startTicks >= endTicks);
    return this.#audio.splice(0, first === -1 ? this.#audio.length : first);
  }

  #takeFrames(grid: Grid, endNs: number): VideoFrame[] {
    const endSlot = slotOf(grid, endNs);
    const after = this.#frames.findIndex((frame) => slotOf(grid, frame.dtsNs) >= endSlot);
    const frames = this.#frames.splice(0, after === -1 ? this.#frames.length : after);
    if (this.#segmentBegun) return frames;
    // A segment begins with an IDR (LL4): without one, what comes before it is of no use to anybody.
    const keyframe = frames.findIndex((frame) => frame.keyframe);
    if (keyframe === -1 && this.#frames.every((frame) => !frame.keyframe)) {
      this.#frames = [];
      this.#needsKeyframe = true;
    }
    return keyframe === -1 ? [] : frames.slice(keyframe);
  }

  /** End of what is queued, on the decode timeline; the cursor's start when nothing is. */
  queuedEndNs(grid: Grid): number {
    const last = this.#frames.at(-1);
    const queued = last ? grid.originNs + (slotOf(grid, last.dtsNs) + 1) * FRAME_NS : 0;
    return Math.max(queued, partStartNs(grid, this.cursor));
  }

  /** One chunk, and one more after every hole in the audio. */
  #write(video: FragmentTrack | undefined, audio: readonly AudioFrame[]): Uint8Array {
    const [firstRun, ...laterRuns] = audioRuns(audio);
    const tracks: FragmentTrack[] = [];
    if (video) tracks.push(video);
    if (firstRun) tracks.push(firstRun);
    const chunks = [tracks, ...laterRuns.map((run) => [run])];
    return concat(
      chunks.map((chunk) => {
        this.#sequenceNumber += 1;
        return writeFragment(this.#sequenceNumber, chunk);
      }),
    );
  }
}

/** Pictures lie first in mdat: behind moof, whose size is the first thing it says, and a header of 8 bytes. */
const firstFrameEnd = (part: Uint8Array, { data }: VideoFrame): number =>
  new DataView(part.buffer, part.byteOffset).getUint32(0) + 8 + data.byteLength;

/**
 * Each frame lasts until the next; the last one until the part's end on the grid: nothing is waited for. A first frame a
 * little before its slot is decoded at the part's start, where the part before it ended.
 */
function videoTrack(
  frames: readonly VideoFrame[],
  startNs: number,
  endNs: number,
): FragmentTrack | undefined {
  const decodeTicks = frames.map((frame) => nsToTicks(Math.max(frame.dtsNs, startNs), VIDEO_TIMESCALE));
  const endTicks = nsToTicks(endNs, VIDEO_TIMESCALE);
  const [baseDecodeTimeTicks] = decodeTicks;
  if (baseDecodeTimeTicks === undefined) return undefined;
  const samples = frames.map((frame, i): FragmentSample => {
    const start = decodeTicks[i] ?? 0;
    return {
      data: frame.data,
      durationTicks: (decodeTicks[i + 1] ?? endTicks) - start,
      compositionOffsetTicks: nsToTicks(frame.ptsNs, VIDEO_TIMESCALE) - start,
      keyframe: frame.keyframe,
    };
  });
  return { trackId: VIDEO_TRACK_ID, baseDecodeTimeTicks, samples };
}

function audioRuns(audio: readonly AudioFrame[]): FragmentTrack[] {
  const runs: { trackId: number; baseDecodeTimeTicks: number; samples: FragmentSample[] }[] = [];
  let expectedTicks = Number.NaN;
  for (const frame of audio) {
    if (frame.startTicks !== expectedTicks) {
      runs.push({ trackId: AUDIO_TRACK_ID, baseDecodeTimeTicks: frame.startTicks, samples: [] });
    }
    runs.at(-1)?.samples.push({
      data: frame.data,
      durationTicks: AAC_FRAME_SAMPLES,
      compositionOffsetTicks: 0,
      keyframe: true,
    });
    expectedTicks = frame.startTicks + AAC_FRAME_SAMPLES;
  }
  return runs;
}
