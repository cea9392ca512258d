import { createRequire } from 'node:module';
import { GstError } from './errors.ts';
import type {
  BufferCount,
  BusMessage,
  FieldValue,
  FrameGate,
  FrameGrid,
  GstEvent,
  LogRecord,
  SampleOut,
  SinkStats,
  Value,
} from './types.ts';

/** A strong reference to a GObject. Only the addon looks inside. */
export interface Handle {
  readonly brand: unique symbol;
}

export type NativeValue = Value | Handle | null;
export type HandleKind = 'pipeline' | 'bin' | 'element' | 'pad' | 'object';

/** What the addon exports: flat functions, the object's handle first. They throw Errors with a `code`. */
export interface Native {
  init(argv: readonly string[]): void;
  version(): string;
  hasElement(name: string): boolean;
  keepElements(names: readonly string[]): void;
  tellCrashes(fd: number): void;
  setLog(callback: ((record: LogRecord) => void) | null, gstLevel: string | null): void;
  liveObjects(): number;
  /** Counted: every true keeps the event loop alive until its false. */
  keepAlive(on: boolean): void;

  isHandle(value: unknown): value is Handle;
  kind(object: Handle): HandleKind;
  same(a: Handle, b: Handle): boolean;
  dispose(object: Handle): void;
  name(object: Handle): string;
  path(object: Handle): string;
  factoryName(object: Handle): string;
  get(object: Handle, property: string): Value | null;
  getFields(object: Handle, property: string): { [field: string]: FieldValue } | null;
  getObject(object: Handle, property: string): Handle | null;
  set(object: Handle, property: string, value: NativeValue): void;
  emit(object: Handle, action: string, args: readonly NativeValue[]): NativeValue;
  connect(
    object: Handle,
    signal: string,
    callback: (args: NativeValue[]) => void,
    returns: Value | null,
  ): () => void;

  parseLaunch(description: string): Handle;
  parseBin(parent: Handle, description: string, name: string | null): Handle;
  binElement(bin: Handle, name: string): Handle | null;
  binElements(bin: Handle): Handle[];
  binRemove(parent: Handle, bin: Handle, releasePeerPads: boolean): Promise<void>;
  addGhostPad(bin: Handle, name: string, target: Handle): Handle;

  getPad(element: Handle, name: string): Handle | null;
  pads(element: Handle): Handle[];
  requestPad(element: Handle, template: string): Handle;
  releasePad(element: Handle, pad: Handle): void;
  link(element: Handle, other: Handle, caps: string | null): boolean;
  unlink(element: Handle, other: Handle): void;
  sendEvent(object: Handle, event: GstEvent): Promise<boolean>;
  syncStateWithParent(element: Handle): boolean;
  startWithParent(element: Handle, timeoutMs: number): Promise<string>;
  setState(element: Handle, state: string, timeoutMs: number): Promise<string>;
  currentState(element: Handle): string;

  padLink(source: Handle, sink: Handle): void;
  padUnlink(pad: Handle): void;
  padPeer(pad: Handle): Handle | null;
  padParent(pad: Handle): Handle | null;
  padCaps(pad: Handle): string | null;
  padDirection(pad: Handle): string;
  capLatency(pad: Handle, ns: number | bigint): void;
  blockPad(pad: Handle): () => void;
  markLeaps(pad: Handle): { expect(ns: number | bigint): void; close(): void };
  countBuffers(pad: Handle): { read(): BufferCount; close(): void };
  gateFrames(pad: Handle, options: FrameGrid & { readonly keyFrames: boolean }): FrameGate;

  onBus(pipeline: Handle, callback: ((messages: BusMessage[]) => void) | null): void;
  setAutoLatency(pipeline: Handle, on: boolean): void;
  closePipeline(pipeline: Handle): Promise<void>;
  clockNow(pipeline: Handle): bigint;
  baseTime(pipeline: Handle): bigint;
  setBaseTime(pipeline: Handle, ns: bigint): void;
  setStartTimeNone(pipeline: Handle): void;
  useClock(pipeline: Handle, clock: string): void;
  latency(pipeline: Handle): { live: boolean; minNs: number; maxNs: number | null };
  recalculateLatency(pipeline: Handle): Promise<boolean>;
  setFixedLatency(pipeline: Handle, ns: number | null): void;
  toDot(bin: Handle): string;
  position(element: Handle): number | null;

  attachSink(
    element: Handle,
    callback: (samples: SampleOut[]) => void,
    onEos: (() => void) | null,
    maxQueued: number,
    waitWhenFull: boolean,
  ): { detach(): void; stats(): SinkStats };
  pushBuffer(
    element: Handle,
    data: Uint8Array,
    ptsNs: number | bigint | null,
    dtsNs: number | bigint | null,
    durationNs: number | bigint | null,
  ): string;
  setCaps(element: Handle, caps: string): void;
  endOfStream(element: Handle): string;
  forceKeyUnit(
    object: Handle,
    runningTimeNs: number | bigint | null,
    allHeaders: boolean,
    count: number,
  ): boolean;
}

const addonPath = '../build/Release/node_gst.node';
let loaded: Native | undefined;

/**
 * The addon, loaded on first use.
 * @throws GstError `addon-missing` when it is not built for this machine (`npm run build` builds it)
 */
export function native(): Native {
  if (loaded === undefined) {
    try {
      loaded = createRequire(import.meta.url)(addonPath) as Native;
    } catch (error) {
      throw new GstError(
        'addon-missing',
        `the GStreamer addon does not load from ${addonPath}: build it first`,
        {
          cause: error,
        },
      );
    }
  }
  return loaded;
}
