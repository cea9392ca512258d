import { GstError, guard, guardAsync } from './errors.ts';
import { deliver, raceDeadline, Scope, withDeadline } from './lifetime.ts';
import { type Handle, type NativeValue, native } from './native.ts';
import type { FieldValue, GstEvent, StateName, StateResult, Value } from './types.ts';

/** What a signal hands over or an action returns: a value, or an object in its wrapper. */
export type Wrapped = Value | GObject | null;

const handles = new WeakMap<GObject, Handle>();

/** The addon's reference behind a wrapper. @throws GstError `closed` */
export function handleOf(object: GObject): Handle {
  const handle = handles.get(object);
  if (handle === undefined) throw new GstError('bad-type', 'not an object of this package');
  object.scope.check();
  return handle;
}

export function wrap(handle: Handle, scope: Scope): GObject {
  switch (native().kind(handle)) {
    case 'pipeline':
    case 'bin':
      return new Bin(handle, scope);
    case 'element':
      return new Element(handle, scope);
    case 'pad':
      return new Pad(handle, scope);
    case 'object':
      return new GObject(handle, scope);
  }
}

function wrapValue(value: NativeValue, scope: Scope): Wrapped {
  return native().isHandle(value) ? wrap(value, scope) : (value as Value | null);
}

function unwrapValue(value: Wrapped): NativeValue {
  return value instanceof GObject ? handleOf(value) : value;
}

/** A GObject: properties and signals. Elements, pads and anything else that a signal hands over. */
export class GObject {
  readonly scope: Scope;

  constructor(handle: Handle, scope: Scope) {
    handles.set(this, handle);
    this.scope = scope;
  }

  get name(): string {
    return guard(() => native().name(handleOf(this)));
  }

  /** GStreamer's path of it, for logs: `/GstPipeline:p/GstBin:b/GstFoo:foo0`. */
  get path(): string {
    return guard(() => native().path(handleOf(this)));
  }

  /**
   * Reads a property by its own type. `child::property` reaches through a GstChildProxy.
   * @throws GstError `no-property`, `not-readable`, `bad-type` (objects: see getObject)
   */
  get(property: string): Value | null {
    return guard(() => native().get(handleOf(this), property));
  }

  /** Reads a property that is a GstStructure (e.g. `stats`) as plain data. */
  getFields(property: string): { [field: string]: FieldValue } | null {
    return guard(() => native().getFields(handleOf(this), property));
  }

  /** Reads a property that is an object. */
  getObject(property: string): GObject | null {
    const handle = guard(() => native().getObject(handleOf(this), property));
    return handle === null ? null : wrap(handle, this.scope);
  }

  /**
   * Writes a property. Enums take nick or number; caps, structures, fractions their string form; null
   * clears a string, boxed or object property.
   * @throws GstError `no-property`, `not-writable`, `bad-type`, `bad-value` (range, nick, form)
   */
  set(property: string, value: Value | GObject | null): void {
    guard(() => native().set(handleOf(this), property, unwrapValue(value)));
  }

  /** Writes several, in the object's order. Stops at the first that fails. */
  setMany(values: { readonly [property: string]: Value | GObject | null }): void {
    for (const [property, value] of Object.entries(values)) this.set(property, value);
  }

  /**
   * Emits an action signal.
   * @returns its return value, objects wrapped; null for none
   * @throws GstError `no-signal`, `bad-type`, `bad-value`
   */
  emit(action: string, ...args: readonly Wrapped[]): Wrapped {
    return guard(() => wrapValue(native().emit(handleOf(this), action, args.map(unwrapValue)), this.scope));
  }

