/**
 * GStreamer for Node: pipelines from descriptions, bins added and removed while they run, typed
 * properties, the bus, appsink samples with their times, appsrc. No call blocks the JavaScript thread
 * on a state change, and everything that fails throws a GstError with a `code`.
 */
import { guard } from './errors.ts';
import { deliver } from './lifetime.ts';
import { native } from './native.ts';
import { Pipeline } from './pipeline.ts';
import type { LogRecord } from './types.ts';

export * from './app.ts';
export { GstError, type GstErrorCode } from './errors.ts';
export { Bin, Element, GObject, Pad, type RemoveOptions, type Wrapped } from './objects.ts';
export { Pipeline } from './pipeline.ts';
export type * from './types.ts';

/** Starts GStreamer. Idempotent. @param argv GStreamer's own options, e.g. `--gst-debug=2` */
export function init(argv: readonly string[] = []): void {
  guard(() => native().init(argv));
}

/** e.g. `GStreamer 1.22.0`. */
export function version(): string {
  return guard(() => native().version());
}

/** Whether a plugin that is installed provides this element. */
export function hasElement(name: string): boolean {
  return guard(() => native().hasElement(name));
}

/**
 * From now on this process can make these elements and no others, whatever its descriptions say. Also of type finders and what
 * else plugins bring there is nothing more.
 */
export function keepElements(names: readonly string[]): void {
  guard(() => native().keepElements(names));
}

/**
 * When a fault ends this process, the name of the thread it happened in (15 characters at most; GStreamer calls its threads by
 * element and pad) is written to this file descriptor first.
 */
export function tellCrashes(fd: number): void {
  guard(() => native().tellCrashes(fd));
}

/**
 * Builds a pipeline from a description in gst-launch's language. It is not started.
 * @throws GstError `parse` with GStreamer's message
 */
export function parseLaunch(description: string): Pipeline {
  return new Pipeline(guard(() => native().parseLaunch(description)));
}

export interface LogOptions {
  /** Also GStreamer's own debug log up to this level (and no longer on stderr). */
  readonly gstLevel?: 'error' | 'warning' | 'fixme' | 'info' | 'debug';
}

const logListeners = new Set<(record: LogRecord) => void>();

/**
 * Takes GLib's warnings and criticals (what would be written to stderr) as records.
 * @returns a function that stops listening; without listeners they go to stderr again
 */
export function onLog(callback: (record: LogRecord) => void, options: LogOptions = {}): () => void {
  logListeners.add(callback);
  guard(() =>
    native().setLog((record) => {
      for (const listener of [...logListeners]) deliver(() => listener(record));
    }, options.gstLevel ?? null),
  );
  return () => {
    if (logListeners.delete(callback) && logListeners.size === 0) guard(() => native().setLog(null, null));
  };
}

/** GStreamer objects that JavaScript holds now (for leak tests and metrics). */
export function liveObjects(): number {
  return guard(() => native().liveObjects());
}
