/** A live channel whose archive lies on a disk that a test does something to. For tests alone. */
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROFILES } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { JOURNAL_NAME, readJournal, type SegmentEntry } from '../../archive/journal.ts';
import { createOrigin } from '../../origin/origin.ts';
import { request, silentLogger } from '../../origin/testing/house.ts';
import { strictParse } from '../../packager/testing/strict-parse.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../../packager/testing/synthetic.ts';
import { createChannelOutput } from '../channel-output.ts';
import type { ChannelOutput } from '../interface.ts';

const profile = PROFILES.standard;
/** Frames of a segment. */
const SEGMENT = 48;

/** A live channel on the disk, with its viewers' side on a real socket. */
export class Show {
  readonly output: ChannelOutput;
  readonly metrics: Registry;
  /** Bytes of every segment that was closed, by its file's name. */
  readonly published = new Map<string, Buffer>();
  readonly #archiveDir: string;
  readonly #server: http.Server;
  readonly #origin: ReturnType<typeof createOrigin>;
  #slot = 0;

  private constructor(
    archiveDir: string,
    output: ChannelOutput,
    metrics: Registry,
    server: http.Server,
    origin: ReturnType<typeof createOrigin>,
  ) {
    this.#archiveDir = archiveDir;
    this.output = output;
    this.metrics = metrics;
    this.#server = server;
    this.#origin = origin;
  }

  static async open(archiveDir: string, maxQueuedSegments = 2000): Promise<Show> {
    const metrics = new Registry();
    const clock = { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => 0 };
    const shared = { archiveDir, clock, logger: silentLogger, metrics };
    const origin = createOrigin({ ...shared, coordinatorUrl: 'http://127.0.0.1:9' });
    const of = { channelId: 'show', profile, ladder: LADDER, windowMs: 20_000, maxQueuedSegments };
    const output = await createChannelOutput({ ...shared, ...of });
    origin.addChannel(output);
    const server = http.createServer(origin.handle);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const opened = new Show(archiveDir, output, metrics, server, origin);
    for (const event of epochEvents()) output.push(event);
    return opened;
  }

  /** So many segments more; what a viewer at the live edge asks for is looked at with each. */
  async play(segments: number): Promise<void> {
    for (let i = 0; i < segments; i += 1) {
      for (const event of perfect(profile, this.#slot, this.#slot + SEGMENT)) this.output.push(event);
      this.#slot += SEGMENT;
      for (const { rendition, segments: window } of this.output.live.windows()) {
        const last = window.findLast(({ closed }) => closed);
        if (!last) throw new Error('nothing is live');
        const name = `${rendition.name}/e${last.epoch}/s${last.msn}`;
        const bytes = Buffer.concat(last.parts.flatMap(({ data }) => (data ? [data] : [])));
        this.published.set(`${name}.mp4`, bytes);
        expect((await this.get(`live/show/${name}.p0.mp4`)).status).toBe(200);
        expect((await this.get(`live/show/${name}.mp4`)).body).toEqual(bytes);
      }
    }
  }

  get(path: string) {
    return request((this.#server.address() as AddressInfo).port, `/${path}`);
  }

  async until(holds: () => boolean): Promise<void> {
    for (let i = 0; i < 500; i += 1) {
      if (holds()) return;
      await sleep(20);
    }
    throw new Error('it never happened');
  }

  /** What the journal lists is there, byte for byte, and the recording so far plays nothing else. Resolves with it. */
  async listed(): Promise<SegmentEntry[]> {
    const growing = await this.get('recordings/show/hi.m3u8');
    const folder = join(this.#archiveDir, 'show');
    const { entries } = await readJournal(join(folder, JOURNAL_NAME));
    const segments = entries.flatMap((entry) => (entry.type === 'segment' ? [entry] : []));
    for (const { file } of segments) {
      if (file) expect(await readFile(join(folder, file))).toEqual(this.published.get(file));
    }
    const files = new Set(segments.map(({ file }) => file));
    const played = growing.status === 404 ? [] : strictParse(growing.body.toString()).segments;
    for (const { uri } of played) expect(files.has(fileOf(uri))).toBe(true);
    return segments;
  }

  /** Ends it. The files that the recording plays, and those that were published and it does not. */
  async recording(): Promise<{ readonly played: Set<string>; readonly left: string[] }> {
    await this.output.end();
    const played = new Set<string>();
    for (const { name } of LADDER) {
      const playlist = strictParse((await this.get(`recordings/show/${name}.m3u8`)).body.toString());
      for (const { uri } of playlist.segments) {
        const file = fileOf(uri);
        expect((await this.get(`live/show/${file}`)).body).toEqual(this.published.get(file));
        played.add(file);
      }
    }
    return { played, left: [...this.published.keys()].filter((name) => !played.has(name)) };
  }

  async close(): Promise<void> {
    await this.#origin.stop();
    await this.output.close();
    this.#server.closeAllConnections();
    await new Promise<void>((closed) => this.#server.close(() => closed()));
  }
}

/** Of what a playlist of the recording names. */
const fileOf = (uri: string): string => uri.replace('../../live/show/', '');