  /**
   * Listens to a signal. The callback runs later on the JavaScript thread; a signal that wants a return
   * value gets `returns`, a constant.
   * @returns a function that stops listening
   * @throws GstError `no-signal`
   */
  onSignal(
    signal: string,
    callback: (args: Wrapped[]) => void,
    options: { readonly returns?: Value } = {},
  ): () => void {
    const { scope } = this;
    const disconnect = guard(() =>
      native().connect(
        handleOf(this),
        signal,
        (args) => deliver(() => callback(args.map((arg) => wrapValue(arg, scope)))),
        options.returns ?? null,
      ),
    );
    const leave = scope.atEnd(disconnect);
    return () => {
      leave();
      disconnect();
    };
  }

  /** Whether both wrap the same GStreamer object (wrappers themselves are not unique). */
  same(other: GObject): boolean {
    return guard(() => native().same(handleOf(this), handleOf(other)));
  }

  /**
   * Sends an event into it (`gst_element_send_event`, `gst_pad_send_event`), off the JavaScript thread
   * because serialised events wait for the stream.
   * @returns whether it was handled
   */
  sendEvent(event: GstEvent): Promise<boolean> {
    return guardAsync(() => native().sendEvent(handleOf(this), event));
  }
}

/** A GstElement. */
export class Element extends GObject {
  get factoryName(): string {
    return guard(() => native().factoryName(handleOf(this)));
  }

  /** A static (or already existing) pad, by name. */
  getPad(name: string): Pad | null {
    const handle = guard(() => native().getPad(handleOf(this), name));
    return handle === null ? null : new Pad(handle, this.scope);
  }

  /** All pads it has now. */
  pads(): Pad[] {
    return guard(() => native().pads(handleOf(this))).map((handle) => new Pad(handle, this.scope));
  }

  /**
   * Requests a pad by template (`sink_%u`) or name (`sink_3`), and sets properties on it.
   * @throws GstError `no-pad`
   */
  requestPad(template: string, properties: { readonly [property: string]: Value } = {}): Pad {
    const pad = new Pad(
      guard(() => native().requestPad(handleOf(this), template)),
      this.scope,
    );
    try {
      pad.setMany(properties);
    } catch (error) {
      this.releasePad(pad);
      throw error;
    }
    return pad;
  }

  releasePad(pad: Pad): void {
    guard(() => native().releasePad(handleOf(this), handleOf(pad)));
  }

  /** Links any compatible pads, through a caps filter if given. @returns whether it worked */
  link(other: Element, caps?: string): boolean {
    return guard(() => native().link(handleOf(this), handleOf(other), caps ?? null));
  }

  unlink(other: Element): void {
    guard(() => native().unlink(handleOf(this), handleOf(other)));
  }

  /**
   * Brings it to its parent's state, on this thread. For anything that opens files, devices or sockets
   * prefer `start`, which does the same elsewhere.
   */
  syncStateWithParent(): boolean {
    return guard(() => native().syncStateWithParent(handleOf(this)));
  }

  /** Brings it to its parent's state on a worker thread. @throws GstError as setState */
  async start(timeoutMs = 5000): Promise<StateResult> {
    const handle = handleOf(this);
    return withDeadline(timeoutMs, `${this.name} to its parent's state`, () =>
      native().startWithParent(handle, timeoutMs),
    );
  }

  /**
   * Changes state on a worker thread and waits for the end of an asynchronous change.
   * @param timeoutMs deadline; 0 starts the change and does not wait
   * @throws GstError `state-timeout`, `state-failed` (with the text of the error that caused it)
   */
  async setState(state: StateName, timeoutMs = 5000): Promise<StateResult> {
    const handle = handleOf(this);
    return withDeadline(timeoutMs, `${this.name} to ${state}`, () =>
      native().setState(handle, state, timeoutMs),
    );
  }

  /** The state it is in now. */
  get state(): StateName {
    return guard(() => native().currentState(handleOf(this))) as StateName;
  }

  /** Stream position, nanoseconds; null where the element cannot say. */
  position(): number | null {
    return guard(() => native().position(handleOf(this)));
  }
}

