import {
  HEARTBEAT_INTERVAL_MS,
  type Heartbeat,
  NODE_NAMESPACE,
  type NodeHandshake,
  type NodeNotice,
  type NodeToServer,
  PROTOCOL_VERSION,
  type ServerToNode,
} from '@rostrum/contracts';
import type { Logger } from 'pino';
import { io, type Socket } from 'socket.io-client';
import type { RpcServer } from './rpc.ts';

export interface NodeOptions {
  readonly coordinatorUrl: string;
  readonly nodeToken: string;
  readonly nodeId: string;
  readonly bootId: string;
  readonly rpc: RpcServer;
  readonly roomIds: () => string[];
  /** Seconds of processor time this node has used so far. */
  readonly cpuSeconds: () => Promise<number>;
  /** The coordinator has been away for `orphanMs`: nobody can come or go in the rooms any more. */
  readonly onOrphaned: () => void;
  readonly orphanMs: number;
  readonly logger: Logger;
}

export interface Node {
  connected(): boolean;
  tell(notice: NodeNotice): void;
  close(): void;
}

const RETRY = { firstDelayMs: 200, maxDelayMs: 2000, refusedDelayMs: 2000 } as const;

/**
 * Dials the coordinator and serves its RPC. Away from it, rooms go on (people keep seeing each other through its
 * restart) for `orphanMs`, then they are closed. The handshake says which rooms still run; the coordinator opens
 * (again, harmlessly) those it wants and closes the rest.
 */
export function startNode(options: NodeOptions): Node {
  const { coordinatorUrl, nodeToken, nodeId, bootId, rpc, roomIds, logger } = options;
  let orphanTimer: ReturnType<typeof setTimeout> | undefined;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  const socket: Socket<ServerToNode, NodeToServer> = io(coordinatorUrl.replace(/\/+$/, '') + NODE_NAMESPACE, {
    transports: ['websocket'],
    forceNew: true,
    reconnectionDelay: RETRY.firstDelayMs,
    reconnectionDelayMax: RETRY.maxDelayMs,
    auth: (answer) => {
      const handshake: NodeHandshake = {
        protocol: PROTOCOL_VERSION,
        nodeToken,
        nodeId,
        bootId,
        node: { kind: 'sfu', roomIds: roomIds() },
      };
      answer(handshake);
    },
  });
  const retry = (): void => {
    clearTimeout(retryTimer);
    retryTimer = setTimeout(() => socket.connect(), RETRY.refusedDelayMs);
  };

  socket.on('connect', () => {
    clearTimeout(orphanTimer);
    logger.info({ coordinatorUrl }, 'connected to the coordinator');
  });
  socket.on('disconnect', (reason) => {
    if (closed) return;
    logger.warn({ reason }, 'lost the coordinator');
    clearTimeout(orphanTimer);
    orphanTimer = setTimeout(options.onOrphaned, options.orphanMs);
    if (reason === 'io server disconnect') retry();
  });
  socket.on('connect_error', (error) => {
    if (closed || socket.active) return; // Socket.IO tries again by itself
    logger.error({ err: error }, 'refused by the coordinator');
    retry();
  });
  socket.on('rpc', (method, params, ack) => {
    if (typeof ack !== 'function') return; // nobody waits for an answer: not a call of ours
    void rpc(method, params).then(ack);
  });

  const heartbeat = startHeartbeat(options, (beat) => {
    if (socket.connected) socket.volatile.emit('heartbeat', beat);
  });
  return {
    connected: () => socket.connected,
    tell(notice) {
      // Levels are worth nothing later; everything else waits for the connection (Socket.IO keeps it).
      if (notice.type !== 'speakers') socket.emit('notice', notice);
      else if (socket.connected) socket.volatile.emit('notice', notice);
    },
    close() {
      closed = true;
      clearTimeout(orphanTimer);
      clearTimeout(retryTimer);
      clearInterval(heartbeat);
      socket.disconnect();
    },
  };
}

function startHeartbeat(
  { cpuSeconds, roomIds, logger }: NodeOptions,
  send: (beat: Heartbeat) => void,
): ReturnType<typeof setInterval> {
  let cpuCores = 0;
  let last: { readonly atMs: number; readonly seconds: number } | null = null;
  let measuring = false;
  const measure = async (): Promise<void> => {
    measuring = true;
    try {
      const now = { atMs: performance.now(), seconds: await cpuSeconds() };
      if (last && now.atMs > last.atMs) {
        cpuCores = Math.max(0, ((now.seconds - last.seconds) * 1000) / (now.atMs - last.atMs));
      }
      last = now;
    } catch (error) {
      logger.warn({ err: error }, 'cannot measure processor time');
    } finally {
      measuring = false;
    }
  };
  return setInterval(() => {
    // The beat never waits for the measurement: a hanging worker must not look like a dead node.
    if (!measuring) void measure();
    send({ cpuCores, loads: roomIds().length });
  }, HEARTBEAT_INTERVAL_MS);
}
