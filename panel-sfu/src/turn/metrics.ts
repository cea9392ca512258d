import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Usage } from './usage.ts';

/** What a TURN server can be asked about, read when it is scraped. */
export function createTurnMetrics(usage: Usage): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 200 });
  new Gauge({
    name: 'rostrum_turn_allocations',
    help: 'Relayed addresses in use',
    registers: [registry],
    collect() {
      this.set(usage.allocations());
    },
  });
  new Counter({
    name: 'rostrum_turn_relayed_bytes_total',
    help: 'Media relayed; told late, every few thousand packets and at the end of a session',
    labelNames: ['to'],
    registers: [registry],
    collect() {
      const { toPeers, fromPeers } = usage.relayed();
      this.reset();
      this.inc({ to: 'stage' }, toPeers);
      this.inc({ to: 'person' }, fromPeers);
    },
  });
  new Counter({
    name: 'rostrum_turn_refusals_total',
    help: 'Requests refused, by STUN’s error code: 401 credentials, 403 a peer that is denied, 486 a quota',
    labelNames: ['code'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [code, count] of usage.refusals()) this.inc({ code }, count);
    },
  });
  return registry;
}
