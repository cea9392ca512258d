import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NodeNotice, Result, SfuInput, SfuMethod, SfuOutput } from '@rostrum/contracts';
import type { types } from 'mediasoup';
import { pino } from 'pino';
import { Rooms } from './rooms.ts';
import { createSfuRpc } from './rpc.ts';
import { createWorkerPool, type WorkerPool } from './workers.ts';

/** For tests and benchmarks: a real node without a coordinator. */

/** The worker: MEDIASOUP_WORKER_BIN, or the newest one set up in this checkout, or mediasoup's own. */
export function findWorkerBin(): string | undefined {
  if (process.env.MEDIASOUP_WORKER_BIN) return process.env.MEDIASOUP_WORKER_BIN;
  const folder = fileURLToPath(new URL('../../.rostrum/worker', import.meta.url));
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .map((version) => join(folder, version, 'mediasoup-worker'))
    .filter((path) => existsSync(path))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0];
}

export interface TestNode {
  readonly rooms: Rooms;
  readonly pool: WorkerPool;
  readonly notices: NodeNotice[];
  /** What `createSfuRpc` answers, unparsed. */
  raw(method: string, params: unknown): Promise<Result<unknown>>;
  /** The value, or a thrown failure code. */
  ask<M extends SfuMethod>(method: M, input: SfuInput<M>): Promise<SfuOutput<M>>;
  /** The failure's code; throws when the call succeeds. */
  refusal<M extends SfuMethod>(method: M, input: SfuInput<M>): Promise<string>;
  notice<T extends NodeNotice['type']>(type: T): Promise<Extract<NodeNotice, { type: T }>>;
  close(): Promise<void>;
}

export async function startTestNode({ workers = 1 } = {}): Promise<TestNode> {
  const logger = pino({ level: 'silent' });
  const pool = await createWorkerPool({
    count: workers,
    rtcPort: 0,
    listenIp: '127.0.0.1',
    announcedIp: undefined,
    workerBin: findWorkerBin(),
    logger,
  });
  const notices: NodeNotice[] = [];
  const waiting = new Set<() => void>();
  const rooms = new Rooms({
    pool,
    listenIp: '127.0.0.1',
    announcedIp: undefined,
    logger,
    tell(notice) {
      notices.push(notice);
      for (const wake of waiting) wake();
    },
  });
  const raw = createSfuRpc({ rooms, observe: () => undefined, onInternal: () => undefined });
  return {
    rooms,
    pool,
    notices,
    raw,
    async ask(method, input) {
      const result = await raw(method, input);
      if (!result.ok) throw new Error(`${method}: ${result.error.code}: ${result.error.message}`);
      return result.value as SfuOutput<typeof method>;
    },
    async refusal(method, input) {
      const result = await raw(method, input);
      if (result.ok) throw new Error(`${method} was not refused`);
      return result.error.code;
    },
    notice: (type) =>
      new Promise((resolve) => {
        const look = (): void => {
          const at = notices.findIndex((n) => n.type === type);
          if (at < 0) return;
          waiting.delete(look);
          resolve(notices.splice(at, 1)[0] as Extract<NodeNotice, { type: typeof type }>);
        };
        waiting.add(look);
        look();
      }),
    async close() {
      rooms.closeAll();
      await pool.close();
    },
  };
}

export const DTLS: types.DtlsParameters = {
  role: 'client',
  fingerprints: [{ algorithm: 'sha-256', value: Array.from({ length: 32 }, () => 'AB').join(':') }],
};

export const OPUS: types.RtpParameters = {
  codecs: [
    {
      mimeType: 'audio/opus',
      payloadType: 111,
      clockRate: 48_000,
      channels: 2,
      parameters: { useinbandfec: 1, usedtx: 1 },
    },
  ],
  encodings: [{ ssrc: 11_111 }],
  rtcp: { cname: 'test' },
};

/** VP8; `layers` > 1 is simulcast by rid. */
export function vp8(ssrc: number, layers = 1): types.RtpParameters {
  const nacks = [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }, { type: 'ccm', parameter: 'fir' }];
  return {
    codecs: [{ mimeType: 'video/VP8', payloadType: 96, clockRate: 90_000, rtcpFeedback: nacks }],
    headerExtensions: [
      { uri: 'urn:ietf:params:rtp-hdrext:sdes:mid', id: 1 },
      { uri: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id', id: 2 },
    ],
    mid: String(ssrc),
    encodings:
      layers === 1
        ? [{ ssrc }]
        : Array.from({ length: layers }, (_, i) => ({ rid: `r${i}`, scalabilityMode: 'L1T3' })),
    rtcp: { cname: 'test' },
  };
}
