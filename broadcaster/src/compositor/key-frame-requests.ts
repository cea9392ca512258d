/**
 * When a stream's sender is to be asked for a key frame. The decoder asks upstream itself, but a session without demultiplexers
 * does not know for which stream and drops the request, so the asking is done here. Times are any clock's milliseconds.
 */

/** When packets come but no picture does for so long, the decoder waits for one. Longer than it takes on a busy machine. */
const NO_PICTURE_MS = 250;
/**
 * A packet that did not come for so long was lost more than once: what is asked for now is there when it is given up, however
 * much longer it may be waited for.
 */
export const MISSED_MS = 160;
/** libwebrtc answers one request in 0.3 s and drops every other. */
const ASK_EVERY_MS = 350;
/** Packets after a silence this long begin a new flow, which the SFU opens with a key frame by itself. */
const NEW_FLOW_AFTER_MS = 500;

export class KeyFrameRequests {
  /** When packets began to come without a silence, and when the last one came. */
  readonly #flow = { sinceMs: Number.NEGATIVE_INFINITY, lastMs: Number.NEGATIVE_INFINITY };
  #askedMs = Number.NEGATIVE_INFINITY;

  /** A packet came. @param begins a key frame begins with it */
  received(nowMs: number, begins: boolean): void {
    if (nowMs - this.#flow.lastMs > NEW_FLOW_AFTER_MS) this.#flow.sinceMs = nowMs;
    this.#flow.lastMs = nowMs;
    // It may have to wait in the jitter buffer for what is given up before it.
    if (begins) this.#askedMs = nowMs;
  }

  /**
   * @param misses a packet did not come for `MISSED_MS`, or comes too late
   * @param pictureAgeMs since the last decoded picture; null: there was none
   * @returns whether to ask now; it is then taken for asked
   */
  due(nowMs: number, misses: boolean, pictureAgeMs: number | null): boolean {
    if (nowMs - this.#askedMs < ASK_EVERY_MS) return false;
    const flows = nowMs - this.#flow.sinceMs >= NO_PICTURE_MS;
    const stands = flows && (pictureAgeMs ?? Number.POSITIVE_INFINITY) >= NO_PICTURE_MS;
    if (!misses && !stands) return false;
    this.#askedMs = nowMs;
    return true;
  }
}
