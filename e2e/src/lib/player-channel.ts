/**
 * The cheapest real live stream there is: pictures and sound encoded once, pushed through the real packager and origin in
 * real time, over and over. With the watch page on the same server, and of the coordinator only what the page asks before
 * it plays; its connection never stands.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createChannelOutput } from '@rostrum/broadcaster/channel-output';
import { createOrigin } from '@rostrum/broadcaster/origin';
import { encodeRealStream, type RealStream } from '@rostrum/broadcaster/testing/real-samples';
import { ShedLoad } from '@rostrum/contracts/node-socket';
import { FRAME_RATE, LADDER, PROFILES, type ProfileName } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';

export const WATCH_PAGE = fileURLToPath(new URL('../../../audience-web/dist', import.meta.url));
const CHANNEL = 'show';
const PUSH_EVERY_MS = 5;
const FRAME_NS = 1e9 / FRAME_RATE;
/** Of a channel's past, its last seconds can be played; what is before them is only listed. */
const WHOLE_S = 30;
const STUB = new Uint8Array(1);
const LOOP_SEGMENTS = 6;
const silent = { info() {}, warn() {}, error() {} };

type Output = Awaited<ReturnType<typeof createChannelOutput>>;

export class PlayerChannel {
  readonly profile = PROFILES.standard;
  /** Instant at which the first segment began. */
  readonly zeroUnixMs: number;
  readonly #archiveDir: string;
  readonly #origin: ReturnType<typeof createOrigin>;
  readonly #output: Output;
  readonly #servers: readonly http.Server[];
  readonly #port: number;
  readonly #feeder: NodeJS.Timeout;
  #fedNs = 0;
  /** Track -> end of what was given of it, ns. */
  readonly #endNs = new Map<string, number>();
  /** Track -> where on the timeline, ns, it stops or begins again. */
  readonly #turns = new Map<string, { readonly fromNs: number; readonly off: boolean }>();

  private constructor(
    archiveDir: string,
    origin: ReturnType<typeof createOrigin>,
    output: Output,
    server: http.Server,
    coordinator: http.Server,
    stream: RealStream,
    pastS: number,
  ) {
    this.#archiveDir = archiveDir;
    this.#origin = origin;
    this.#output = output;
    this.#servers = [server, coordinator];
    this.#port = portOf(server);
    this.zeroUnixMs = Date.now() - pastS * 1000;
    output.push({ type: 'epoch', epoch: 1, timelineZeroUnixMs: this.zeroUnixMs });
    for (const config of stream.configs) output.push({ type: 'config', config });
    const loopNs = LOOP_SEGMENTS * this.profile.segmentMs * 1e6;
    // The encoder's priming may make a track a frame longer than its loop.
    const samples = stream.samples.filter(({ dtsNs }) => dtsNs < loopNs - 1000);
    let next = 0;
    const feed = (untilNs: number, payload: (data: Uint8Array) => Uint8Array): void => {
      for (;;) {
        const sample = samples[next % samples.length];
        if (!sample) return;
        const shiftNs = Math.floor(next / samples.length) * loopNs;
        if (sample.dtsNs + sample.durationNs + shiftNs > untilNs) return;
        next += 1;
        this.#fedNs = Math.max(this.#fedNs, sample.dtsNs + shiftNs);
        if (this.#isOff(sample.track, sample.dtsNs + shiftNs)) continue;
        this.#endNs.set(sample.track, sample.dtsNs + sample.durationNs + shiftNs);
        output.push({
          type: 'sample',
          sample: {
            ...sample,
            data: payload(sample.data),
            ptsNs: sample.ptsNs + shiftNs,
            dtsNs: sample.dtsNs + shiftNs,
          },
        });
      }
    };
    feed((pastS - WHOLE_S) * 1e9, () => STUB);
    this.#feeder = setInterval(
      () => feed((Date.now() - this.zeroUnixMs) * 1e6, (data) => data),
      PUSH_EVERY_MS,
    );
  }

