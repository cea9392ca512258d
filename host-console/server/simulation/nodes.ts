import { EventEmitter } from 'node:events';
import {
  type Heartbeat,
  NO_PRESSURE,
  NODE_NAMESPACE,
  type NodeHandshake,
  type NodeNotice,
  PROTOCOL_VERSION,
  RostrumError,
} from '@rostrum/contracts';
import { KeyedQueue } from '@rostrum/service-kit/keyed-queue';
import type { World } from './world.ts';

export const NODE_TOKEN = 'a node token for histories only!';
const BEAT_MS = 500;

type Ack = (result: unknown) => void;
type Input = Record<string, string> & {
  readonly source?: { readonly sourceId: string; readonly personId: string };
  readonly scene?: unknown;
  readonly hold?: { readonly bed: boolean };
};

/** The coordinator's end of a node's connection, as far as the node registry uses it. */
class Line extends EventEmitter {
  readonly handshake: { readonly auth: unknown; readonly address: string; readonly headers: object };
  readonly data: Record<string, unknown> = {};
  open = true;
  readonly #node: SimNode;

  constructor(node: SimNode, auth: NodeHandshake) {
    super();
    this.#node = node;
    this.handshake = { auth, address: '127.0.0.1', headers: {} };
  }

  override emit(event: string, ...args: unknown[]): boolean {
    if (event !== 'rpc') return super.emit(event, ...args);
    const [method, input, ack] = args as [string, Input, Ack];
    if (this.open) this.#node.called(this, method, input, ack);
    return true;
  }

  disconnect(): void {
    if (this.open) this.cut('server namespace disconnect');
  }

  cut(reason: string): void {
    this.open = false;
    super.emit('disconnect', reason);
    this.#node.lineLost(this);
  }
}

/** What one coordinator listens on; nodes dial in to the newest. */
export class Gate {
  readonly #guards: ((socket: unknown, next: (error?: Error) => void) => void)[] = [];
  #admit: ((socket: unknown) => void) | null = null;
  readonly lines = new Set<Line>();

  /** In place of a Socket.IO server: the node namespace; the one for beats stays empty. */
  readonly io = {
    of: (namespace: string) => ({
      use: (guard: (socket: unknown, next: (error?: Error) => void) => void): void => {
        if (namespace === NODE_NAMESPACE) this.#guards.push(guard);
      },
      on: (_event: string, admit: (socket: unknown) => void): void => {
        if (namespace === NODE_NAMESPACE) this.#admit = admit;
      },
    }),
  };

  dial(line: Line): void {
    for (const guard of this.#guards) {
      guard(line, (error) => {
        if (error) throw error;
      });
    }
    this.lines.add(line);
    this.#admit?.(line);
  }

  close(): void {
    for (const line of this.lines) if (line.open) line.cut('transport close');
  }
}

/** A node: a process that may be stopped, die and start again, on a connection that may be cut. */
export abstract class SimNode {
  readonly nodeId: string;
  protected readonly world: World;
  readonly #gate: () => Gate | null;
  #line: Line | null = null;
  #boot = 0;
  #state: 'dead' | 'stopped' | 'runs' = 'dead';
  /** What came while it was stopped. */
  #unread: (() => void)[] = [];
  /** Nothing overtakes on a connection, in either direction. */
  #lastArrivalMs = 0;
  #lastAnswerMs = 0;
  protected queue = new KeyedQueue();

  constructor(nodeId: string, world: World, gate: () => Gate | null) {
    this.nodeId = nodeId;
    this.world = world;
    this.#gate = gate;
  }

  protected abstract readonly description: NodeHandshake['node'];
  protected abstract load(): Pick<Heartbeat, 'rooms' | 'channels' | 'loads'>;
  protected abstract answer(method: string, input: Input): Promise<unknown> | unknown;
  protected abstract forget(): void;

  get alive(): boolean {
    return this.#state !== 'dead';
  }
  get bootId(): string {
    return `boot${this.#boot}`;
  }

