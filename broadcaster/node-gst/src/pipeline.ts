import { GstError, guard, guardAsync } from './errors.ts';
import { deliver, raceDeadline, Scope } from './lifetime.ts';
import { type Handle, native } from './native.ts';
import { Bin, handleOf } from './objects.ts';
import type { BusMessage, StateName, StateResult } from './types.ts';

/** Pipelines that were started: like a listening server, they live and keep the process alive until stopped. */
const running = new Set<Pipeline>();

function setRunning(pipeline: Pipeline, on: boolean): void {
  if (running.has(pipeline) === on) return;
  if (on) running.add(pipeline);
  else running.delete(pipeline);
  native().keepAlive(on);
}

/**
 * A GstPipeline. Once started it keeps the process alive until it is stopped or closed; one that is not
 * running, and that nobody listens to, ends when nothing refers to it any more.
 */
export class Pipeline extends Bin {
  readonly #listeners = new Set<(message: BusMessage) => void>();
  #closing: Promise<void> | undefined;

  constructor(handle: Handle) {
    super(handle, new Scope(null, `pipeline ${native().name(handle)}`));
    this.scope.keep = this;
  }

  get closed(): boolean {
    return this.scope.ended;
  }

  override async setState(state: StateName, timeoutMs = 10_000): Promise<StateResult> {
    this.scope.check();
    if (state !== 'null') setRunning(this, true);
    const result = await super.setState(state, timeoutMs);
    if (state === 'null' && !this.closed && this.state === 'null') setRunning(this, false);
    return result;
  }

  play(timeoutMs = 10_000): Promise<StateResult> {
    return this.setState('playing', timeoutMs);
  }

  pause(timeoutMs = 10_000): Promise<StateResult> {
    return this.setState('paused', timeoutMs);
  }

  /** To NULL; it can be played again. */
  stop(timeoutMs = 10_000): Promise<StateResult> {
    return this.setState('null', timeoutMs);
  }

  /**
   * Listens to the bus: every message, in order. Messages before the first listener are not kept.
   * @returns a function that stops listening
   */
  onMessage(callback: (message: BusMessage) => void): () => void {
    const handle = handleOf(this);
    this.#listeners.add(callback);
    if (this.#listeners.size === 1) {
      native().onBus(handle, (messages) => {
        for (const message of messages) {
          for (const listener of [...this.#listeners]) deliver(() => listener(message));
        }
      });
    }
    return () => {
      if (!this.#listeners.delete(callback) || this.#listeners.size > 0 || this.closed) return;
      native().onBus(handle, null);
    };
  }

  /** Runs a function when the pipeline closes. */
  onClose(callback: () => void): () => void {
    this.scope.check();
    return this.scope.atEnd(callback);
  }

  /** The pipeline clock's time now, nanoseconds (the system clock's before it plays). */
  clockNow(): bigint {
    return guard(() => native().clockNow(handleOf(this)));
  }

  baseTime(): bigint {
    return guard(() => native().baseTime(handleOf(this)));
  }

  /** Running time now: clock minus base time, nanoseconds. */
  runningTime(): bigint {
    return this.clockNow() - this.baseTime();
  }

  /** Sets base time; keep it over state changes with setStartTimeNone. */
  setBaseTime(ns: bigint): void {
    guard(() => native().setBaseTime(handleOf(this), ns));
  }

  /** Stops GStreamer from choosing base time itself when it goes to PLAYING. */
  setStartTimeNone(): void {
    guard(() => native().setStartTimeNone(handleOf(this)));
  }

  /** Uses a system clock of this kind instead of one that an element offers. Before playing. */
  useClock(clock: 'monotonic' | 'realtime'): void {
    guard(() => native().useClock(handleOf(this), clock));
  }

  /** Latency query. maxNs is null where there is no bound. */
  latency(): { live: boolean; minNs: number; maxNs: number | null } {
    return guard(() => native().latency(handleOf(this)));
  }

  /** Collects and distributes latency anew, off this thread. */
  recalculateLatency(): Promise<boolean> {
    return guardAsync(() => native().recalculateLatency(handleOf(this)));
  }

  /** Whether a `latency` message makes the pipeline recalculate by itself (the default). */
  setAutoLatency(on: boolean): void {
    guard(() => native().setAutoLatency(handleOf(this), on));
  }

  /** Uses this latency whatever the elements report; null goes back to what they report. */
  setFixedLatency(ns: number | null): void {
    guard(() => native().setFixedLatency(handleOf(this), ns));
  }

  /**
   * Stops it and frees everything. Idempotent: every call answers the same promise. Its objects throw
   * `closed` from the first call on.
   * @throws GstError `state-timeout` when something in it does not stop (it is left behind then)
   */
  close(timeoutMs = 10_000): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    const handle = handleOf(this);
    const what = this.name;
    this.scope.end();
    this.#listeners.clear();
    try {
      await guardAsync(() =>
        raceDeadline(
          timeoutMs,
          () => new GstError('state-timeout', `${what} did not stop within ${timeoutMs} ms`),
          native().closePipeline(handle),
        ),
      );
      native().dispose(handle);
    } finally {
      setRunning(this, false);
    }
  }
}
