/** Metrics of the archive, over all channels of the process. Every label has a fixed, small set of values. */
import { Counter, Gauge, type Registry } from 'prom-client';

interface Definition<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
}

/** One instance a registry, however often it is asked for (several channels share one registry). */
export function counter<Label extends string>(
  registry: Registry,
  definition: Definition<Label>,
): Counter<Label> {
  const known = registry.getSingleMetric(definition.name);
  if (known instanceof Counter) return known as Counter<Label>;
  return new Counter({ ...definition, registers: [registry] });
}

export function gauge<Label extends string>(registry: Registry, definition: Definition<Label>): Gauge<Label> {
  const known = registry.getSingleMetric(definition.name);
  if (known instanceof Gauge) return known as Gauge<Label>;
  return new Gauge({ ...definition, registers: [registry] });
}

export function archiveMetrics(registry: Registry) {
  return {
    queue: gauge(registry, {
      name: 'rostrum_archive_queue_segments',
      help: 'Closed segments that are not on disk yet',
      labelNames: [] as const,
    }),
    failures: counter(registry, {
      name: 'rostrum_archive_failures_total',
      help: 'Attempts to write to the archive that failed and are tried again',
      labelNames: [] as const,
    }),
    lost: counter(registry, {
      name: 'rostrum_archive_lost_segments_total',
      help: 'Segments given up because the archive queue was full',
      labelNames: [] as const,
    }),
    bytes: counter(registry, {
      name: 'rostrum_archive_written_bytes_total',
      help: 'Bytes that are durably on disk',
      labelNames: [] as const,
    }),
  };
}

export type ArchiveMetrics = ReturnType<typeof archiveMetrics>;
