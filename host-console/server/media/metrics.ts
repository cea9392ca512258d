import { Gauge, type Registry } from 'prom-client';
import type { NodeState } from './liveness.ts';
import type { MediaNode } from './node-registry.ts';

const STATES: readonly NodeState['is'][] = ['here', 'late'];

/** How the nodes fare, read when it is scraped. */
export function nodeMetrics(registry: Registry, nodes: () => readonly MediaNode[]): void {
  const gauge = (name: string, help: string, read: (node: MediaNode) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['node', 'kind'],
      registers: [registry],
      collect() {
        this.reset();
        for (const node of nodes()) {
          this.set({ node: node.nodeId, kind: node.description.kind }, read(node));
        }
      },
    });
  };
  new Gauge({
    name: 'rostrum_node_state',
    help: '1 for the state a node is in: here, or late (it does not answer, and is still counted on). A lost one is gone.',
    labelNames: ['node', 'kind', 'state'],
    registers: [registry],
    collect() {
      this.reset();
      for (const node of nodes()) {
        for (const state of STATES) {
          this.set(
            { node: node.nodeId, kind: node.description.kind, state },
            Number(node.state.is === state),
          );
        }
      }
    },
  });
  gauge('rostrum_node_late_seconds', "Since a node's last word, when it is late", (node) =>
    node.state.is === 'here' ? 0 : node.silentMs / 1000,
  );
  gauge(
    'rostrum_node_machine_idle_cores',
    "Cores of a node's machine that had nothing to do since the heartbeat before",
    (node) => node.load.pressure.idleCores,
  );
  gauge(
    'rostrum_node_loop_delay_seconds',
    "How late a node's event loop was since the heartbeat before, 99th percentile",
    (node) => node.load.pressure.loopDelayMs / 1000,
  );
}
