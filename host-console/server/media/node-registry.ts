import { createHash, timingSafeEqual } from 'node:crypto';
import {
  BEAT_NAMESPACE,
  Beat,
  BeatHandshake,
  type BeatToServer,
  type BroadcasterInput,
  type BroadcasterMethod,
  type BroadcasterOutput,
  broadcasterMethods,
  Heartbeat,
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
import { createAttention } from '@rostrum/service-kit/attention';
import type { Logger } from 'pino';
import type { Namespace, Server, Socket } from 'socket.io';
import type { z } from 'zod';
import { isBrowser } from '../origins.ts';
import { judge, type NodeState } from './liveness.ts';

type NodeSocket = Socket<NodeToServer, ServerToNode>;
type NodeDescription = NodeHandshake['node'];

/** A node that dialled in. The object stands for one boot of one process; a restarted node is a new object. */
export interface MediaNode {
  readonly nodeId: string;
  readonly bootId: string;
  /** As of its last handshake. */
  readonly description: NodeDescription;
  /** The address it dialled from. */
  readonly address: string;
  /** From its last heartbeat. */
  readonly load: Heartbeat;
  readonly state: NodeState;
  /** Since its last word, ms. */
  readonly silentMs: number;
}

export interface NodeListener {
  /** A new node, or one that comes back within its grace (`returned`), with everything it had. */
  nodeUp(node: MediaNode, returned: boolean): void;
  /** It is late now, or here again. */
  nodeMoved(node: MediaNode): void;
  /** A heartbeat came: what it carries and how it fares may have changed. */
  nodeBeat(node: MediaNode): void;
  /** The node and all it ran are lost. */
  nodeDown(node: MediaNode, why: string): void;
  notice(node: MediaNode, notice: NodeNotice): void;
}

export interface NodeRegistry {
  /** Connected ones; those that are here before those that are late. */
  sfuNodes(): readonly MediaNode[];
  broadcasters(): readonly MediaNode[];
  /** Those too that are cut off and may come back. */
  all(): readonly MediaNode[];
  sfu<M extends SfuMethod>(node: MediaNode, method: M, input: SfuInput<M>): Promise<SfuOutput<M>>;
  broadcaster<M extends BroadcasterMethod>(
    node: MediaNode,
    method: M,
    input: BroadcasterInput<M>,
  ): Promise<BroadcasterOutput<M>>;
  close(): void;
}

/**
 * Deadlines of remote calls, ms: data, per kind of node. Starting a compositor takes longer than making a transport. An
 * answer that comes late is worth more than a call made again, so the SFU gets as long as a client waits for it.
 */
const CALL_DEADLINE_MS = { sfu: 7000, broadcaster: 10_000 } as const;
const WATCH_MS = 250;

type Link =
  | { readonly is: 'open'; readonly socket: NodeSocket }
  /** Its pings went unanswered, so the socket was given up; the process may only be slow. */
  | { readonly is: 'unanswered' }
  | { readonly is: 'closed'; readonly sinceMs: number };

interface Entry {
  readonly node: { -readonly [K in keyof MediaNode]: MediaNode[K] };
  link: Link;
  heardMs: number;
  loopAgoMs: number;
  /** Of calls under way, that the connection takes with it. */
  readonly cuts: Set<(error: RostrumError) => void>;
}

/**
 * Nodes dial in and are called by typed RPC with a deadline (DESIGN decision 2); `liveness.ts` says when one is given up.
 * `nowMs` is a monotonic clock.
 */
export function createNodeRegistry(options: {
  io: Server;
  nodeToken: string;
  listener: NodeListener;
  logger: Logger;
  nowMs: () => number;
}): NodeRegistry {
  const { nodeToken, listener, logger } = options;
  const entries = new Map<string, Entry>();
  const attention = createAttention(WATCH_MS, options.nowMs);
  let closed = false;

  const guard = (namespace: Pick<Namespace, 'use'>, schema: z.ZodType<BeatHandshake>): void => {
    namespace.use((socket, next) => {
      // No page is a node, whatever it knows.
      if (isBrowser(socket.handshake.headers)) return next(refusal('token-invalid'));
      const handshake = schema.safeParse(socket.handshake.auth);
      if (!handshake.success || !sameSecret(handshake.data.nodeToken, nodeToken)) {
        next(refusal('token-invalid'));
      } else if (handshake.data.protocol !== PROTOCOL_VERSION) {
        next(refusal('protocol-mismatch'));
      } else {
        socket.data.handshake = handshake.data;
        next();
      }
    });
  };

  const beats: Namespace<BeatToServer> = options.io.of(BEAT_NAMESPACE);
  guard(beats, BeatHandshake);
  beats.on('connection', (socket) => {
    const { nodeId, bootId } = BeatHandshake.parse(socket.data.handshake);
    socket.on('beat', (raw: unknown) => {
      const beat = Beat.safeParse(raw);
      if (!beat.success) return logger.warn({ nodeId }, 'node sent a malformed beat');
      const entry = entries.get(nodeId);
      if (entry?.node.bootId !== bootId) return; // its own connection is on the way
      heard(entry);
      entry.loopAgoMs = beat.data.loopAgoMs;
    });
  });

  const namespace: Namespace<NodeToServer, ServerToNode> = options.io.of(NODE_NAMESPACE);
  guard(namespace, NodeHandshake);
  namespace.on('connection', (socket) => {
    const handshake = NodeHandshake.parse(socket.data.handshake);
    const entry = admit(handshake, socket);
    const context = { nodeId: handshake.nodeId, kind: handshake.node.kind };

    socket.on('heartbeat', (raw: unknown) => {
      const beat = Heartbeat.safeParse(raw);
      if (!beat.success) return logger.warn(context, 'node sent a malformed heartbeat');
      heardLoop(entry);
      entry.node.load = beat.data;
      if (entries.get(handshake.nodeId) === entry) listener.nodeBeat(entry.node);
    });
    socket.on('notice', (raw: unknown) => {
      heardLoop(entry);
      const notice = NodeNotice.safeParse(raw);
      if (!notice.success)
        return logger.warn({ ...context, issue: notice.error.issues[0] }, 'malformed notice');
      if (entries.get(handshake.nodeId) === entry) listener.notice(entry.node, notice.data);
    });
    socket.on('disconnect', (reason) => {
      if (entry.link.is !== 'open' || entry.link.socket !== socket || closed) return;
      cut(
        entry,
        reason === 'ping timeout' ? { is: 'unanswered' } : { is: 'closed', sinceMs: attention.nowMs() },
      );
      look(entry);
    });
  });

  function heard(entry: Entry): void {
    entry.heardMs = attention.nowMs();
  }
  function heardLoop(entry: Entry): void {
    heard(entry);
    entry.loopAgoMs = 0;
  }

  function admit(handshake: NodeHandshake, socket: NodeSocket): Entry {
    const known = entries.get(handshake.nodeId);
    if (known && known.node.bootId === handshake.bootId) {
      if (known.link.is === 'open') known.link.socket.disconnect(true);
      cut(known, { is: 'open', socket });
      known.node.description = handshake.node;
      heardLoop(known);
      known.node.state = { is: 'here' };
      logger.info({ nodeId: handshake.nodeId }, 'node came back');
      listener.nodeUp(known.node, true);
      return known;
    }
    const entry: Entry = {
      node: {
        nodeId: handshake.nodeId,
        bootId: handshake.bootId,
        description: handshake.node,
        address: socket.handshake.address,
        load: {
          cpuCores: 0,
          loads: 0,
          rooms: [],
          pressure: { idleCores: 0, loopDelayMs: 0 },
          channels: [],
          roomForChannels: null,
          archive: null,
        },
        state: { is: 'here' },
        silentMs: 0,
      },
      link: { is: 'open', socket },
      heardMs: attention.nowMs(),
      loopAgoMs: 0,
      cuts: new Set(),
    };
    // Its predecessor is lost only now that it has a successor: whoever is told so finds it.
    entries.set(handshake.nodeId, entry);
    if (known) lose(known, 'restarted');
    logger.info({ nodeId: handshake.nodeId, kind: handshake.node.kind }, 'node connected');
    listener.nodeUp(entry.node, false);
    return entry;
  }

  /** The connection is another one now, or none: calls on the old one are never answered. */
  function cut(entry: Entry, link: Link): void {
    entry.link = link;
    const error = new RostrumError('node-lost', `the connection to ${entry.node.nodeId} was cut`);
    for (const fail of [...entry.cuts]) fail(error);
  }

  function lose(entry: Entry, why: string): void {
    const { link, node } = entry;
    cut(entry, { is: 'closed', sinceMs: attention.nowMs() });
    if (link.is === 'open') link.socket.disconnect(true);
    logger.warn({ nodeId: node.nodeId, kind: node.description.kind, why }, 'node lost');
    listener.nodeDown(node, why);
  }

  function look(entry: Entry): void {
    const { node, link } = entry;
    const nowMs = attention.nowMs();
    node.silentMs = nowMs - entry.heardMs;
    const state = judge({
      silentMs: node.silentMs,
      loopAgoMs: entry.loopAgoMs,
      closedMs: link.is === 'closed' ? nowMs - link.sinceMs : null,
      alternative: ofKind(node.description.kind).some((other) => other !== node && other.state.is === 'here'),
    });
    const before = node.state;
    node.state = state;
    if (state.is === 'lost') {
      entries.delete(node.nodeId);
      lose(entry, state.why);
    } else if (state.is !== before.is) {
      const context = { nodeId: node.nodeId, kind: node.description.kind };
      if (state.is === 'late') logger.warn({ ...context, why: state.why }, 'node is late');
      else logger.info(context, 'node is here again');
      listener.nodeMoved(node);
    }
  }

  const watch = setInterval(() => {
    attention.round();
    for (const entry of [...entries.values()]) if (entries.get(entry.node.nodeId) === entry) look(entry);
  }, WATCH_MS);
  watch.unref();

  async function call(
    node: MediaNode,
    method: string,
    params: unknown,
    deadlineMs: number,
  ): Promise<unknown> {
    const entry = entries.get(node.nodeId);
    if (entry?.node !== node || entry.link.is !== 'open') {
      throw new RostrumError('node-lost', `${node.nodeId} is not connected (${method})`);
    }
    const { promise, resolve, reject } = Promise.withResolvers<Result<unknown>>();
    const deadline = setTimeout(() => {
      reject(new RostrumError('node-timeout', `${node.nodeId} did not answer ${method} in ${deadlineMs} ms`));
    }, deadlineMs);
    entry.cuts.add(reject);
    entry.link.socket.emit('rpc', method, params, resolve);
    const answer = await promise.finally(() => {
      clearTimeout(deadline);
      entry.cuts.delete(reject);
    });
    heardLoop(entry);
    if (!answer.ok) {
      const { code, message, field } = answer.error;
      throw new RostrumError(code, `${method}: ${message}`, field === undefined ? {} : { field });
    }
    return answer.value;
  }

  const ofKind = (kind: NodeDescription['kind']): MediaNode[] =>
    [...entries.values()]
      .filter((e) => e.link.is === 'open' && e.node.description.kind === kind)
      .map((e) => e.node)
      .toSorted((a, b) => Number(a.state.is !== 'here') - Number(b.state.is !== 'here'));

  return {
    sfuNodes: () => ofKind('sfu'),
    broadcasters: () => ofKind('broadcaster'),
    all: () => [...entries.values()].map((e) => e.node),
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
        const { link } = entry;
        cut(entry, { is: 'closed', sinceMs: attention.nowMs() });
        if (link.is === 'open') link.socket.disconnect(true);
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
