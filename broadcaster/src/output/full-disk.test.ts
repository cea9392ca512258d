/** R8: what viewers, the crew and the recording have of a disk that is full, gone or read-only, on a real one. */
import { readdirSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PROFILES } from '@rostrum/contracts/profile';
import { openSmallDisk, type SmallDisk } from '@rostrum/service-kit/testing/small-disk';
import { Registry } from 'prom-client';
import { JOURNAL_NAME, readJournal, type SegmentEntry } from '../archive/journal.ts';
import { createOrigin } from '../origin/origin.ts';
import { request, silentLogger } from '../origin/testing/house.ts';
import { strictParse } from '../packager/testing/strict-parse.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';
import { createChannelOutput } from './channel-output.ts';
import type { ChannelOutput } from './interface.ts';

const KIB = 1024;
const profile = PROFILES.standard;
/** Frames of a segment. */
const SEGMENT = 48;
let disk: SmallDisk;
let show: Show;
beforeEach(async () => {
  disk = await openSmallDisk(512 * KIB);
});
afterEach(async () => {
  await show.close();
  await disk.close();
});

/** A live channel on the disk, with its viewers' side on a real socket. */
class Show {
  readonly output: ChannelOutput;
  readonly metrics: Registry;
  /** Bytes of every segment that was closed, by its file's name. */
  readonly published = new Map<string, Buffer>();
  readonly #server: http.Server;
  readonly #origin: ReturnType<typeof createOrigin>;
  #slot = 0;

  private constructor(
    output: ChannelOutput,
    metrics: Registry,
    server: http.Server,
    origin: ReturnType<typeof createOrigin>,
  ) {
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
    const opened = new Show(output, metrics, server, origin);
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
    const folder = join(disk.folder, 'show');
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

  async close(): Promise<void> {
    await this.#origin.stop();
    await this.output.close();
    this.#server.closeAllConnections();
    await new Promise<void>((closed) => this.#server.close(() => closed()));
  }
}

/** Of what a playlist of the recording names. */
const fileOf = (uri: string): string => uri.replace('../../live/show/', '');

/** The files that the recording plays, and those that were published and it does not. */
async function recording(): Promise<{ readonly played: Set<string>; readonly left: string[] }> {
  await show.output.end();
  const played = new Set<string>();
  for (const { name } of LADDER) {
    const playlist = strictParse((await show.get(`recordings/show/${name}.m3u8`)).body.toString());
    for (const { uri } of playlist.segments) {
      const file = fileOf(uri);
      expect((await show.get(`live/show/${file}`)).body).toEqual(show.published.get(file));
      played.add(file);
    }
  }
  return { played, left: [...show.published.keys()].filter((name) => !played.has(name)) };
}

test('[R8] a disk that fills up: viewers see nothing of it, nothing counts that is not there, and all of it follows', async () => {
  show = await Show.open(disk.folder);
  await show.play(2);
  await show.until(() => show.output.status().archiveQueueLength === 0);
  expect(show.output.status().archiveFailingSinceUnixMs).toBeNull();
  await disk.leave(0);
  await show.play(6);
  await show.until(() => show.output.status().archiveFailingSinceUnixMs !== null);
  // Room comes back by the page, so that each attempt is cut somewhere else.
  for (let room = 4; show.output.status().archiveQueueLength > 0; room += 4) {
    await show.listed();
    await disk.leave(room * KIB);
    await sleep(40);
  }
  expect(show.output.status()).toMatchObject({ archiveFailingSinceUnixMs: null, state: 'live' });
  expect((await show.listed()).length).toBe(8 * LADDER.length);
  await disk.leave(128 * KIB);
  expect((await recording()).left).toEqual([]);
}, 60_000);

test('[R8] a disk that vanishes for long: memory is bounded, and the recording lacks what it says it lacks', async () => {
  show = await Show.open(disk.folder, 12);
  await show.play(2);
  await show.until(() => show.output.status().archiveQueueLength === 0);
  await disk.vanish();
  for (let i = 0; i < 30; i += 1) await show.play(1);
  for (const event of epochEvents(ZERO_UNIX_MS + 100_000)) show.output.push(event);
  await show.until(() => show.output.status().archiveFailingSinceUnixMs !== null);
  // Nothing of ours lies below the mount point.
  expect(await readdir(disk.folder)).toEqual([]);
  // What cannot be had is not named, and is in nobody's memory.
  for (const { segments, rendition } of show.output.live.windows()) {
    expect(segments.length).toBeLessThan(20);
    for (const { uri } of strictParse((await show.get(`live/show/${rendition.name}.m3u8`)).body.toString())
      .segments) {
      if (uri) expect((await show.get(`live/show/${uri}`)).status).toBe(200);
    }
  }
  await disk.comeBack();
  await show.until(() => show.output.status().archiveQueueLength === 0);
  const holes = (await show.listed()).filter(({ file }) => file === undefined);
  const lost = await show.metrics.getSingleMetric('rostrum_archive_lost_segments_total')?.get();
  expect(holes.length).toBe(lost?.values[0]?.value);
  expect(holes.length).toBeGreaterThan(50);
  const { left } = await recording();
  expect(left.sort()).toEqual(holes.map((h) => `${h.rendition}/e${h.epoch}/s${h.msn}.mp4`).sort());
}, 60_000);

test('[R8] a disk that turns read-only and back: live goes on, and nothing is missing afterwards', async () => {
  show = await Show.open(disk.folder);
  await show.play(2);
  await disk.readOnly(true);
  await show.play(3);
  await show.until(() => show.output.status().archiveFailingSinceUnixMs !== null);
  const before = (await show.listed()).length;
  expect(before).toBeLessThan(5 * LADDER.length);
  await disk.readOnly(false);
  await show.until(() => show.output.status().archiveQueueLength === 0);
  expect(show.output.status().archiveFailingSinceUnixMs).toBeNull();
  expect((await recording()).left).toEqual([]);
}, 60_000);

test('[R8] an end on a full disk waits for room; until then the recording is what it was, and the crew is told', async () => {
  show = await Show.open(disk.folder);
  await show.play(3);
  await show.until(() => show.output.status().archiveQueueLength === 0);
  // Spools make room as they go.
  await show.until(
    () => !readdirSync(disk.folder, { recursive: true }).some((name) => `${name}`.endsWith('.open')),
  );
  await disk.leave(0);
  const ended = show.output.end();
  await show.until(() => show.output.status().archiveFailingSinceUnixMs !== null);
  const growing = (await show.get('recordings/show/hi.m3u8')).body.toString();
  expect(strictParse(growing)).toMatchObject({ playlistType: 'EVENT', endlist: false });
  await disk.leave(128 * KIB);
  expect(await ended).toMatchObject({ segmentCount: 3 });
  expect(show.output.status().archiveFailingSinceUnixMs).toBeNull();
  const whole = (await show.get('recordings/show/hi.m3u8')).body.toString();
  expect(whole).toBe(`${growing.replace(':EVENT\n', ':VOD\n')}#EXT-X-ENDLIST\n`);
}, 60_000);
