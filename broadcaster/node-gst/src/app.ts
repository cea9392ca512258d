import { GstError, guard } from './errors.ts';
import { deliver } from './lifetime.ts';
import { native } from './native.ts';
import { type Element, type GObject, handleOf, type Pad } from './objects.ts';
import type { BufferCount, FlowReturn, FrameGate, FrameGrid, SampleOut, SinkStats } from './types.ts';

export interface SinkOptions {
  /** Samples that may wait for JavaScript, from 1 up. Default: no bound (see `stats().maxQueuedSeen`). */
  readonly maxQueued?: number;
  /**
   * What happens to one more: it is dropped and counted (the default, for live pipelines), or the
   * pipeline waits (for those that read files).
   */
  readonly whenFull?: 'drop' | 'wait';
  /** Called once when the sink gets EOS, after its last sample. */
  readonly onEos?: () => void;
}

/** Calling it stops the delivery at once; `stats()` goes on answering. */
export interface SinkAttachment {
  (): void;
  stats(): SinkStats;
}

/**
 * Delivers every sample of an appsink to a callback: in order, in batches, without a copy where that
 * is safe (own memory that no buffer pool waits for). One attachment per appsink; a new one replaces it.
 * @throws GstError `wrong-element`
 */
export function attachSink(
  element: Element,
  callback: (sample: SampleOut) => void,
  options: SinkOptions = {},
): SinkAttachment {
  const { onEos, maxQueued, whenFull } = options;
  if (maxQueued !== undefined && !(Number.isSafeInteger(maxQueued) && maxQueued > 0)) {
    throw new GstError('bad-value', `maxQueued counts from 1 up, not ${maxQueued}`);
  }
  const attachment = guard(() =>
    native().attachSink(
      handleOf(element),
      (samples) => {
        for (const sample of samples) deliver(() => callback(sample));
      },
      onEos === undefined ? null : () => deliver(onEos),
      maxQueued ?? 0,
      whenFull === 'wait',
    ),
  );
  const leave = element.scope.atEnd(() => attachment.detach());
  const detach = () => {
    leave();
    attachment.detach();
  };
  return Object.assign(detach, { stats: () => attachment.stats() });
}

/** Times of a buffer for `pushBuffer`, nanoseconds. */
export interface BufferTimes {
  readonly ptsNs?: number | bigint;
  readonly dtsNs?: number | bigint;
  readonly durationNs?: number | bigint;
}

/**
 * Pushes a copy of the bytes into an appsrc. Never blocks: an appsrc with `block=true` is refused.
 * @throws GstError `wrong-element`, `would-block`, `bad-type`
 */
export function pushBuffer(element: Element, data: Uint8Array, times: BufferTimes = {}): FlowReturn {
  return guard(() =>
    native().pushBuffer(
      handleOf(element),
      data,
      times.ptsNs ?? null,
      times.dtsNs ?? null,
      times.durationNs ?? null,
    ),
  ) as FlowReturn;
}

/** Sets the caps of an appsrc, for the buffers after it. @throws GstError `wrong-element`, `parse` */
export function setCaps(element: Element, caps: string): void {
  guard(() => native().setCaps(handleOf(element), caps));
}

/** Ends an appsrc's stream after what was pushed. */
export function endOfStream(element: Element): FlowReturn {
  return guard(() => native().endOfStream(handleOf(element))) as FlowReturn;
}

/** Listens for an appsrc that wants data; `bytes` is a hint. @returns a function that stops listening */
export function onNeedData(element: Element, callback: (bytes: number) => void): () => void {
  return element.onSignal('need-data', ([bytes]) => callback(Number(bytes)));
}

/** Listens for an appsrc that has enough. @returns a function that stops listening */
export function onEnoughData(element: Element, callback: () => void): () => void {
  return element.onSignal('enough-data', () => callback());
}

export interface KeyUnitOptions {
  /** From this running time on, nanoseconds; at once without. */
  readonly runningTimeNs?: number | bigint;
  /** Also repeat the stream's headers. */
  readonly allHeaders?: boolean;
  readonly count?: number;
}

/**
 * Asks upstream for a key frame: given an encoder, or its source pad, that encoder; given a sink or a
 * sink pad, whatever encodes before it.
 * @returns whether anything took the event
 */
export function forceKeyUnit(target: Element | Pad, options: KeyUnitOptions = {}): boolean {
  return guard(() =>
    native().forceKeyUnit(
      handleOf(target as GObject),
      options.runningTimeNs ?? null,
      options.allHeaders ?? false,
      options.count ?? 0,
    ),
  );
}

export interface BufferCounter {
  read(): BufferCount;
  /** Takes the probe off. Idempotent. */
  close(): void;
}

/** Counts what passes a pad, natively: reading costs a call, a buffer costs two additions. */
export function countBuffers(pad: Pad): BufferCounter {
  return guard(() => native().countBuffers(handleOf(pad)));
}

/**
 * Lets a source pad answer no latency above `ns`, whatever the elements before it claim. For those that claim the worst that
 * could ever be, which a live mixer would then wait for. Lasts as long as the pad.
 * @throws GstError `bad-type` for a sink pad
 */
export function capLatency(pad: Pad, ns: number | bigint): void {
  guard(() => native().capLatency(handleOf(pad), ns));
}

/**
 * Holds up whatever wants to go downstream through a pad, from the first buffer or event on.
 * @returns lets it pass. Idempotent
 */
export function blockPad(pad: Pad): () => void {
  return guard(() => native().blockPad(handleOf(pad)));
}

export interface LeapMarker {
  /** Times are about to leap ahead by so much, nanoseconds: at the next buffer that has them do so. */
  expect(ns: number | bigint): void;
  /** Takes the probe off. Idempotent. */
  close(): void;
}

/**
 * Says behind a source pad that nothing is there (GAP) where the times of its buffers leap ahead and that was announced, in pieces of
 * 20 ms. A decoder of sound conceals them as it does a loss; one that is told nothing leaves silence.
 * @throws GstError `bad-type` for a sink pad
 */
export function markLeaps(pad: Pad): LeapMarker {
  const marker = guard(() => native().markLeaps(handleOf(pad)));
  return { expect: (ns) => guard(() => marker.expect(ns)), close: () => marker.close() };
}

/**
 * Puts a gate on a source pad of raw pictures on a fixed grid: it decides which frames go on, before work is done on them.
 * Without further words all do. With `keyFrames` the first frame of each group that passes is announced as one to be coded by
 * itself (GstForceKeyUnit), so that frames left out move no key frame.
 * @throws GstError `bad-type` for a sink pad, `bad-value`
 */
export function gateFrames(pad: Pad, grid: FrameGrid, options: { keyFrames?: boolean } = {}): FrameGate {
  const gate = guard(() =>
    native().gateFrames(handleOf(pad), { ...grid, keyFrames: options.keyFrames ?? false }),
  );
  const leave = pad.scope.atEnd(() => gate.remove());
  return {
    close: (frame) => guard(() => gate.close(frame)),
    open: (frame) => guard(() => gate.open(frame)),
    keepEvery: (n) => guard(() => gate.keepEvery(n)),
    dropLater: (ns) => guard(() => gate.dropLater(ns)),
    read: () => gate.read(),
    remove() {
      leave();
      gate.remove();
    },
  };
}
