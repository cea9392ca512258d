import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { mailMetrics } from './mail/metrics.ts';
import { stageMetrics } from './quality/metrics.ts';
import { viewerMetrics } from './viewer-metrics.ts';

export type Metrics = ReturnType<typeof createMetrics>;

/** The coordinator's metrics; no label grows with the audience or the number of webinars. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  return {
    registry,
    viewers: viewerMetrics(registry),
    stage: stageMetrics(registry),
    mail: mailMetrics(registry),
    connections: new Gauge({
      name: 'rostrum_person_connections',
      help: 'Connected people by what they see (crew, stage, audience).',
      labelNames: ['class'],
      registers,
    }),
    handshakesRefused: new Counter({
      name: 'rostrum_person_handshakes_refused_total',
      help: 'Refused connections by reason.',
      labelNames: ['code'],
      registers,
    }),
    webinars: new Gauge({
      name: 'rostrum_webinars_loaded',
      help: 'Webinars in memory.',
      registers,
    }),
    commandSeconds: new Histogram({
      name: 'rostrum_command_duration_seconds',
      help: 'From a command to its answer, by command and outcome.',
      labelNames: ['command', 'outcome'],
      buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2, 10],
      registers,
    }),
    commitSeconds: new Histogram({
      name: 'rostrum_log_commit_duration_seconds',
      help: 'One group commit of the event log.',
      buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 1],
      registers,
    }),
    commitAppends: new Histogram({
      name: 'rostrum_log_commit_appends',
      help: 'Appends that shared one commit.',
      buckets: [1, 2, 5, 10, 50, 200],
      registers,
    }),
    logEvents: new Counter({
      name: 'rostrum_log_events_total',
      help: 'Events made durable.',
      registers,
    }),
    commitFailures: new Counter({
      name: 'rostrum_log_commit_failures_total',
      help: 'Commits that failed; the log is then opened anew.',
      registers,
    }),
    registrations: new Counter({
      name: 'rostrum_registrations_total',
      help: 'People who registered (registered), did so again (known), or whose registration became something else.',
      labelNames: ['what'],
      registers,
    }),
    requestSeconds: new Histogram({
      name: 'rostrum_http_request_duration_seconds',
      help: 'API requests by method and status.',
      labelNames: ['method', 'status'],
      buckets: [0.002, 0.005, 0.01, 0.05, 0.2, 1],
      registers,
    }),
  };
}