/** A GstPad. */
export class Pad extends GObject {
  /** @throws GstError `link-failed` with GStreamer's reason */
  link(sink: Pad): void {
    guard(() => native().padLink(handleOf(this), handleOf(sink)));
  }

  /** Unlinks it from its peer, if it has one. */
  unlink(): void {
    guard(() => native().padUnlink(handleOf(this)));
  }

  get direction(): 'src' | 'sink' {
    return guard(() => native().padDirection(handleOf(this))) as 'src' | 'sink';
  }

  get isLinked(): boolean {
    return this.peer() !== null;
  }

  peer(): Pad | null {
    const handle = guard(() => native().padPeer(handleOf(this)));
    return handle === null ? null : new Pad(handle, this.scope);
  }

  parent(): Element | null {
    const handle = guard(() => native().padParent(handleOf(this)));
    if (handle === null) return null;
    const parent = wrap(handle, this.scope);
    return parent instanceof Element ? parent : null;
  }

  /** The caps negotiated on it now, as a string. */
  currentCaps(): string | null {
    return guard(() => native().padCaps(handleOf(this)));
  }
}

export interface RemoveOptions {
  /** Milliseconds until the promise rejects; the removal goes on behind it. Default 5000. */
  readonly timeoutMs?: number;
  /** Also release the request pads of peers (compositor, audiomixer, tee) that the bin was linked to. */
  readonly releasePeerPads?: boolean;
}

/** A GstBin: elements that are added and removed together, while the pipeline runs. */
export class Bin extends Element {
  /**
   * Parses a description into a bin of its own and adds it; it is not started (see `start`). The first
   * unlinked source and sink pad become ghost pads named `src` and `sink`; more by `addGhostPad`. In a
   * running pipeline a bin that gives data is linked and then started; one that takes data is started and
   * then linked, for a push into a bin that is not started is FLUSHING to whoever pushes, and ends it.
   * @throws GstError `parse`, `add-failed` (a name that is taken)
   */
  add(description: string, name?: string): Bin {
    const handle = guard(() => native().parseBin(handleOf(this), description, name ?? null));
    return new Bin(handle, new Scope(this.scope, `bin ${native().name(handle)}`));
  }

  /** An element inside, at any depth, by name. */
  element(name: string): Element | null {
    const handle = guard(() => native().binElement(handleOf(this), name));
    if (handle === null) return null;
    const found = wrap(handle, this.scope);
    return found instanceof Element ? found : null;
  }

  /** All elements inside, at any depth. */
  elements(): Element[] {
    return guard(() => native().binElements(handleOf(this))).flatMap((handle) => {
      const found = wrap(handle, this.scope);
      return found instanceof Element ? [found] : [];
    });
  }

  /** Gives a pad of an element inside a ghost on this bin's outside. */
  addGhostPad(name: string, target: Pad): Pad {
    return new Pad(
      guard(() => native().addGhostPad(handleOf(this), name, handleOf(target))),
      this.scope,
    );
  }

  /**
   * Takes a bin out while the pipeline runs: its data is dropped at its edge, it is unlinked from its
   * peers, brought to NULL on a worker thread, and removed. Objects of the bin are closed at once.
   * @throws GstError `remove-timeout` (the removal goes on), `remove-failed`
   */
  async remove(bin: Bin, options: RemoveOptions = {}): Promise<void> {
    const timeoutMs = options.timeoutMs ?? 5000;
    const what = `removal of ${bin.name}`;
    const removed = guard(() =>
      native().binRemove(handleOf(this), handleOf(bin), options.releasePeerPads ?? false),
    );
    if (bin.scope !== this.scope) bin.scope.end();
    await guardAsync(() =>
      raceDeadline(
        timeoutMs,
        () => new GstError('remove-timeout', `${what} did not end within ${timeoutMs} ms`),
        removed,
      ),
    );
  }

  /** The graph in Graphviz form, with states and caps. */
  toDot(): string {
    return guard(() => native().toDot(handleOf(this)));
  }
}
