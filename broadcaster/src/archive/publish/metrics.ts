/** Metrics of what is copied to the bucket, over all channels of the process. Every label has a fixed, small set of values. */

import type { PublishHealth } from '@rostrum/contracts/publishing';
import { Gauge, Histogram, type Registry } from 'prom-client';
import { counter } from '../metrics.ts';

export function publishMetrics(registry: Registry, health: () => PublishHealth) {
  const gauge = (name: string, help: string, read: (health: PublishHealth) => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read(health()));
      },
    });
  };
  gauge('rostrum_publish_pending_segments', 'Segments on disk that are not in the bucket', (h) => h.segments);
  gauge('rostrum_publish_pending_bytes', 'Their bytes', (h) => h.bytes);
  gauge('rostrum_publish_behind_seconds', 'Programme time of the channel furthest behind', (h) => h.behindS);
  gauge('rostrum_publish_failing', '1 while nothing reaches the bucket', (h) => (h.problem === null ? 0 : 1));
  return {
    objects: counter(registry, {
      name: 'rostrum_publish_objects_total',
      help: 'Objects put into the bucket',
      labelNames: ['kind'] as const,
    }),
    bytes: counter(registry, {
      name: 'rostrum_publish_bytes_total',
      help: 'Bytes put into the bucket',
      labelNames: [] as const,
    }),
    failures: counter(registry, {
      name: 'rostrum_publish_failures_total',
      help: 'Objects that did not go up, after the attempts of the SDK, and are tried again',
      labelNames: ['problem'] as const,
    }),
    damaged: counter(registry, {
      name: 'rostrum_publish_damaged_files_total',
      help: 'Files that are not what the journal says, and are left out',
      labelNames: [] as const,
    }),
    seconds: new Histogram({
      name: 'rostrum_publish_put_seconds',
      help: 'Time to put an object, with the attempts of the SDK',
      buckets: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 20],
      registers: [registry],
    }),
  };
}

export type PublishMetrics = ReturnType<typeof publishMetrics>;
