import { createWorker, type types } from 'mediasoup';
import type { Logger } from 'pino';
import { type WorkerWatch, watchWorker } from './worker-watch.ts';

/** One worker process with its WebRTC server, and how many rooms it carries. */
export interface WorkerSlot {
  readonly worker: types.Worker;
  readonly webRtcServer: types.WebRtcServer;
  readonly watch: WorkerWatch;
  rooms: number;
}

export interface WorkerPool {
  /** Of the living workers that answer, or else of all that live, the one with the fewest rooms; null while none lives. */
  leastLoaded(): WorkerSlot | null;
  alive(): readonly WorkerSlot[];
  readonly wanted: number;
  deaths(): number;
  /** Seconds of processor time of all workers so far, as of their last answers; of dead ones too. */
  cpuSeconds(): number;
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

const END_WITHIN_MS = 1000;
const RESTART = { firstDelayMs: 50, maxDelayMs: 5000 } as const;

/** Starts the workers. Throws when one cannot start: its path, or a taken port. A worker that dies later is replaced. */
export async function createWorkerPool(options: WorkerPoolOptions): Promise<WorkerPool> {
  const { count, rtcPort, listenIp, announcedIp, workerBin, logger } = options;
  const slots: (WorkerSlot | null)[] = Array.from({ length: count }, () => null);
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let deaths = 0;
  let closed = false;
  let buriedCpuSeconds = 0;

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
    const watch = watchWorker(worker, (silentMs) => {
      logger.error({ worker: index, pid: worker.pid, silentMs }, 'worker hangs: it is killed');
      process.kill(worker.pid, 'SIGKILL');
    });
    worker.observer.once('close', watch.stop);
    worker.on('died', (error) => {
      deaths += 1;
      slots[index] = null;
      buriedCpuSeconds += watch.cpuSeconds();
      logger.error({ worker: index, pid: worker.pid, err: error }, 'worker died');
      restart(index, 0);
    });
    slots[index] = { worker, webRtcServer, watch, rooms: 0 };
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
    leastLoaded() {
      const all = alive();
      const answering = all.filter(({ watch }) => !watch.suspect());
      return (answering.length > 0 ? answering : all).reduce<WorkerSlot | null>(
        (best, slot) => (best && best.rooms <= slot.rooms ? best : slot),
        null,
      );
    },
    cpuSeconds: () => alive().reduce((sum, { watch }) => sum + watch.cpuSeconds(), buriedCpuSeconds),
    async close() {
      closed = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(
        alive().map(
          ({ worker }) =>
            new Promise<void>((done) => {
              // It asks the process to end; one that is stopped or hangs does not.
              const timer = setTimeout(() => process.kill(worker.pid, 'SIGKILL'), END_WITHIN_MS);
              worker.on('subprocessclose', () => {
                clearTimeout(timer);
                done();
              });
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
