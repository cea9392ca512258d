/** Metrics of what is published, over all channels of the process. Every label has a fixed, small set of values. */
import type { Registry } from 'prom-client';
import { counter } from '../archive/metrics.ts';

export function outputMetrics(registry: Registry) {
  return {
    parts: counter(registry, {
      name: 'rostrum_output_parts_total',
      help: 'Parts published; gap parts apart',
      labelNames: ['kind'] as const,
    }),
    dropped: counter(registry, {
      name: 'rostrum_output_dropped_samples_total',
      help: 'Encoder events that could not be used, by reason',
      labelNames: ['reason'] as const,
    }),
    epochs: counter(registry, {
      name: 'rostrum_output_epochs_total',
      help: 'Encoder epochs begun, the first of each channel included',
      labelNames: [] as const,
    }),
  };
}

export type OutputMetrics = ReturnType<typeof outputMetrics>;
