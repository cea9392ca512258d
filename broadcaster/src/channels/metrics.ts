import { createHash } from 'node:crypto';
import { Counter, collectDefaultMetrics, Gauge, Histogram, type Registry } from 'prom-client';
import type { Channel } from './channel.ts';

export interface ServiceMetrics {
  observeRpc(method: string, outcome: string, seconds: number): void;
}

/** What the channels can be asked about, read when it is scraped. Labels: the channel (hashed), never the audience. */
export function serviceMetrics(
  registry: Registry,
  channels: () => readonly Channel[],
  room: () => number,
  connected: () => boolean,
): ServiceMetrics {
  collectDefaultMetrics({ register: registry });
  const perChannel = (
    kind: typeof Gauge | typeof Counter,
    name: string,
    help: string,
    read: (channel: Channel) => number,
  ): void => {
    new kind({
      name,
      help,
      labelNames: ['channel'],
      registers: [registry],
      collect(this: Gauge | Counter) {
        this.reset();
        for (const channel of channels()) this.inc({ channel: opaque(channel.channelId) }, read(channel));
      },
    });
  };
  const gauge = (name: string, help: string, read: (channel: Channel) => number): void =>
    perChannel(Gauge, name, help, read);
  const counter = (name: string, help: string, read: (channel: Channel) => number): void =>
    perChannel(Counter, name, help, read);

  gauge(
    'rostrum_compositor_cpu_cores',
    'Share of a core the compositor used in the last second',
    (c) => c.status().stats?.cpuCores ?? 0,
  );
  gauge(
    'rostrum_compositor_ladder_step',
    'How much is left out because the machine is too slow; 0: nothing (docs/overload.md)',
    (c) => c.status().pressure.step,
  );
  gauge('rostrum_compositor_sources', 'RTP sources in the mix', (c) => c.status().stats?.sources ?? 0);
  gauge(
    'rostrum_compositor_picture_delay_seconds',
    "From a frame's time to its coded picture, mean of a second",
    (c) => (c.status().stats?.pictureDelayMs ?? 0) / 1000,
  );
  gauge(
    'rostrum_compositor_sound_delay_seconds',
    "From an AAC frame's time to its coming out of the encoder, mean of a second. A part waits for the later of the two",
    (c) => (c.status().stats?.soundDelayMs ?? 0) / 1000,
  );
  gauge(
    'rostrum_compositor_playout_delay_seconds',
    'How much later than the others the panelist with the worst network is played',
    (c) => (c.status().stats?.playoutDelayMs ?? 0) / 1000,
  );
  counter(
    'rostrum_compositor_frames_total',
    'Coded pictures of the largest rendition',
    (c) => c.status().framesOut,
  );
  counter(
    'rostrum_compositor_frames_skipped_total',
    'Places on the frame grid without a picture',
    (c) => c.status().framesSkipped,
  );
  counter(
    'rostrum_compositor_packets_refused_total',
    'Packets at RTP ports that belong to no source',
    (c) => c.status().packetsRefused,
  );
  counter(
    'rostrum_compositor_source_restarts_total',
    'Sources that failed and were built anew',
    (c) => c.status().sourceRestarts,
  );
  counter('rostrum_compositor_restarts_total', 'Compositors that died and were replaced', (c) =>
    Math.max(0, c.status().epoch - 1),
  );
  gauge(
    'rostrum_tracks_cpu_cores',
    'Share of a core the recorder of tracks used in the last second',
    (c) => c.tracks.status().stats?.cpuCores ?? 0,
  );
  gauge(
    'rostrum_tracks_sources',
    'RTP sources that are recorded unmixed',
    (c) => c.tracks.status().stats?.sources ?? 0,
  );
  counter(
    'rostrum_tracks_losses_total',
    'Times that packets of tracks did not come, since their recorder started',
    (c) => c.tracks.status().stats?.lost ?? 0,
  );
  counter('rostrum_tracks_restarts_total', 'Recorders of tracks that died and were replaced', (c) =>
    Math.max(0, c.tracks.status().starts - 1),
  );
  new Gauge({
    name: 'rostrum_broadcaster_channels',
    help: 'Live channels',
    registers: [registry],
    collect() {
      this.set(channels().length);
    },
  });
  new Gauge({
    name: 'rostrum_broadcaster_channels_room',
    help: 'Channels more that the machine has room for',
    registers: [registry],
    collect() {
      this.set(room());
    },
  });
  new Gauge({
    name: 'rostrum_broadcaster_coordinator_connected',
    help: '1 while connected to the coordinator',
    registers: [registry],
    collect() {
      this.set(connected() ? 1 : 0);
    },
  });
  const rpcSeconds = new Histogram({
    name: 'rostrum_broadcaster_rpc_seconds',
    help: 'Time to answer a call of the coordinator',
    labelNames: ['method', 'outcome'],
    buckets: [0.005, 0.02, 0.1, 0.2, 0.5, 1, 2, 5],
    registers: [registry],
  });
  return { observeRpc: (method, outcome, seconds) => rpcSeconds.observe({ method, outcome }, seconds) };
}

/** Tells channels apart and opens none: metrics travel to where ids that are part of addresses should not. */
const opaque = (channelId: string): string =>
  createHash('sha256').update(channelId).digest('base64url').slice(0, 8);
