import { applyDelta } from '@rostrum/contracts/apply-delta';
import type { Failure, Result } from '@rostrum/contracts/errors';
import type { PersonQuality, QualityUpdate } from '@rostrum/contracts/network-quality';
import type {
  ClosingReason,
  CommandInput,
  CommandOutput,
  HandshakeRefusal,
  PersonCommand,
  ServerToPerson,
  ShowHealth,
  Sync,
} from '@rostrum/contracts/person-socket';
import { PERSON_NAMESPACE, PROTOCOL_VERSION } from '@rostrum/contracts/protocol';
import type { ViewDelta, WebinarView } from '@rostrum/contracts/view';
import { io, type Socket } from 'socket.io-client';
import { watchNetworkChange } from './network-change.ts';
import { createStore } from './store.ts';

/** Where the connection stands. `refused` is final: a new token, or a reload, is needed. */
export type RoomConnection =
  | 'connecting'
  | 'connected'
  | 'reconnecting'
  | { readonly refused: HandshakeRefusal | ClosingReason };

export interface RoomState {
  readonly connection: RoomConnection;
  /** null until the first `sync`; afterwards kept through reconnections. */
  readonly view: WebinarView | null;
  /** The log position `view` stands at; 0 before the first `sync`. */
  readonly seq: number;
  readonly presence: { readonly watching: number; readonly onStage: readonly string[] } | null;
  /** What troubles the media, for the crew; null until told, and for everybody else. */
  readonly health: ShowHealth | null;
  /** How networks fare, by person: of everybody on the stage for the crew, of oneself for who else is there. */
  readonly quality: Readonly<Record<string, PersonQuality>>;
  /** Add to `Date.now()` for the coordinator's clock (milliseconds; includes half a round trip of error). */
  readonly serverOffsetMs: number;
}

/** Media notices of the coordinator, as in `ServerToPerson`. */
export type RoomMediaEvent = Extract<keyof ServerToPerson, `media.${string}`>;
export type RoomMediaPayload<E extends RoomMediaEvent> = Parameters<ServerToPerson[E]>[0];

export interface RoomClient {
  /** The same object until something changes, as React's `useSyncExternalStore` wants it. */
  getState(): RoomState;
  /** `listener` is called after each change; the answer ends the subscription. */
  subscribe(listener: () => void): () => void;
  /**
   * Asks the coordinator. Never throws and never hangs: without a connection, when it breaks or after `deadlineMs`
   * the answer is the failure `unavailable` (then the command may or may not have been carried out).
   */
  command<C extends PersonCommand>(
    name: C,
    input: CommandInput<C>,
    options?: { readonly deadlineMs?: number },
  ): Promise<Result<CommandOutput<C>>>;
  /** Listens to a media notice; the answer ends it. */
  on<E extends RoomMediaEvent>(event: E, listener: (payload: RoomMediaPayload<E>) => void): () => void;
  /** Called with every fresh connection, the first included, after its `sync`. */
  onSynced(listener: () => void): () => void;
  /**
   * Connects anew at once, for whoever knows that the network is another one, or that nobody answers: by itself a dead
   * connection is noticed only when the coordinator's pings stay away. After a refusal nothing happens.
   */
  redial(): void;
  /** Ends the connection for good. Idempotent. */
  close(): void;
}

export type RoomOptions = {
  /** Base URL of the coordinator (`https://host:port`); empty for the page's own origin. */
  readonly coordinatorUrl: string;
} & (
  | {
      /** The signed link's token. */
      readonly token: string;
    }
  /** Where to, by the session of the browser's cookie: at the page's own origin. */
  | { readonly webinarId: string }
);

/** Reconnection and commands as data. Half of each delay is random, so that a crowd does not return at once. */
const RECONNECT = {
  firstDelayMs: 400,
  maxDelayMs: 4000,
  randomization: 0.5,
  connectTimeoutMs: 8000,
} as const;
const COMMAND_DEADLINE_MS = 8000;
/** Refusals that pass by themselves. */
const PASSING: readonly HandshakeRefusal[] = ['rate-limited', 'unavailable'];

/** The same object each time, so that nothing is told where nothing changed. */
const NOTHING_KNOWN: RoomState['quality'] = {};

/** What is told afresh with each connection. */
const UNTOLD = { presence: null, health: null, quality: NOTHING_KNOWN } as const;

