import type { ViewerMeasurements } from '@rostrum/contracts';
import { Counter, Histogram, type Registry } from 'prom-client';

/** How viewers fare, over all webinars: what their players report, added up by rendition and kept nowhere else. */
export function viewerMetrics(registry: Registry): { readonly add: (report: ViewerMeasurements) => void } {
  const registers = [registry];
  const labelNames = ['rendition'] as const;
  const latencyBuckets = [0.5, 0.8, 1, 1.25, 1.5, 2, 3, 5, 10, 30];
  const reports = new Counter({
    name: 'rostrum_viewer_reports_total',
    help: 'Reports of viewers, one a minute and one on leaving.',
    labelNames,
    registers,
  });
  const join = new Histogram({
    name: 'rostrum_viewer_join_seconds',
    help: 'From opening the page, or from the show’s beginning, to the first picture.',
    labelNames,
    buckets: [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30],
    registers,
  });
  const latency = new Histogram({
    name: 'rostrum_viewer_latency_median_seconds',
    help: 'Behind the stage while following live: each report’s median.',
    labelNames,
    buckets: latencyBuckets,
    registers,
  });
  const latency95 = new Histogram({
    name: 'rostrum_viewer_latency_p95_seconds',
    help: 'The same: each report’s 95th percentile.',
    labelNames,
    buckets: latencyBuckets,
    registers,
  });
  const throughput = new Histogram({
    name: 'rostrum_viewer_throughput_bits_per_second',
    help: 'What the player holds the network to be good for.',
    labelNames,
    buckets: [3e5, 1e6, 2e6, 4e6, 8e6, 2e7, 1e8],
    registers,
  });
  const played = new Counter({
    name: 'rostrum_viewer_played_seconds_total',
    help: 'Time played, by all viewers together.',
    labelNames,
    registers,
  });
  const stalls = new Counter({
    name: 'rostrum_viewer_stalls_total',
    help: 'How often playback ran dry.',
    labelNames,
    registers,
  });
  const stalled = new Counter({
    name: 'rostrum_viewer_stalled_seconds_total',
    help: 'Time for which it was dry.',
    labelNames,
    registers,
  });
  return {
    add({ rendition, ...report }) {
      const label = { rendition };
      reports.inc(label);
      played.inc(label, report.played / 1000);
      stalls.inc(label, report.stalls);
      stalled.inc(label, report.bsd / 1000);
      if (report.msd !== undefined) join.observe(label, report.msd / 1000);
      if (report.ltc !== undefined) latency.observe(label, report.ltc / 1000);
      if (report.ltc95 !== undefined) latency95.observe(label, report.ltc95 / 1000);
      if (report.mtp !== undefined) throughput.observe(label, report.mtp * 1000);
    },
  };
}
