/** Audio times of one epoch: frame k begins exactly 1024 ticks after frame k-1, whatever rounding the encoder's times had. */
import { AAC_FRAME_SAMPLES, AUDIO_SAMPLE_RATE } from '@rostrum/contracts/profile';
import { nsToTicks } from './ticks.ts';

export class AudioClock {
  /** Where the next frame begins if none is missing; undefined before the first. */
  nextTicks: number | undefined;

  /**
   * Start of a frame in 48 kHz ticks; undefined when it overlaps what is there by more than half a frame (drop it).
   * Missing frames are stepped over as whole frames, so that the grid of 1024 goes on.
   */
  place(ptsNs: number): number | undefined {
    const told = nsToTicks(ptsNs, AUDIO_SAMPLE_RATE);
    if (this.nextTicks === undefined) {
      this.nextTicks = told + AAC_FRAME_SAMPLES;
      return told;
    }
    const missing = Math.round((told - this.nextTicks) / AAC_FRAME_SAMPLES);
    if (missing < 0) return undefined;
    const start = this.nextTicks + missing * AAC_FRAME_SAMPLES;
    this.nextTicks = start + AAC_FRAME_SAMPLES;
    return start;
  }
}
