/**
 * A live channel on a real socket, for readers that keep to the clock: really encoded samples, pushed as an encoder would
 * give them, with one restart of the compositor in the middle.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type LatencyProfile, PROFILES, type ProfileName } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import type { Sample } from '../../media/samples.ts';
import { createChannelOutput } from '../../output/channel-output.ts';
import type { ChannelOutput } from '../../output/interface.ts';
import { withParameterSets } from '../../packager/codecs.ts';
import {
  asEvents,
  encodeRealStream,
  type RealStream,
  SMALL_LADDER,
} from '../../packager/testing/real-samples.ts';
import type { Origin } from '../interface.ts';
import { createOrigin } from '../origin.ts';
import { silentLogger } from './house.ts';

/** Each of the two runs of the compositor: whole parts, so that sound and picture end together, but no whole segments. */
export const RUN_MS = 11_200;
/** The compositor is away for this long between them; it comes back on the grid that sound and picture have in common. */
export const AWAY_MS = 960;
const PUSH_INTERVAL_MS = 10;

export class RealTimeChannel {
  readonly profile: LatencyProfile;
  readonly ladder = SMALL_LADDER;
  readonly #stream: RealStream;
  readonly #archiveDir: string;
  readonly #origin: Origin;
  readonly #output: ChannelOutput;
  readonly #server: http.Server;

  private constructor(
    profile: LatencyProfile,
    stream: RealStream,
    archiveDir: string,
    origin: Origin,
    output: ChannelOutput,
    server: http.Server,
  ) {
    this.profile = profile;
    this.#stream = stream;
    this.#archiveDir = archiveDir;
    this.#origin = origin;
    this.#output = output;
    this.#server = server;
  }

  /** Encodes and listens; nothing is on air before `run`. */
  static async open(name: ProfileName): Promise<RealTimeChannel> {
    const profile = PROFILES[name];
    const encoded = await encodeRealStream(profile, RUN_MS / 1000);
    // The encoder's last AAC frame is its padding.
    const stream = { ...encoded, samples: encoded.samples.filter(({ dtsNs }) => dtsNs < RUN_MS * 1e6) };
    const archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-real-time-'));
    const clock = { nowUnixMs: () => Date.now() };
    const shared = { archiveDir, clock, logger: silentLogger, metrics: new Registry() };
    const origin = createOrigin({ ...shared, coordinatorUrl: 'http://localhost:3000' });
    const output = await createChannelOutput({ ...shared, channelId: name, profile, ladder: SMALL_LADDER });
    origin.addChannel(output);
    const server = http.createServer(origin.handle);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new RealTimeChannel(profile, stream, archiveDir, origin, output, server);
  }

  /** Address of a playlist: `multivariant` or a rendition's name. */
  playlist(area: 'live' | 'recordings', name = 'multivariant'): string {
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/${area}/${this.profile.name}/${name}.m3u8`;
  }

  /** What was encoded for one track in each of the two runs, in decode order. */
  track(name: string): readonly Sample[] {
    const config = this.#stream.configs.find(({ track, codec }) => track === name && codec === 'avc')?.config;
    return this.#stream.samples
      .filter(({ track }) => track === name)
      .map((sample) =>
        config && sample.keyframe ? { ...sample, data: withParameterSets(config, sample.data) } : sample,
      );
  }

  /** Both runs in real time, then the end. Resolves when the recording is written. Rejects when aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const timelineZeroUnixMs = Date.now();
    await this.#runOnce({ number: 1, timelineZeroUnixMs }, 0, signal);
    await this.#runOnce({ number: 2, timelineZeroUnixMs }, RUN_MS + AWAY_MS, signal);
    await this.#output.end();
  }

  /** As the supervisor does it: a compositor that is back goes on where the channel's one timeline is by then. */
  async #runOnce(
    epoch: { readonly number: number; readonly timelineZeroUnixMs: number },
    startMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const until = async (dueMs: number): Promise<void> => {
      while (Date.now() - epoch.timelineZeroUnixMs < dueMs) {
        await sleep(PUSH_INTERVAL_MS, undefined, { signal });
      }
    };
    await until(startMs);
    for (const event of asEvents(this.#stream, epoch)) {
      if (event.type !== 'sample') {
        this.#output.push(event);
        continue;
      }
      const sample = later(event.sample, startMs * 1e6);
      await until((sample.dtsNs + sample.durationNs) / 1e6);
      this.#output.push({ type: 'sample', sample });
    }
  }

  async close(): Promise<void> {
    await this.#origin.stop();
    await this.#output.close();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await rm(this.#archiveDir, { recursive: true, force: true });
  }
}

function later(sample: Sample, shiftNs: number): Sample {
  return { ...sample, ptsNs: sample.ptsNs + shiftNs, dtsNs: sample.dtsNs + shiftNs };
}
