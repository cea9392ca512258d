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
import { io, type Socket } from 'socket.io-client';
import { startBeatThread } from './beat.ts';
import type { Logger } from './logger.ts';
import { createPressureMeter, type Pressure } from './pressure.ts';
import type { RpcServer } from './rpc.ts';

export interface NodeOptions {
  readonly coordinatorUrl: string;
  readonly nodeToken: string;
  readonly nodeId: string;
  readonly bootId: string;
  /** What kind it is and what it runs; asked at every handshake. */
  readonly node: () => NodeHandshake['node'];
  /** What it runs and what that costs; asked once a heartbeat, with how the machine fares. */
  readonly work: (pressure: Pressure) => Omit<Heartbeat, 'pressure'>;
  readonly rpc: RpcServer;
  /** What to do when the coordinator was lost and stays away for this long. Without it: nothing. */
  readonly orphaned?: { readonly afterMs: number; readonly act: () => void };
  readonly logger: Logger;
}

export interface Node {
  connected(): boolean;
  tell(notice: NodeNotice): void;
  /** Idempotent. */
  close(): void;
}

const RETRY = { firstDelayMs: 200, maxDelayMs: 2000, refusedDelayMs: 2000 } as const;

/**
 * Dials the coordinator and serves its RPC. Away from it the node goes on: the show must not depend on a restart of the
 * console. The handshake says what still runs; the coordinator adopts what it wants and ends the rest.
 */
export function startNode(options: NodeOptions): Node {
  const { coordinatorUrl, nodeToken, nodeId, bootId, node, work, rpc, orphaned, logger } = options;
  let orphanTimer: NodeJS.Timeout | undefined;
  let retryTimer: NodeJS.Timeout | undefined;
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
        node: node(),
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
    if (orphaned) orphanTimer = setTimeout(orphaned.act, orphaned.afterMs);
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
  const meter = createPressureMeter();
  const heartbeat = setInterval(() => {
    const pressure = meter.read();
    const beat: Heartbeat = { ...work(pressure), pressure };
    if (socket.connected) socket.volatile.emit('heartbeat', beat);
  }, HEARTBEAT_INTERVAL_MS);
  const endBeatThread = startBeatThread(
    coordinatorUrl,
    { protocol: PROTOCOL_VERSION, nodeToken, nodeId, bootId },
    logger,
  );

  return {
    connected: () => socket.connected,
    tell(notice) {
      // Levels and measurements are worth nothing later; everything else waits for the connection (Socket.IO keeps it).
      if (notice.type !== 'speakers' && notice.type !== 'network') socket.emit('notice', notice);
      else if (socket.connected) socket.volatile.emit('notice', notice);
    },
    close() {
      closed = true;
      clearTimeout(orphanTimer);
      clearTimeout(retryTimer);
      clearInterval(heartbeat);
      meter.close();
      endBeatThread();
      socket.disconnect();
    },
  };
}
