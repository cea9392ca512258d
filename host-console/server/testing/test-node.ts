import {
  type DeletionStep,
  type Heartbeat,
  NO_PRESSURE,
  type NodeHandshake,
  type NodeNotice,
  PROTOCOL_VERSION,
} from '@rostrum/contracts';
import { io as dial, type Socket } from 'socket.io-client';

export const NODE_TOKEN = 'a node token for these tests only!';

export const HEARTBEAT: Heartbeat = {
  cpuCores: 0,
  loads: 0,
  rooms: [],
  pressure: { idleCores: 1, loopDelayMs: 0 },
  channels: [],
  roomForChannels: null,
  archive: null,
};

interface Call {
  readonly method: string;
  readonly params: Record<string, unknown>;
}

/** A node that dials in and answers every call with something that fits. */
export class TestNode {
  readonly calls: Call[] = [];
  readonly answers: (Call & { readonly answer: unknown })[] = [];
  readonly socket: Socket;
  recordingUrl: string | null = null;
  recordedMs = 1000;
  /** What it says is left of a recording that is deleted. */
  left: DeletionStep[] = [];
  /** Methods this node refuses, and with which code. */
  readonly refuse = new Map<string, string>();
  /** Answers of these methods wait for this. */
  readonly held = new Map<string, Promise<void>>();
  /** Methods this node does not answer, before `answerNow`. */
  readonly unanswered = new Set<string>();
  readonly #held: (() => void)[] = [];
  readonly #beat: NodeJS.Timeout;
  #heartbeat = HEARTBEAT;
  readonly #rooms = new Set<string>();
  readonly #channels = new Set<string>();
  #made = 0;

  constructor(url: string, node: NodeHandshake['node'], nodeId: string, bootId = 'boot1') {
    this.socket = dial(`${url}/node`, {
      auth: { protocol: PROTOCOL_VERSION, nodeToken: NODE_TOKEN, nodeId, bootId, node },
      transports: ['websocket'],
      forceNew: true,
    });
    this.socket.on('rpc', (method: string, params: Record<string, unknown>, ack: (r: unknown) => void) => {
      this.calls.push({ method, params });
      if (this.unanswered.has(method)) {
        this.#held.push(() => ack({ ok: true, value: this.#answer(method, params) }));
        return;
      }
      const code = this.refuse.get(method);
      const answer = (): void =>
        ack(
          code
            ? { ok: false, error: { code, message: 'refused by the test' } }
            : { ok: true, value: this.#answer(method, params) },
        );
      const held = this.held.get(method);
      if (held) void held.then(answer);
      else answer();
    });
    this.#beat = setInterval(() => this.beat(), 100);
  }

  answerNow(): void {
    this.unanswered.clear();
    for (const answer of this.#held.splice(0)) answer();
  }

  /** How often it said what it has. */
  beats = 0;

  /** Says what it runs, by the calls it answered, and what it was told to say besides. */
  beat(change: Partial<Heartbeat> = {}): void {
    this.#heartbeat = { ...this.#heartbeat, ...change };
    this.beats += 1;
    const { rooms, channels } = this.#heartbeat;
    const more = [...this.#channels].filter((id) => !channels.some((c) => c.channelId === id));
    this.socket.volatile.emit('heartbeat', {
      ...this.#heartbeat,
      rooms: [...new Set([...rooms, ...this.#rooms])],
      channels: [
        ...channels,
        ...more.map((channelId) => ({ channelId, state: NO_PRESSURE, withheld: [], runs: this.runs })),
      ],
    });
  }

  /** Which compositor and recorder its channels have. */
  runs = { compositor: 1, recorder: 1 };

  /** Its beats stop, its connection stands. */
  silence(): void {
    clearInterval(this.#beat);
  }

  #answer(method: string, params: Record<string, unknown>): unknown {
    const { roomId, channelId } = params;
    const shape = params.shape as { readonly revision: number } | undefined;
    this.#made += 1;
    if (method === 'room.open') this.#rooms.add(String(roomId));
    if (method === 'room.close') this.#rooms.delete(String(roomId));
    if (method === 'channel.start') this.#channels.add(String(channelId));
    if (method === 'channel.stop' || method === 'channel.end') this.#channels.delete(String(channelId));
    const endpoint = { ip: '127.0.0.1', port: 5000, rtcpPort: 5001 };
    const rtpParameters = {
      codecs: [{ mimeType: 'video/VP8', payloadType: 101, clockRate: 90_000, parameters: {} }],
      encodings: [{ ssrc: 1234 }],
      rtcp: { cname: 'camera-and-mic' },
    };
    const answers: Record<string, unknown> = {
      'room.open': { rtpCapabilities: {} },
      'transport.create': {
        transportId: `transport${this.#made}`,
        iceParameters: {},
        iceCandidates: [],
        dtlsParameters: {},
      },
      'producer.create': { producerId: `producer${this.#made}` },
      'egress.open': {
        egressId: `egress${this.#made}`,
        kind: 'video',
        rtpParameters,
        local: endpoint,
        srtp: null,
      },
      'transport.restartIce': { iceParameters: {} },
      'source.add': { local: endpoint, srtp: null, run: this.runs.compositor },
      'track.add': { local: endpoint, srtp: null, run: this.runs.recorder },
      'channel.start': { playlistUrl: 'http://origin.test/live/channel1/multivariant.m3u8' },
      'recording.shape': { revision: shape?.revision },
      'channel.end': {
        recordingUrl: this.recordingUrl,
        ...(this.recordingUrl === null ? {} : { durationMs: this.recordedMs }),
      },
    };
    const answer = method === 'recording.delete' ? { left: this.left } : (answers[method] ?? null);
    this.answers.push({ method, params, answer });
    return answer;
  }

  close(): void {
    clearInterval(this.#beat);
    this.socket.disconnect();
  }

  notice(notice: NodeNotice): void {
    this.socket.emit('notice', notice);
  }

  methods(prefix = ''): string[] {
    return this.calls.map((c) => c.method).filter((m) => m.startsWith(prefix));
  }
}

export const BROADCASTER = {
  kind: 'broadcaster',
  originUrl: 'http://origin.test',
  channelIds: [] as string[],
} as const;

/** Waits for what has to come; 5 s say that it does not. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