  /** @param pastS seconds it has been live already */
  static async open(profileName: ProfileName = 'standard', pastS = 0): Promise<PlayerChannel> {
    const profile = PROFILES[profileName];
    const stream = await encodeRealStream(profile, (LOOP_SEGMENTS * profile.segmentMs) / 1000, LADDER);
    const archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-player-'));
    const coordinator = http.createServer((request, response) => answer(request, response));
    const coordinatorUrl = await listen(coordinator);
    const shared = {
      archiveDir,
      clock: { nowUnixMs: () => Date.now() },
      logger: silent,
      metrics: new Registry(),
    };
    const origin = createOrigin({ ...shared, coordinatorUrl, watchPageDir: WATCH_PAGE });
    const output = await createChannelOutput({ ...shared, channelId: CHANNEL, profile, ladder: LADDER });
    origin.addChannel(output);
    const server = http.createServer(origin.handle);
    await listen(server);
    return new PlayerChannel(archiveDir, origin, output, server, coordinator, stream, pastS);
  }

  /** Of the origin. */
  get port(): number {
    return this.#port;
  }

  /** Wall-clock instant at which a part was whole. `name` as in its URL: `720p/e1/s7.p2.mp4`; null for anything else. */
  completeAtUnixMs(name: string): number | null {
    const [, msn, part] = /\/s(\d+)\.p(\d+)\.mp4$/.exec(name) ?? [];
    if (msn === undefined || part === undefined) return null;
    // The first segment is number 1.
    return (
      this.zeroUnixMs + (Number(msn) - 1) * this.profile.segmentMs + (Number(part) + 1) * this.profile.partMs
    );
  }

  /** What a compositor leaves out whose machine is too slow: at once, and until a segment begins. Renditions only. */
  shed(tracks: readonly string[]): void {
    const segmentNs = this.profile.segmentMs * 1e6;
    const nextNs = Math.ceil((this.#fedNs + 3 * FRAME_NS) / segmentNs) * segmentNs;
    this.#output.push({ type: 'shedding', shed: ShedLoad.array().parse(tracks) });
    for (const { name } of LADDER) {
      const off = tracks.includes(name);
      if (off === (this.#turns.get(name)?.off ?? false)) continue;
      const fromNs = off ? (this.#endNs.get(name) ?? 0) : nextNs;
      this.#turns.set(name, { fromNs, off });
      this.#output.push({ type: off ? 'pause' : 'resume', track: name, fromNs });
    }
  }

  #isOff(track: string, atNs: number): boolean {
    const turn = this.#turns.get(track);
    return turn !== undefined && atNs >= turn.fromNs === turn.off;
  }

  async close(): Promise<void> {
    clearInterval(this.#feeder);
    await this.#origin.stop();
    await this.#output.close();
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    }
    await rm(this.#archiveDir, { recursive: true, force: true });
  }
}

const portOf = (server: http.Server): number => (server.address() as AddressInfo).port;

async function listen(server: http.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${portOf(server)}`;
}

/** The playlist lies where the page came from: behind the same relay. */
function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
  const { origin } = request.headers;
  response.setHeader('access-control-allow-origin', origin ?? '*');
  response.setHeader('access-control-allow-headers', 'authorization, content-type');
  if (request.method === 'OPTIONS') response.writeHead(204).end();
  else if (request.url === `/api/webinars/${CHANNEL}/public`) {
    response.setHeader('content-type', 'application/json');
    response.end(
      JSON.stringify({
        webinarId: CHANNEL,
        title: 'Player',
        phase: 'live',
        startsAtUnixMs: null,
        profile: 'standard',
        live: { sinceUnixMs: Date.now(), playlistUrl: `${origin}/live/${CHANNEL}/multivariant.m3u8` },
      }),
    );
  } else response.writeHead(503).end();
}