/** Connects a person to their webinar and keeps their view up to date. */
export function createRoomClient({ coordinatorUrl, ...who }: RoomOptions): RoomClient {
  const store = createStore<RoomState>({
    connection: 'connecting',
    view: null,
    seq: 0,
    presence: null,
    health: null,
    quality: NOTHING_KNOWN,
    serverOffsetMs: 0,
  });
  const synced = new Set<() => void>();
  let closed = false;
  let refusals = 0;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;

  const socket: Socket = io(coordinatorUrl.replace(/\/+$/, '') + PERSON_NAMESPACE, {
    // WebSocket first: one round trip less, and no sticky sessions needed; polling where a proxy forbids it.
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    forceNew: true,
    timeout: RECONNECT.connectTimeoutMs,
    reconnectionDelay: RECONNECT.firstDelayMs,
    reconnectionDelayMax: RECONNECT.maxDelayMs,
    randomizationFactor: RECONNECT.randomization,
    auth: (answer) => {
      const { view, seq } = store.get();
      answer({ protocol: PROTOCOL_VERSION, ...who, ...(view === null ? {} : { lastSeq: seq }) });
    },
  });

  const disconnectedState = (): RoomConnection =>
    store.get().view === null && store.get().connection === 'connecting' ? 'connecting' : 'reconnecting';

  /** Socket.IO retries broken transports itself, but not what the server ended or refused; those are ours. */
  const retryOurselves = (): void => {
    const ceilingMs = Math.min(RECONNECT.maxDelayMs, RECONNECT.firstDelayMs * 2 ** refusals);
    refusals += 1;
    clearTimeout(retryTimer);
    retryTimer = setTimeout(
      () => socket.connect(),
      ceilingMs * (1 - RECONNECT.randomization * Math.random()),
    );
  };

  socket.on('connect', () => {
    refusals = 0;
    store.set({ connection: 'connected' });
  });
  socket.on('closing', ({ reason }: { reason: ClosingReason }) => {
    store.set({ connection: { refused: reason }, ...UNTOLD });
    // Before the server does: a connection that breaks is made again.
    socket.disconnect();
  });
  socket.on('disconnect', (reason) => {
    if (closed || typeof store.get().connection === 'object') return;
    store.set({ connection: disconnectedState(), ...UNTOLD });
    if (reason === 'io server disconnect') retryOurselves();
  });
  socket.on('connect_error', (error: Error & { data?: { code?: HandshakeRefusal } }) => {
    if (closed) return;
    const code = error.data?.code;
    if (code !== undefined && !PASSING.includes(code)) {
      socket.disconnect();
      store.set({ connection: { refused: code } });
      return;
    }
    store.set({ connection: disconnectedState() });
    if (!socket.active) retryOurselves();
  });

  socket.on('sync', (sync: Sync, serverNowUnixMs: number) => {
    const { view } = store.get();
    store.set({
      view: sync.kind === 'snapshot' ? sync.view : fold(view, sync.deltas),
      seq: sync.seq,
      serverOffsetMs: serverNowUnixMs - Date.now(),
    });
    for (const listener of synced) listener();
  });
  socket.on('deltas', (update: { seq: number; deltas: readonly ViewDelta[] }) => {
    const { view, seq } = store.get();
    if (update.seq < seq) return; // older than what `sync` already told
    store.set({ view: fold(view, update.deltas), seq: update.seq });
  });
  socket.on('health', (health: ShowHealth) => store.set({ health }));
  socket.on('quality', ({ people, gone }: QualityUpdate) => {
    const quality = { ...store.get().quality, ...Object.fromEntries(people.map((q) => [q.personId, q])) };
    for (const personId of gone) delete quality[personId];
    store.set({ quality });
  });
  socket.on('presence', (presence: RoomState['presence']) => store.set({ presence }));

  const redial = (): void => {
    if (closed || typeof store.get().connection === 'object') return;
    clearTimeout(retryTimer);
    // Socket.IO's own wait for the next try ends with it.
    socket.disconnect();
    socket.connect();
  };
  const unwatchNetwork = watchNetworkChange(redial);

  return {
    getState: store.get,
    subscribe: store.subscribe,
    async command(name, input, options = {}) {
      if (!socket.connected) return unavailable(`${name}: not connected`);
      try {
        const answer: unknown = await socket
          .timeout(options.deadlineMs ?? COMMAND_DEADLINE_MS)
          .emitWithAck(name, input);
        return isResult<CommandOutput<typeof name>>(answer)
          ? answer
          : { ok: false, error: { code: 'internal', message: `${name}: malformed answer` } };
      } catch (error) {
        return unavailable(`${name}: ${error instanceof Error ? error.message : 'no answer'}`);
      }
    },
    on(event, listener) {
      const untyped = listener as (payload: unknown) => void;
      socket.on(event as string, untyped);
      return () => socket.off(event as string, untyped);
    },
    onSynced(listener) {
      synced.add(listener);
      return () => synced.delete(listener);
    },
    redial,
    close() {
      closed = true;
      unwatchNetwork();
      clearTimeout(retryTimer);
      synced.clear();
      socket.disconnect();
    },
  };
}

const fold = (view: WebinarView | null, deltas: readonly ViewDelta[]): WebinarView | null =>
  view === null ? null : deltas.reduce(applyDelta, view);

function unavailable(message: string): { ok: false; error: Failure } {
  return { ok: false, error: { code: 'unavailable', message } };
}

function isResult<T>(answer: unknown): answer is Result<T> {
  return typeof answer === 'object' && answer !== null && 'ok' in answer;
}
