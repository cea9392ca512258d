import { createHash, timingSafeEqual } from 'node:crypto';
import {
  type BroadcasterInput,
  type BroadcasterMethod,
  type BroadcasterOutput,
  broadcasterMethods,
  Heartbeat,
  NODE_DEAD_AFTER_MS,
  NODE_NAMESPACE,
  NodeHandshake,
  NodeNotice,
  type NodeToServer,
  PROTOCOL_VERSION,
  type Result,
  RostrumError,
  type ServerToNode,
  type SfuInput,
  type SfuMethod,
  type SfuOutput,
  sfuMethods,
} from '@rostrum/contracts';
import type { Logger } from 'pino';
import type { Namespace, Server, Socket } from 'socket.io';

type NodeSocket = Socket<NodeToServer, ServerToNode>;
type NodeDescription = NodeHandshake['node'];

/** A node that dialled in. The object stands for one boot of one process; a restarted node is a new object. */
export interface MediaNode {
  readonly nodeId: string;
  readonly bootId: string;
  readonly description: NodeDescription;
  /** The address it dialled from. */
  readonly address: string;
  /** From its last heartbeat. */
  load: Heartbeat;
}

export interface NodeListener {
  /** A new node, or one that comes back within its grace (`returned`), with everything it had. */
  nodeUp(node: MediaNode, returned: boolean): void;
  /** The node and all it ran are lost. */
  nodeDown(node: MediaNode, why: string): void;
  notice(node: MediaNode, notice: NodeNotice): void;
}

export interface NodeRegistry {
  sfuNodes(): readonly MediaNode[];
  broadcasters(): readonly MediaNode[];
  sfu<M extends SfuMethod>(node: MediaNode, method: M, input: SfuInput<M>): Promise<SfuOutput<M>>;
  broadcaster<M extends BroadcasterMethod>(
    node: MediaNode,
    method: M,
    input: BroadcasterInput<M>,
  ): Promise<BroadcasterOutput<M>>;
  close(): void;
}

/** Deadlines of remote calls, ms: data, per kind of node. Starting a compositor takes longer than making a transport. */
const CALL_DEADLINE_MS = { sfu: 3000, broadcaster: 10_000 } as const;

/** A closed connection may be a dropped packet or a dead process; the same boot may come back within this time. */
const RETURN_GRACE_MS = 700;

interface Entry {
  readonly node: MediaNode;
  socket: NodeSocket | null;
  lastBeatMs: number;
  grace: NodeJS.Timeout | null;
}

/**
 * Nodes dial in and are called by typed RPC with a deadline (DESIGN decision 2). Two seconds without a heartbeat is dead.
 * `nowMs` is a monotonic clock.
 */
