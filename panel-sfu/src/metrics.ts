import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { isRelayed, type Relay } from './relays.ts';
import type { Rooms } from './rooms.ts';
import type { WorkerPool } from './workers.ts';

export interface Metrics {
  readonly registry: Registry;
  observeRpc(method: string, outcome: string, seconds: number): void;
}

/** Everything this node can be asked about, read when it is scraped. */
export function createMetrics(
  rooms: Rooms,
  pool: WorkerPool,
  connected: () => boolean,
  relays: readonly Relay[],
): Metrics {
  const registry = new Registry();
  // Its default of 10 ms wakes the process a hundred times a second, for nothing but watching itself.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 200 });
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  gauge('rostrum_sfu_rooms', 'Open rooms', () => rooms.counts().rooms);
  gauge('rostrum_sfu_people', 'People with a transport', () => rooms.counts().people);
  gauge('rostrum_sfu_transports', 'WebRTC transports', () => rooms.counts().transports);
  gauge('rostrum_sfu_producers', 'Tracks received from people', () => rooms.counts().producers);
  gauge('rostrum_sfu_consumers', 'Tracks forwarded to people', () => rooms.counts().consumers);
  gauge('rostrum_sfu_egresses', 'Tracks forwarded to broadcasters', () => rooms.counts().egresses);
  gauge('rostrum_sfu_workers', 'Living workers', () => pool.alive().length);
  gauge('rostrum_sfu_coordinator_connected', '1 while connected to the coordinator', () =>
    connected() ? 1 : 0,
  );
  new Gauge({
    name: 'rostrum_sfu_connections',
    help: 'Connections of people that stand: relayed, by a TURN server of ROSTRUM_SFU_RELAYS, or direct; over UDP or TCP to us',
    labelNames: ['way', 'protocol'],
    registers: [registry],
    collect() {
      this.reset();
      for (const way of ['direct', 'relayed']) this.set({ way, protocol: 'udp' }, 0);
      for (const from of rooms.origins()) {
        this.inc({ way: isRelayed(from, relays) ? 'relayed' : 'direct', protocol: from.protocol });
      }
    },
  });
  new Counter({
    name: 'rostrum_sfu_worker_deaths_total',
    help: 'Workers that died and were replaced',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(pool.deaths());
    },
  });
  new Counter({
    name: 'rostrum_sfu_worker_cpu_seconds_total',
    help: 'Processor time of the workers',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(pool.cpuSeconds());
    },
  });
  const rpcSeconds = new Histogram({
    name: 'rostrum_sfu_rpc_seconds',
    help: 'Time to answer a call of the coordinator',
    labelNames: ['method', 'outcome'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2],
    registers: [registry],
  });
  return {
    registry,
    observeRpc: (method, outcome, seconds) => rpcSeconds.observe({ method, outcome }, seconds),
  };
}
