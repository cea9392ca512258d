/**
 * The thread that says "this process lives": it has no other work, so that a main loop that hangs, or is late, is told
 * apart from a process that is gone. Started by `beat.ts`.
 */
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { BeatToServer } from '@rostrum/contracts/node-socket';
import { BEAT_NAMESPACE, HEARTBEAT_INTERVAL_MS } from '@rostrum/contracts/protocol';
import { io, type Socket } from 'socket.io-client';
import { createAttention } from './attention.ts';
import type { BeatThreadData } from './beat.ts';

const RETRY_MS = { first: 200, max: 2000, refused: 2000 } as const;
/** It needs next to nothing, and that at once. */
const NICE = -15;

const { coordinatorUrl, handshake, turns } = workerData as BeatThreadData;

try {
  setPriority(NICE); // on Linux of this thread alone
} catch {
  // Needs root or CAP_SYS_NICE; a thread that mostly sleeps is served soon without it, too.
}

const socket: Socket<Record<string, never>, BeatToServer> = io(
  coordinatorUrl.replace(/\/+$/, '') + BEAT_NAMESPACE,
  {
    transports: ['websocket'],
    reconnectionDelay: RETRY_MS.first,
    reconnectionDelayMax: RETRY_MS.max,
    auth: handshake,
  },
);
const retry = (): void => {
  setTimeout(() => socket.connect(), RETRY_MS.refused);
};
socket.on('disconnect', (reason) => {
  if (reason === 'io server disconnect') retry();
});
socket.on('connect_error', () => {
  if (!socket.active) retry(); // the node's own connection tells why it is refused
});

// Measured in time that this thread was there itself: after a stop of the whole process the main loop was no later than we.
const attention = createAttention(HEARTBEAT_INTERVAL_MS, () => performance.now());
let seen = { turns: Atomics.load(turns, 0), atMs: 0 };
setInterval(() => {
  attention.round();
  const now = { turns: Atomics.load(turns, 0), atMs: attention.nowMs() };
  if (now.turns !== seen.turns) seen = now;
  if (socket.connected) socket.volatile.emit('beat', { loopAgoMs: now.atMs - seen.atMs });
}, HEARTBEAT_INTERVAL_MS);

parentPort?.once('message', () => {
  socket.disconnect();
  process.exit(0); // ends the thread
});