export function createNodeRegistry(options: {
  io: Server;
  nodeToken: string;
  listener: NodeListener;
  logger: Logger;
  nowMs: () => number;
}): NodeRegistry {
  const { nodeToken, listener, logger, nowMs } = options;
  const entries = new Map<string, Entry>();
  const namespace: Namespace<NodeToServer, ServerToNode> = options.io.of(NODE_NAMESPACE);
  let closed = false;

  namespace.use((socket, next) => {
    const handshake = NodeHandshake.safeParse(socket.handshake.auth);
    if (!handshake.success || !sameSecret(handshake.data.nodeToken, nodeToken)) {
      next(refusal('token-invalid'));
    } else if (handshake.data.protocol !== PROTOCOL_VERSION) {
      next(refusal('protocol-mismatch'));
    } else {
      socket.data.handshake = handshake.data;
      next();
    }
  });

  namespace.on('connection', (socket: NodeSocket) => {
    const handshake = NodeHandshake.parse(socket.data.handshake);
    const entry = admit(handshake, socket);
    const context = { nodeId: handshake.nodeId, kind: handshake.node.kind };

    socket.on('heartbeat', (raw: unknown) => {
      const beat = Heartbeat.safeParse(raw);
      if (!beat.success) return logger.warn(context, 'node sent a malformed heartbeat');
      entry.lastBeatMs = nowMs();
      entry.node.load = beat.data;
    });
    socket.on('notice', (raw: unknown) => {
      const notice = NodeNotice.safeParse(raw);
      if (!notice.success)
        return logger.warn({ ...context, issue: notice.error.issues[0] }, 'malformed notice');
      if (entries.get(handshake.nodeId) === entry) listener.notice(entry.node, notice.data);
    });
    socket.on('disconnect', (reason) => {
      if (entry.socket !== socket || closed) return;
      entry.socket = null;
      entry.grace = setTimeout(() => drop(entry, reason), RETURN_GRACE_MS);
    });
  });

  function admit(handshake: NodeHandshake, socket: NodeSocket): Entry {
    const known = entries.get(handshake.nodeId);
    if (known && known.node.bootId === handshake.bootId) {
      if (known.grace) clearTimeout(known.grace);
      known.grace = null;
      known.socket?.disconnect(true);
      known.socket = socket;
      known.lastBeatMs = nowMs();
      logger.info({ nodeId: handshake.nodeId }, 'node came back');
      listener.nodeUp(known.node, true);
      return known;
    }
    if (known) drop(known, 'restarted');
    const entry: Entry = {
      node: {
        nodeId: handshake.nodeId,
        bootId: handshake.bootId,
        description: handshake.node,
        address: socket.handshake.address,
        load: {
          cpuCores: 0,
          loads: 0,
          pressure: { idleCores: 0, loopDelayMs: 0 },
          channels: [],
          roomForChannels: null,
        },
      },
      socket,
      lastBeatMs: nowMs(),
      grace: null,
    };
    entries.set(handshake.nodeId, entry);
    logger.info({ nodeId: handshake.nodeId, kind: handshake.node.kind }, 'node connected');
    listener.nodeUp(entry.node, false);
    return entry;
  }

  function drop(entry: Entry, why: string): void {
    if (entries.get(entry.node.nodeId) !== entry) return;
    entries.delete(entry.node.nodeId);
    if (entry.grace) clearTimeout(entry.grace);
    const { socket } = entry;
    entry.socket = null;
    socket?.disconnect(true);
    logger.warn({ nodeId: entry.node.nodeId, kind: entry.node.description.kind, why }, 'node lost');
    listener.nodeDown(entry.node, why);
  }

  const WATCH_MS = 250;
  let watchedMs = nowMs();
  const watch = setInterval(() => {
    const lateMs = nowMs() - watchedMs - WATCH_MS;
    watchedMs = nowMs();
    // Were we ourselves away (a busy machine), then heartbeats wait in our queue unread: give them a round to be heard.
    if (lateMs > WATCH_MS) return;
    for (const entry of [...entries.values()]) {
      if (watchedMs - entry.lastBeatMs > NODE_DEAD_AFTER_MS) drop(entry, 'no heartbeat');
    }
  }, WATCH_MS);
  watch.unref();

  async function call(
    node: MediaNode,
    method: string,
    params: unknown,
    deadlineMs: number,
  ): Promise<unknown> {
    const entry = entries.get(node.nodeId);
    if (entry?.node !== node || !entry.socket) {
      throw new RostrumError('node-lost', `${node.nodeId} is not connected (${method})`);
    }
    let answer: Result<unknown>;
    try {
      answer = await entry.socket.timeout(deadlineMs).emitWithAck('rpc', method, params);
    } catch (cause) {
      throw new RostrumError('node-timeout', `${node.nodeId} did not answer ${method} in ${deadlineMs} ms`, {
        cause,
      });
    }
    if (!answer.ok) {
      const { code, message, field } = answer.error;
      throw new RostrumError(code, `${method}: ${message}`, field === undefined ? {} : { field });
    }
    return answer.value;
  }

  const ofKind = (kind: NodeDescription['kind']): MediaNode[] =>
    [...entries.values()].filter((e) => e.socket && e.node.description.kind === kind).map((e) => e.node);

  return {
    sfuNodes: () => ofKind('sfu'),
    broadcasters: () => ofKind('broadcaster'),
    sfu: async (node, method, input) =>
      // The table ties each method to its output schema; TypeScript cannot follow a generic index through parse().
      sfuMethods[method].output.parse(await call(node, method, input, CALL_DEADLINE_MS.sfu)) as SfuOutput<
        typeof method
      >,
    broadcaster: async (node, method, input) =>
      broadcasterMethods[method].output.parse(
        await call(node, method, input, CALL_DEADLINE_MS.broadcaster),
      ) as BroadcasterOutput<typeof method>,
    close: () => {
      closed = true;
      clearInterval(watch);
      for (const entry of entries.values()) {
        if (entry.grace) clearTimeout(entry.grace);
        entry.socket?.disconnect(true);
      }
      entries.clear();
    },
  };
}

function refusal(code: string): Error & { data: { code: string } } {
  return Object.assign(new Error(code), { data: { code } });
}

/** Compares by hash, so that neither length nor content leaks through timing. */
function sameSecret(a: string, b: string): boolean {
  const digest = (s: string): Buffer => createHash('sha256').update(s).digest();
  return timingSafeEqual(digest(a), digest(b));
}
