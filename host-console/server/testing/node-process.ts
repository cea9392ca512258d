/**
 * A media node as far as the coordinator sees it, as a process that tests can stop, kill and hang. Its only call, `hang`,
 * blocks the main loop for so many milliseconds. Arguments: coordinator's URL, node token, node id.
 */
import { randomUUID } from 'node:crypto';
import { startNode } from '@rostrum/service-kit/node';

const [coordinatorUrl = '', nodeToken = '', nodeId = ''] = process.argv.slice(2);

startNode({
  coordinatorUrl,
  nodeToken,
  nodeId,
  bootId: randomUUID(),
  node: () => ({ kind: 'sfu', roomIds: [] }),
  work: () => ({ cpuCores: 0, loads: 0, rooms: [], channels: [], roomForChannels: null, archive: null }),
  rpc: async (method, params) => {
    if (method === 'room.open') {
      Atomics.wait(
        new Int32Array(new SharedArrayBuffer(4)),
        0,
        0,
        Number((params as { roomId: string }).roomId),
      );
    }
    return { ok: true, value: null };
  },
  logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
});
