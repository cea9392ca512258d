/** Metrics of the output side. Every label has a fixed, small set of values. */
import { Counter, Gauge, type Registry } from 'prom-client';

interface Definition<Label extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly Label[];
}

/** One instance a registry, however often it is asked for (several channels share one registry). */
function counter<Label extends string>(registry: Registry, definition: Definition<Label>): Counter<Label> {
  const known = registry.getSingleMetric(definition.name);
  if (known instanceof Counter) return known as Counter<Label>;
  return new Counter({ ...definition, registers: [registry] });
}

function gauge<Label extends string>(registry: Registry, definition: Definition<Label>): Gauge<Label> {
  const known = registry.getSingleMetric(definition.name);
  if (known instanceof Gauge) return known as Gauge<Label>;
  return new Gauge({ ...definition, registers: [registry] });
}

interface Tally {
  readonly class: string;
  readonly status: string;
  responses: number;
  bytes: number;
}

/**
 * Counts of the origin. Ten thousand answers go out at one part: they are counted in plain numbers, and told to
 * Prometheus when it asks.
 */
export class OriginMetrics {
  readonly renders: Counter<'variant'>;
  readonly #tallies = new Map<string, Tally>();
  /** Requests held now, by kind. */
  readonly held = { playlist: (): number => 0, media: (): number => 0 };

  constructor(registry: Registry) {
    const tallies = this.#tallies;
    const held = this.held;
    const registers = [registry];
    this.renders = new Counter({
      name: 'rostrum_origin_playlist_renders_total',
      help: 'Playlists rendered; at most one a part, rendition and skip variant',
      labelNames: ['variant'],
      registers,
    });
    new Gauge({
      name: 'rostrum_origin_held_requests',
      help: 'Requests held until their part or playlist is there',
      labelNames: ['class'],
      registers,
      collect() {
        this.set({ class: 'playlist' }, held.playlist());
        this.set({ class: 'media' }, held.media());
      },
    });
    new Counter({
      name: 'rostrum_origin_responses_total',
      help: 'Responses by class of path and status',
      labelNames: ['class', 'status'],
      registers,
      collect() {
        this.reset();
        for (const tally of tallies.values()) {
          this.inc({ class: tally.class, status: tally.status }, tally.responses);
        }
      },
    });
    new Counter({
      name: 'rostrum_origin_response_bytes_total',
      help: 'Body bytes handed to the socket',
      labelNames: ['class'],
      registers,
      collect() {
        this.reset();
        for (const tally of tallies.values()) this.inc({ class: tally.class }, tally.bytes);
      },
    });
  }

  /** Both labels come from small fixed sets. */
  count(metricClass: string, status: number, bytes: number): void {
    const key = `${metricClass} ${status}`;
    let tally = this.#tallies.get(key);
    if (!tally) {
      tally = { class: metricClass, status: String(status), responses: 0, bytes: 0 };
      this.#tallies.set(key, tally);
    }
    tally.responses += 1;
    tally.bytes += bytes;
  }
}

/** Metrics of `createChannelOutput`, over all channels of the process. */
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
    archiveQueue: gauge(registry, {
      name: 'rostrum_archive_queue_segments',
      help: 'Closed segments that are not on disk yet',
      labelNames: [] as const,
    }),
    archiveFailures: counter(registry, {
      name: 'rostrum_archive_failures_total',
      help: 'Attempts to write to the archive that failed and are tried again',
      labelNames: [] as const,
    }),
    archiveLost: counter(registry, {
      name: 'rostrum_archive_lost_segments_total',
      help: 'Segments given up because the archive queue was full',
      labelNames: [] as const,
    }),
    archiveBytes: counter(registry, {
      name: 'rostrum_archive_written_bytes_total',
      help: 'Bytes that are durably on disk',
      labelNames: [] as const,
    }),
  };
}

export type OutputMetrics = ReturnType<typeof outputMetrics>;
