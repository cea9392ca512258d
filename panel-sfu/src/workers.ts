import { createWorker, type types } from 'mediasoup';
import type { Logger } from 'pino';

/** One worker process with its WebRTC server, and how many rooms it carries. */
export interface WorkerSlot {
  readonly worker: types.Worker;
  readonly webRtcServer: types.WebRtcServer;
  rooms: number;
}

export interface WorkerPool {
  /** The living worker with the fewest rooms; null while none lives. */
  leastLoaded(): WorkerSlot | null;
  alive(): readonly WorkerSlot[];
  readonly wanted: number;
  deaths(): number;
  /** Seconds of processor time of all workers so far; of dead ones too. */
  cpuSeconds(): Promise<number>;
  close(): Promise<void>;
}

export interface WorkerPoolOptions {
  readonly count: number;
  /** Worker i listens at `rtcPort + i`, UDP and TCP; 0: any free ports. */
  readonly rtcPort: number;
  readonly listenIp: string;
  readonly announcedIp: string | undefined;
  readonly workerBin: string | undefined;
  readonly logger: Logger;
}

const RESTART = { firstDelayMs: 50, maxDelayMs: 5000 } as const;

/** Starts the workers. Throws when one cannot start: its path, or a taken port. A worker that dies later is replaced. */
export async function createWorkerPool(options: WorkerPoolOptions): Promise<WorkerPool> {
  const { count, rtcPort, listenIp, announcedIp, workerBin, logger } = options;
  const slots: (WorkerSlot | null)[] = Array.from({ length: count }, () => null);
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let deaths = 0;
  let closed = false;
  let buriedCpuSeconds = 0;
  const lastCpuSeconds = new Map<number, number>();

  const start = async (index: number): Promise<void> => {
    const worker = await createWorker({ logLevel: 'warn', ...(workerBin ? { workerBin } : {}) });
    const port = rtcPort === 0 ? {} : { port: rtcPort + index };
    const listen = { ip: listenIp, ...port, ...(announcedIp ? { announcedAddress: announcedIp } : {}) };
    let webRtcServer: types.WebRtcServer;
    try {
      webRtcServer = await worker.createWebRtcServer({
        listenInfos: [
          { protocol: 'udp', ...listen },
          { protocol: 'tcp', ...listen },
        ],
      });
    } catch (error) {
      worker.close();
      throw new Error(`no WebRTC server at ${listenIp}:${rtcPort + index} (ROSTRUM_SFU_RTC_PORT)`, {
        cause: error,
      });
    }
    if (closed) {
      worker.close();
      return;
    }
    worker.on('died', (error) => {
      deaths += 1;
      slots[index] = null;
      buriedCpuSeconds += lastCpuSeconds.get(worker.pid) ?? 0;
      lastCpuSeconds.delete(worker.pid);
      logger.error({ worker: index, pid: worker.pid, err: error }, 'worker died');
      restart(index, 0);
    });
    slots[index] = { worker, webRtcServer, rooms: 0 };
    logger.info({ worker: index, pid: worker.pid }, 'worker started');
  };

  const restart = (index: number, attempt: number): void => {
    if (closed) return;
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        start(index).catch((error: unknown) => {
          logger.error({ worker: index, err: error }, 'worker does not come back yet');
          restart(index, attempt + 1);
        });
      },
      Math.min(RESTART.maxDelayMs, RESTART.firstDelayMs * 2 ** attempt),
    );
    timers.add(timer);
  };

  const alive = (): WorkerSlot[] =>
    slots.filter((slot) => slot !== null && !slot.worker.closed) as WorkerSlot[];
  const pool: WorkerPool = {
    wanted: count,
    alive,
    deaths: () => deaths,
    leastLoaded: () =>
      alive().reduce<WorkerSlot | null>(
        (best, slot) => (best && best.rooms <= slot.rooms ? best : slot),
        null,
      ),
    async cpuSeconds() {
      await Promise.all(
        alive().map(async ({ worker }) => {
          const usage = await worker.getResourceUsage().catch(() => null); // dying: counted as of the last time
          if (usage) lastCpuSeconds.set(worker.pid, (usage.ru_utime + usage.ru_stime) / 1000);
        }),
      );
      return [...lastCpuSeconds.values()].reduce((a, b) => a + b, buriedCpuSeconds);
    },
    async close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(
        alive().map(
          ({ worker }) =>
            new Promise<void>((done) => {
              worker.on('subprocessclose', done);
              worker.close();
            }),
        ),
      );
    },
  };
  try {
    await Promise.all(slots.map((_, index) => start(index)));
  } catch (error) {
    await pool.close();
    throw error;
  }
  return pool;
}