  start(): void {
    if (this.#state !== 'dead') return;
    this.#boot += 1;
    this.#state = 'runs';
    this.forget();
    this.queue = new KeyedQueue();
    this.world.tell(`${this.nodeId} starts, ${this.bootId}`);
    const boot = this.#boot;
    const beat = (): void => {
      if (boot !== this.#boot || this.#state === 'dead') return;
      if (this.#state === 'runs') this.#send('heartbeat', this.#heartbeat());
      this.world.time.after(BEAT_MS, beat);
    };
    this.world.time.after(BEAT_MS, beat);
    this.dial();
  }

  kill(): void {
    if (this.#state === 'dead') return;
    this.world.tell(`${this.nodeId} is killed`);
    this.#state = 'dead';
    this.#unread = [];
    this.cut();
  }

  /** SIGSTOP: its connection stands, and it says nothing. */
  stop(): void {
    if (this.#state !== 'runs') return;
    this.world.tell(`${this.nodeId} is stopped`);
    this.#state = 'stopped';
  }

  goOn(): void {
    if (this.#state !== 'stopped') return;
    this.world.tell(`${this.nodeId} goes on`);
    this.#state = 'runs';
    for (const read of this.#unread.splice(0)) read();
    if (!this.#line) this.dial();
  }

  cut(): void {
    if (!this.#line) return;
    this.world.tell(`${this.nodeId} is cut off`);
    this.#line.cut('transport close');
  }

  /** Dials until somebody answers. */
  dial(): void {
    const boot = this.#boot;
    if (this.#line || this.#state === 'dead') return;
    this.world.time.after(50 + this.world.upTo(1500), () => {
      if (boot !== this.#boot || this.#state !== 'runs' || this.#line) return;
      const gate = this.#gate();
      if (!gate) return this.dial();
      this.#line = new Line(this, {
        protocol: PROTOCOL_VERSION,
        nodeToken: NODE_TOKEN,
        nodeId: this.nodeId,
        bootId: this.bootId,
        node: this.description,
      });
      this.#lastArrivalMs = 0;
      this.#lastAnswerMs = 0;
      gate.dial(this.#line);
    });
  }

  lineLost(line: Line): void {
    if (this.#line !== line) return;
    this.#line = null;
    this.dial();
  }

  /** A call is on its way to the process. */
  called(line: Line, method: string, input: Input, ack: Ack): void {
    const boot = this.#boot;
    const atMs = Math.max(this.#lastArrivalMs, this.world.time.nowMs + this.world.upTo(40));
    this.#lastArrivalMs = atMs;
    this.world.time.after(atMs - this.world.time.nowMs, () => {
      if (!line.open || boot !== this.#boot) return;
      const read = (): void => {
        if (boot === this.#boot && this.alive) void this.#serve(line, boot, method, input, ack);
      };
      if (this.#state === 'stopped') this.#unread.push(read);
      else read();
    });
  }

  async #serve(line: Line, boot: number, method: string, input: Input, ack: Ack): Promise<void> {
    let result: unknown;
    try {
      result = { ok: true, value: (await this.answer(method, input)) ?? null };
    } catch (error) {
      if (!(error instanceof RostrumError)) throw error;
      result = { ok: false, error: error.toFailure() };
    }
    // A stopped process answers when it goes on; a dead one, or over a connection that is gone, never.
    const send = (): void => {
      if (boot === this.#boot) this.#toCoordinator(line, () => ack(result));
    };
    if (this.#state === 'stopped') this.#unread.push(send);
    else send();
  }

  #toCoordinator(line: Line, arrive: () => void): void {
    this.#lastAnswerMs = Math.max(this.#lastAnswerMs, this.world.time.nowMs + this.world.upTo(40));
    this.world.time.after(this.#lastAnswerMs - this.world.time.nowMs, () => {
      if (line.open) arrive();
    });
  }

  protected notice(notice: NodeNotice): void {
    this.#send('notice', notice);
  }

  #send(event: string, body: unknown): void {
    const line = this.#line;
    if (line) this.#toCoordinator(line, () => EventEmitter.prototype.emit.call(line, event, body));
  }

  #heartbeat(): Heartbeat {
    return {
      cpuCores: 0,
      pressure: { idleCores: 1, loopDelayMs: 0 },
      roomForChannels: null,
      archive: null,
      ...this.load(),
    };
  }
}

const ENDPOINT = { ip: '127.0.0.1', port: 5000, rtcpPort: 5001 };

interface SimRoom {
  /** Producers by person; `paused` of each. */
  readonly people: Map<string, Map<string, { paused: boolean; readonly source: string }>>;
  /** Producer and carrier of each egress. */
  readonly egresses: Map<string, { readonly producerId: string; readonly carrier: string }>;
}

export class SimSfu extends SimNode {
  readonly rooms = new Map<string, SimRoom>();
  #made = 0;

  protected get description(): NodeHandshake['node'] {
    return { kind: 'sfu', roomIds: [...this.rooms.keys()] };
  }
  protected load() {
    return { rooms: [...this.rooms.keys()], channels: [], loads: this.rooms.size };
  }
  protected forget(): void {
    this.rooms.clear();
  }

  /** Its worker dies, and all rooms with it. */
  loseWorker(): void {
    if (!this.alive) return;
    this.world.tell(`${this.nodeId} loses its worker`);
    for (const roomId of [...this.rooms.keys()]) {
      this.rooms.delete(roomId);
      this.notice({ type: 'room.lost', roomId });
    }
  }

  protected answer(method: string, input: Input): Promise<unknown> | unknown {
    const { roomId = '', personId = '' } = input;
    if (method === 'room.open') return this.#open(roomId);
    if (method === 'room.close') {
      this.rooms.delete(roomId);
      return null;
    }
    if (method === 'person.close') {
      return this.queue.run(`${roomId} ${personId}`, async () => {
        await this.world.time.delay(this.world.upTo(20));
        this.#dropPerson(roomId, personId);
        return null;
      });
    }
    const room = this.rooms.get(roomId);
    if (!room) throw new RostrumError('not-found', 'no such room on this node');
    if (method.startsWith('egress.')) return this.#egress(room, method, input);
    return this.queue.run(`${roomId} ${personId}`, async () => {
      await this.world.time.delay(this.world.upTo(20));
      if (this.rooms.get(roomId) !== room) throw new RostrumError('not-found', 'no such room on this node');
      return this.#ofPerson(room, method, input);
    });
  }

  async #open(roomId: string): Promise<unknown> {
    await this.world.time.delay(this.world.upTo(200));
    if (!this.rooms.has(roomId)) this.rooms.set(roomId, { people: new Map(), egresses: new Map() });
    return { rtpCapabilities: {} };
  }

  #dropPerson(roomId: string, personId: string): void {
    const room = this.rooms.get(roomId);
    for (const producerId of room?.people.get(personId)?.keys() ?? []) {
      for (const [egressId, of] of room?.egresses ?? []) {
        if (of.producerId !== producerId) continue;
        room?.egresses.delete(egressId);
        this.notice({ type: 'egress.closed', roomId, egressId });
      }
    }
    room?.people.delete(personId);
  }

  #ofPerson(room: SimRoom, method: string, input: Input): unknown {
    const { personId = '', producerId = '' } = input;
    const own = room.people.get(personId) ?? new Map<string, { paused: boolean; readonly source: string }>();
    switch (method) {
      case 'producer.create': {
        this.#made += 1;
        const made = `${this.nodeId}-${this.bootId}-p${this.#made}`;
        own.set(made, { paused: Boolean(input.paused), source: String(input.source) });
        room.people.set(personId, own);
        return { producerId: made };
      }
      case 'producer.pause': {
        const producer = own.get(producerId);
        if (!producer) throw new RostrumError('not-found', 'no such producer');
        producer.paused = Boolean(input.paused);
        return null;
      }
      default:
        return null;
    }
  }

  #egress(room: SimRoom, method: string, input: Input): unknown {
    const { producerId = '', egressId = '', carrier = '' } = input;
    if (method === 'egress.open') {
      if (![...room.people.values()].some((own) => own.has(producerId)))
        throw new RostrumError('not-found', 'no such producer');
      for (const [id, of] of room.egresses) {
        if (of.producerId === producerId && of.carrier === carrier) room.egresses.delete(id);
      }
      this.#made += 1;
      const made = `${this.nodeId}-${this.bootId}-e${this.#made}`;
      room.egresses.set(made, { producerId, carrier });
      return {
        egressId: made,
        kind: 'video',
        rtpParameters: {
          codecs: [{ mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000, parameters: {} }],
          encodings: [{ ssrc: 1234 }],
          rtcp: { cname: 'one' },
        },
        local: ENDPOINT,
        srtp: null,
      };
    }
    if (method === 'egress.close') room.egresses.delete(egressId);
    else if (!room.egresses.has(egressId)) throw new RostrumError('not-found', 'no such egress');
    return null;
  }
}

interface SimChannel {
  /** It is before the show. */
  held: boolean;
  bed: boolean | undefined;
  scene: unknown;
  epoch: number;
  recorder: number;
  readonly sources: Set<string>;
  /** Of isolated tracks: the person of each source. */
  readonly tracks: Map<string, string>;
}

export class SimBroadcaster extends SimNode {
  readonly channels = new Map<string, SimChannel>();
  /** On its disk, which outlives the process: what was begun, and whether it was ended. */
  readonly archive = new Map<string, 'begun' | 'ended'>();

  /** How much it has of whatever it recorded: the later in the alphabet, the more. */
  get recordedMs(): number {
    return this.nodeId.charCodeAt(this.nodeId.length - 1);
  }

  get originUrl(): string {
    return `http://${this.nodeId}.test`;
  }
  protected get description(): NodeHandshake['node'] {
    return { kind: 'broadcaster', originUrl: this.originUrl, channelIds: [...this.channels.keys()] };
  }
  protected load() {
    const channels = [...this.channels].map(([channelId, { epoch, recorder }]) => ({
      channelId,
      state: NO_PRESSURE,
      withheld: [],
      runs: { compositor: epoch, recorder },
    }));
    const openArchives = [...this.archive]
      .filter(([id, is]) => is === 'begun' && !this.channels.has(id))
      .map(([id]) => id);
    return { rooms: [], channels, loads: channels.length, openArchives };
  }
  protected forget(): void {
    this.channels.clear();
  }

  /** A compositor dies; the next one knows the scene, and no source. */
  loseCompositor(): void {
    for (const [channelId, channel] of this.channels) {
      this.world.tell(`${this.nodeId}: the compositor of ${channelId} dies`);
      channel.epoch += 1;
      channel.sources.clear();
      this.notice({ type: 'channel.epoch', channelId, epoch: channel.epoch });
    }
  }

  /** A recorder of isolated tracks dies; the next one knows no source. */
  loseRecorder(): void {
    for (const [channelId, channel] of this.channels) {
      this.world.tell(`${this.nodeId}: the recorder of ${channelId} dies`);
      channel.recorder += 1;
      channel.tracks.clear();
      this.notice({ type: 'channel.tracksLost', channelId });
    }
  }

  protected answer(method: string, input: Input): Promise<unknown> | unknown {
    const { channelId = '', sourceId = '' } = input;
    const channel = this.channels.get(channelId);
    switch (method) {
      case 'channel.start':
        return this.queue.run(channelId, () => this.#start(channelId, input));
      case 'channel.stop':
        return this.queue.run(channelId, async () => {
          await this.world.time.delay(this.world.upTo(300));
          this.channels.delete(channelId);
          return null;
        });
      case 'channel.end':
        return this.queue.run(channelId, () => this.#end(channelId));
      case 'channel.scene':
        if (!channel) throw new RostrumError('not-found', 'no such channel');
        channel.scene = input.scene;
        return null;
      case 'source.add':
        if (!channel || !input.source) throw new RostrumError('not-found', 'no such channel');
        channel.sources.add(input.source.sourceId);
        return { local: ENDPOINT, srtp: null, run: channel.epoch };
      case 'source.remove':
        if (!channel) throw new RostrumError('not-found', 'no such channel');
        channel.sources.delete(sourceId);
        return null;
      case 'track.add':
        if (!channel || !input.source) throw new RostrumError('not-found', 'no such channel');
        channel.tracks.set(input.source.sourceId, input.source.personId);
        return { local: ENDPOINT, srtp: null, run: channel.recorder };
      case 'track.remove':
        if (!channel?.tracks.delete(sourceId)) throw new RostrumError('not-found', 'no such track');
        return null;
      default:
        throw new RostrumError('internal', `no such method: ${method}`);
    }
  }

  async #start(channelId: string, { scene, hold }: Input): Promise<unknown> {
    const held = hold !== undefined;
    await this.world.time.delay(this.world.upTo(1500));
    if (this.archive.get(channelId) === 'ended') throw new RostrumError('conflict', 'the channel has ended');
    const known = this.channels.get(channelId);
    if (known) {
      known.sources.clear();
      known.tracks.clear();
      known.scene = scene;
      known.held = held;
      known.bed = hold?.bed;
    } else {
      this.archive.set(channelId, 'begun');
      this.channels.set(channelId, {
        held,
        bed: hold?.bed,
        scene,
        epoch: 1,
        recorder: 1,
        sources: new Set(),
        tracks: new Map(),
      });
    }
    return { playlistUrl: `${this.originUrl}/live/${channelId}` };
  }

  async #end(channelId: string): Promise<unknown> {
    await this.world.time.delay(this.world.upTo(300));
    this.channels.delete(channelId);
    if (!this.archive.has(channelId)) return { recordingUrl: null };
    this.archive.set(channelId, 'ended');
    return { recordingUrl: `${this.originUrl}/recordings/${channelId}`, durationMs: this.recordedMs };
  }
}
