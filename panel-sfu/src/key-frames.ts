import type { types } from 'mediasoup';

/**
 * libwebrtc answers one request for a key frame in this time, with key frames of all layers of the camera, and drops
 * every other silently (EncoderRtcpFeedback); mediasoup asks again only after a second. A little is added for the way.
 */
const UNHEARD_MS = 320;

/**
 * When a camera may be asked for a key frame so that the request is heard. Whatever makes mediasoup ask (a consumer that
 * resumes or changes its layer) waits for it: at most 0.3 s instead of a whole one.
 */
export class KeyFrames {
  readonly #nowMs: () => number;
  #askedMs = Number.NEGATIVE_INFINITY;
  #answered = true;

  /** `nowMs`: any monotonic clock. */
  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs;
  }

  asked(): void {
    this.#askedMs = this.#nowMs();
    this.#answered = false;
  }

  came(): void {
    this.#answered = true;
  }

  /** Milliseconds until a request is heard. 0 also while one is on its way: its key frames serve all layers. */
  waitMs(): number {
    return this.#answered ? Math.max(0, this.#askedMs + UNHEARD_MS - this.#nowMs()) : 0;
  }
}

const watched = new WeakMap<types.Producer, KeyFrames>();

/** The key frames of a producer that is followed; null for sound. */
export const keyFramesOf = (producer: types.Producer): KeyFrames | null => watched.get(producer) ?? null;

/** Follows a producer's key frames from now on. */
export async function watchKeyFrames(producer: types.Producer): Promise<void> {
  if (producer.kind !== 'video') return;
  const keyFrames = new KeyFrames();
  watched.set(producer, keyFrames);
  producer.on('trace', ({ type }) => (type === 'keyframe' ? keyFrames.came() : keyFrames.asked()));
  await producer.enableTraceEvent(['keyframe', 'pli', 'fir']);
}

/** What a consumer should do. Absent: as before. */
export interface ConsumerWish {
  readonly paused?: boolean | undefined;
  /** 0 is the smallest; of no meaning where there is only one. */
  readonly spatialLayer?: number | undefined;
}

type Controlled = Pick<
  types.Consumer,
  'type' | 'closed' | 'pause' | 'resume' | 'setPreferredLayers' | 'observer'
>;

export interface PacedConsumerOptions {
  readonly consumer: Controlled;
  /** null: nothing to ask for, as with sound. */
  readonly keyFrames: KeyFrames | null;
  /** Whether what is sent can be received already; otherwise it is held until `open()`. */
  readonly opened: boolean;
  /** Gets what went wrong after a wait, when nobody waits for the answer any more. */
  readonly failed: (error: unknown) => void;
}

/**
 * A consumer that is paused at once, but begins and changes layer when its receiver is there and its producer hears a
 * request for a key frame. (A key frame that comes while the receiver still shakes hands is lost, and the next request
 * falls on deaf ears.)
 */
export class PacedConsumer {
  readonly #options: PacedConsumerOptions;
  #opened: boolean;
  #done: { paused: boolean; spatialLayer: number | undefined } = { paused: true, spatialLayer: undefined };
  #wish: ConsumerWish = {};
  #timer: NodeJS.Timeout | null = null;

  constructor(options: PacedConsumerOptions) {
    this.#options = options;
    this.#opened = options.opened;
    options.consumer.observer.once('close', () => this.#cancel());
  }

  /** The receiver is there. */
  open(): void {
    if (this.#opened) return;
    this.#opened = true;
    this.#later(this.#options.keyFrames?.waitMs() ?? 0);
  }

  /** Resolves when it is done, or set to be done as soon as it makes sense. */
  async update({ paused, spatialLayer }: ConsumerWish): Promise<void> {
    this.#cancel();
    this.#wish = {
      paused: paused ?? this.#wish.paused,
      spatialLayer: spatialLayer ?? this.#wish.spatialLayer,
    };
    if (this.#wish.paused ?? this.#done.paused) return this.#carryOut();
    if (!this.#opened) return;
    const waitMs = this.#options.keyFrames?.waitMs() ?? 0;
    if (waitMs === 0) return this.#carryOut();
    this.#later(waitMs);
  }

  #later(waitMs: number): void {
    this.#timer = setTimeout(() => {
      const { consumer, failed } = this.#options;
      this.#carryOut().catch((error: unknown) => {
        if (!consumer.closed) failed(error);
      });
    }, waitMs);
  }

  async #carryOut(): Promise<void> {
    const { paused = this.#done.paused, spatialLayer = this.#done.spatialLayer } = this.#wish;
    const { consumer } = this.#options;
    const before = this.#done;
    this.#wish = {};
    // Written down before it is done: requests go to the worker in the order they are made.
    this.#done = { paused, spatialLayer };
    const steps: Promise<void>[] = [];
    if (spatialLayer !== undefined && spatialLayer !== before.spatialLayer && consumer.type !== 'simple') {
      steps.push(consumer.setPreferredLayers({ spatialLayer }));
    }
    if (paused !== before.paused) steps.push(paused ? consumer.pause() : consumer.resume());
    await Promise.all(steps);
  }

  #cancel(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
