/** Puts a rung of the ladder into effect on the running mix, and sees how the mix fares. */
import type { ChannelPressure } from '@rostrum/contracts/node-socket';
import type { FrameGate, FrameGateCount } from '@rostrum/node-gst';
import type { EncoderEvent } from '../media/samples.ts';
import { Ladder } from './ladder.ts';
import type { Mix } from './mix.ts';
import { FRAME_NS } from './timeline.ts';

/** Pictures that are later than usual by this much are left out before they are coded, but for the first of each part. */
const DROP_LATE_MS = 500;
/** A mix that begins has much to do at once, and catches up by itself. */
const BEGINS_MS = 3000;
/**
 * So much longer sound waits for a source that is late, while less is made: what comes late by fits and starts is heard all
 * the same. Costs nothing where all sources are in time, and moves nothing against the picture.
 */
const PATIENT_SOUND_MS = 150;
/** And for so long after that: a machine that was just too slow is so again at the next key frame. */
const PATIENT_FOR_MS = 60_000;
/** A turn is decided so many frames ahead, before any of them is at a gate. */
const AHEAD_FRAMES = 3;

export interface SheddingOptions {
  readonly mix: Mix;
  readonly groupFrames: number;
  readonly partFrames: number;
  /** Where on the channel's timeline the mix began, nanoseconds. */
  readonly offsetNs: number;
  /** The rung that the compositor before this one stood on. */
  readonly step: number;
  /** Whether the machine could do a good deal more. */
  readonly hasRoom: () => boolean;
  /** End of what was given out of a track, on the channel's timeline, ns; null before its first sample. */
  readonly endNs: (track: string) => number | null;
  readonly emit: (event: EncoderEvent) => void;
  readonly log: (level: 'info' | 'warn', message: string, fields: object) => void;
  readonly nowMs: () => number;
}

export class Shedding {
  readonly #options: SheddingOptions;
  readonly #ladder: Ladder;
  /** Renditions that are off, or were, from an instant of the channel's timeline on. */
  readonly #turns = new Map<string, { readonly off: boolean; readonly fromNs: number }>();
  readonly #dropped = new Map<string, number>();
  readonly #begunMs: number;
  #begins = true;
  #patientUntilMs = Number.NEGATIVE_INFINITY;
  #soundWaitsMs = 0;
  #lateMs = 0;

  constructor(options: SheddingOptions) {
    this.#options = options;
    this.#ladder = new Ladder(options.step);
    this.#begunMs = options.nowMs();
    this.#apply();
  }

  pressure(): ChannelPressure {
    const { step, shed } = this.#ladder;
    return { lateMs: Math.round(this.#lateMs), step, shed: [...shed] };
  }

  /** Whether nothing is to be expected of a rendition. */
  isOff(track: string): boolean {
    return this.#turns.get(track)?.off ?? false;
  }

  /** Whether a sample is one of those that do not come, by what was told. */
  leavesOut(track: string, ptsNs: number): boolean {
    const turn = this.#turns.get(track);
    return turn !== undefined && ptsNs >= turn.fromNs === turn.off;
  }

  /**
   * Call a few times a second.
   * @param soundDelayMs from a time on the timeline to its coded sound, mean since the last call; 0: none came
   */
  look(soundDelayMs: number): void {
    const { mix, log, hasRoom, nowMs } = this.#options;
    this.#letSoundWait();
    if (this.#begins) {
      if (nowMs() - this.#begunMs < BEGINS_MS) return;
      this.#begins = false;
      for (const gate of mix.coderGates.values()) {
        gate.read(); // how late its first pictures were
        gate.dropLater((mix.latencyMs + DROP_LATE_MS) * 1e6);
      }
      return;
    }
    const seen = [...mix.coderGates].map(([name, gate]) => ({ name, ...this.#fare(name, gate.read()) }));
    const on = seen.filter(({ name }) => !this.isOff(name));
    this.#lateMs = Math.max(0, ...on.map(({ lateMs }) => lateMs));
    const dropped = on.reduce((sum, one) => sum + one.dropped, 0);
    const before = this.#ladder.step;
    const changed = this.#ladder.note(
      {
        lateMs: this.#lateMs,
        soundLateMs: Math.max(0, soundDelayMs - mix.latencyMs - this.soundWaitsMs - USUAL_SOUND_MS),
        dropped,
        room: hasRoom(),
      },
      nowMs(),
    );
    if (!changed) return;
    const { step, shed } = this.#ladder;
    const fields = {
      step,
      shed,
      lateMs: Math.round(this.#lateMs),
      soundDelayMs: Math.round(soundDelayMs),
      dropped,
    };
    if (step > before) log('warn', 'the machine is too slow: less is made', fields);
    else log('info', 'more is made again', fields);
    this.#apply();
  }

  /** How much longer than usual the mix of sound waits for what is late, ms. */
  get soundWaitsMs(): number {
    return this.#soundWaitsMs;
  }

  #letSoundWait(): void {
    const nowMs = this.#options.nowMs();
    if (this.#ladder.step > 0) this.#patientUntilMs = nowMs + PATIENT_FOR_MS;
    const waitsMs = nowMs < this.#patientUntilMs ? PATIENT_SOUND_MS : 0;
    if (waitsMs === this.#soundWaitsMs) return;
    this.#soundWaitsMs = waitsMs;
    this.#options.mix.letSoundWait(waitsMs);
  }

  #fare(name: string, { worstLateNs, droppedLate }: FrameGateCount): { lateMs: number; dropped: number } {
    const dropped = droppedLate - (this.#dropped.get(name) ?? 0);
    this.#dropped.set(name, droppedLate);
    return { lateMs: worstLateNs === null ? 0 : worstLateNs / 1e6 - this.#options.mix.latencyMs, dropped };
  }

  #apply(): void {
    const { mix, emit } = this.#options;
    const { shed } = this.#ladder;
    emit({ type: 'shedding', shed });
    this.#letSoundWait();
    mix.gate.keepEvery(shed.includes('half-rate') ? 2 : 1);
    for (const [track, gate] of mix.coderGates) {
      const off = shed.some((what) => what === track);
      if (off === this.isOff(track)) continue;
      const fromNs = off ? this.#close(track, gate) : this.#open(gate);
      this.#turns.set(track, { off, fromNs });
      emit({ type: off ? 'pause' : 'resume', track, fromNs });
    }
  }

  /** What waits for its encoder would be coded last of all, and viewers wait for it: it is left out, too. */
  #close(track: string, gate: FrameGate): number {
    const endNs = this.#options.endNs(track);
    if (endNs === null) {
      // A first segment there has to be: readers need the encoder's configuration. Of it, one picture a part.
      gate.keepEvery(this.#options.partFrames);
      const { frame, fromNs } = this.#nextGroup();
      gate.close(frame);
      return fromNs;
    }
    gate.close(0);
    return endNs;
  }

  #open(gate: FrameGate): number {
    const { frame, fromNs } = this.#nextGroup();
    gate.keepEvery(1);
    gate.open(frame);
    return fromNs;
  }

  /** The mixed picture is ahead of every encoder, so all of them are before that frame. */
  #nextGroup(): { readonly frame: number; readonly fromNs: number } {
    const { mix, groupFrames, offsetNs } = this.#options;
    const frame = Math.ceil((mix.gate.read().newestFrame + AHEAD_FRAMES) / groupFrames) * groupFrames;
    return { frame, fromNs: offsetNs + frame * FRAME_NS };
  }
}

/** From a sound's mix to its coming out of the encoder: a block of the mixer, a frame of AAC and what lies between. */
const USUAL_SOUND_MS = 60;
