import {
  HEARTBEAT_INTERVAL_MS,
  NODE_NAMESPACE,
  type NodeHandshake,
  type NodeNotice,
  type NodeToServer,
  PROTOCOL_VERSION,
  type ServerToNode,
} from '@rostrum/contracts';
import { io, type Socket } from 'socket.io-client';
import type { RpcServer } from './channels/rpc.ts';
import type { Logger } from './origin/interface.ts';

export interface NodeOptions {
  readonly coordinatorUrl: string;
  readonly nodeToken: string;
  readonly nodeId: string;
  readonly bootId: string;
  readonly originUrl: string;
  readonly rpc: RpcServer;
  readonly channelIds: () => string[];
  /** Share of a core that this node uses now, its compositors included. */
  readonly cpuCores: () => number;
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
 * Dials the coordinator and serves its RPC. Away from it the channels go on: the show must not depend on a restart of
 * the console. The handshake says which channels run; the coordinator adopts those it wants and ends the rest.
 */
export function startNode(options: NodeOptions): Node {
  const { coordinatorUrl, nodeToken, nodeId, bootId, originUrl, rpc, channelIds, cpuCores, logger } = options;
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
        node: { kind: 'broadcaster', originUrl, channelIds: channelIds() },
      };
      answer(handshake);
    },
  });
  const retry = (): void => {
    clearTimeout(retryTimer);
    retryTimer = setTimeout(() => socket.connect(), RETRY.refusedDelayMs);
  };
  socket.on('connect', () => logger.info({ coordinatorUrl }, 'connected to the coordinator'));
  socket.on('disconnect', (reason) => {
    if (closed) return;
    logger.warn({ reason }, 'lost the coordinator');
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
  const heartbeat = setInterval(() => {
    if (socket.connected)
      socket.volatile.emit('heartbeat', { cpuCores: cpuCores(), loads: channelIds().length });
  }, HEARTBEAT_INTERVAL_MS);

  return {
    connected: () => socket.connected,
    // Socket.IO keeps it while the coordinator is away.
    tell: (notice) => void socket.emit('notice', notice),
    close() {
      closed = true;
      clearTimeout(retryTimer);
      clearInterval(heartbeat);
      socket.disconnect();
    },
  };
}
