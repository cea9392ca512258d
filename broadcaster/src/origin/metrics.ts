/** Metrics of the origin. Every label has a fixed, small set of values. */
import { Counter, Gauge, type Registry } from 'prom-client';

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
