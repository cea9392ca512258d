/**
 * A GObject property or signal argument. Enums and flags are nicks (`"veryfast"`, `"a+b"`); caps,
 * structures, fractions and other boxed types are GStreamer's own string form; 64-bit integers are
 * numbers while they are safe and bigints beyond.
 */
export type Value = number | bigint | string | boolean;

export type StateName = 'null' | 'ready' | 'paused' | 'playing';

/** How a state change ended. `async` only comes from a deadline of 0: it was started and not waited for. */
export type StateResult = 'success' | 'async' | 'no-preroll';

export type FlowReturn =
  | 'ok'
  | 'not-linked'
  | 'flushing'
  | 'eos'
  | 'not-negotiated'
  | 'error'
  | 'not-supported';

/** A field of a GstStructure as plain data; nested structures are objects, lists and arrays are arrays. */
export type FieldValue = Value | null | FieldValue[] | { [field: string]: FieldValue };

/** The events that can be sent from JavaScript. */
export type GstEvent =
  | { readonly type: 'eos' }
  | { readonly type: 'flush-start' }
  | { readonly type: 'flush-stop'; readonly resetTime?: boolean }
  | { readonly type: 'reconfigure' }
  /** `structure` in GStreamer's string form, e.g. `"my-event, value=(int)3"`. */
  | { readonly type: 'custom-upstream' | 'custom-downstream'; readonly structure: string };

export interface BusMessage {
  /** GStreamer's message type name: `error`, `warning`, `eos`, `state-changed`, `latency`, `qos`, `element`… */
  readonly type: string;
  /** Name of the object that posted it. */
  readonly source: string;
  /** Its path, e.g. `/GstPipeline:pipeline0/GstBin:camera/GstX264Enc:x264enc0`. */
  readonly path: string;
  readonly seqnum: number;
  /** error, warning, info: the human-readable text. */
  readonly message?: string;
  /** error, warning, info: the developer's detail. */
  readonly debug?: string;
  /** error, warning, info: GLib error domain, e.g. `gst-resource-error-quark`. */
  readonly domain?: string;
  /** error, warning, info: code in that domain. */
  readonly errorCode?: number;
  /** state-changed. */
  readonly oldState?: string;
  readonly newState?: string;
  readonly pendingState?: string;
  /** The message's structure (element and application messages and most others), in string form. */
  readonly structure?: string;
  /** Its name and its fields as plain data. */
  readonly structureName?: string;
  readonly fields?: { readonly [field: string]: FieldValue };
}

/** One GstSample of an appsink. Times are nanoseconds; null where GStreamer has none. */
export interface SampleOut {
  /** The bytes. May lie over GStreamer's own memory: read them, never write into them. */
  readonly data: Buffer;
  readonly ptsNs: number | null;
  readonly dtsNs: number | null;
  readonly durationNs: number | null;
  /** PTS converted by the segment to running time (comparable between sinks of one pipeline). */
  readonly runningTimeNs: number | null;
  /** DTS converted likewise; negative before the first frame where frames are reordered. */
  readonly dtsRunningTimeNs: number | null;
  /** No DELTA_UNIT flag. */
  readonly keyframe: boolean;
  readonly discont: boolean;
  readonly header: boolean;
  /** Samples lost right before this one, because `maxQueued` were waiting. */
  readonly droppedBefore: number;
  /** With the first sample and whenever they change. */
  readonly caps: string | undefined;
  /** With `caps`, where the caps carry `codec_data`. */
  readonly codecData: Buffer | undefined;
}

export interface SinkStats {
  /** Samples that reached the callback, and their bytes. */
  readonly delivered: number;
  readonly bytes: number;
  /** Waiting now, and the most that ever waited. */
  readonly queued: number;
  readonly maxQueuedSeen: number;
  /** Lost because `maxQueued` were waiting. */
  readonly dropped: number;
}

export interface BufferCount {
  readonly buffers: number;
  readonly bytes: number;
  readonly lastPtsNs: number | null;
  /** Since the last buffer passed, milliseconds; null before the first. */
  readonly ageMs: number | null;
}

export interface LogRecord {
  /** `error`, `critical`, `warning`, `message`, `info`, `debug`. */
  readonly level: string;
  /** GLib log domain or, for GStreamer's own debug log, its category. */
  readonly domain: string;
  readonly message: string;
}

/** Frames of a stream that lie on a fixed grid, known by their running time: frame 0 is at running time 0. */
export interface FrameGrid {
  readonly frameNs: number;
  /** Frames from one key frame to the next. */
  readonly groupFrames: number;
  /** Groups consist of parts; the first frame of a part is never dropped for being late. */
  readonly partFrames: number;
}

/** What passed a gate since it was put up. */
export interface FrameGateCount {
  readonly passed: number;
  /** Dropped for being later than `dropLater`. */
  readonly droppedLate: number;
  /** Left out: the gate was closed, or `keepEvery` said so. */
  readonly leftOut: number;
  readonly newestFrame: number;
  /** Greatest lateness (clock minus running time) of a frame since the last reading; null: none came. */
  readonly worstLateNs: number | null;
}

export interface FrameGate {
  /** Lets none pass from that frame on, until it is opened. Turns are to be given in the order of their frames. */
  close(fromFrame: number): void;
  open(fromFrame: number): void;
  /** Of each part the first, and each `n`th after it; 1: all. */
  keepEvery(n: number): void;
  /** Drops frames that are later than this, but for the first of each part; null: none. */
  dropLater(ns: number | null): void;
  read(): FrameGateCount;
  /** Idempotent. */
  remove(): void;
}
