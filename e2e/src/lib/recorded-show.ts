/**
 * A show of half a minute that has ended, and one that goes on, at a real origin with the watch page; of the coordinator only what the
 * page asks before it plays. What is told of the recording lies beside it as a broadcaster would write it.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ChannelOutput, createChannelOutput } from '@rostrum/broadcaster/channel-output';
import { createOrigin } from '@rostrum/broadcaster/origin';
import { asEvents, encodeRealStream, SMALL_LADDER } from '@rostrum/broadcaster/testing/real-samples';
import { PROFILES } from '@rostrum/contracts/profile';
import { NO_SHAPE, type RecordingAbout, type RecordingShape } from '@rostrum/contracts/recording';
import { Registry } from 'prom-client';
import { WATCH_PAGE } from './player-channel.ts';

const profile = PROFILES.standard;
const SEGMENTS = 16;
export const SHOW_S = (SEGMENTS * profile.segmentMs) / 1000;
const silent = { info() {}, warn() {}, error() {} };
/** The page keeps what it knows of a webinar in its tab; this is what a coordinator tells it of one that has ended. */
export const ENDED = 'show';
export const LIVE = 'live-show';
const PUSH_EVERY_MS = 40;

export interface RecordedShow {
  /** Of the origin. */
  readonly base: string;
  /** Half of it has been on then, the rest comes as it is made. */
  goLive(): Promise<void>;
  /** Of a page on another site, which shows the given HTML and nothing else. */
  siteShowing(html: string): string;
  close(): Promise<void>;
}

const about: RecordingAbout = {
  title: 'Spring fair',
  startsUnixMs: Date.UTC(2026, 0, 1),
  durationMs: SHOW_S * 1000,
  live: false,
  chapters: [
    { startMs: 0, title: 'Welcome', kind: 'start' },
    { startMs: 10_000, title: 'Pears and apples', kind: 'speaker' },
    { startMs: 20_000, title: 'How long do they keep?', kind: 'question' },
  ],
  poster: 'poster.jpg',
  downloads: [{ rendition: 'large', state: 'ready', bytes: 1_500_000, path: 'large.mp4' }],
  captions: [{ language: 'en', label: 'English', path: 'en.vtt' }],
};
const captions = `WEBVTT

00:01.000 --> 00:04.000
Good morning, everybody.

00:12.000 --> 00:15.000
A <i>pear</i> is not an apple.

00:25.000 --> 00:28.000
Apples keep until spring.
`;

export async function openRecordedShow(): Promise<RecordedShow> {
  const archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-playback-'));
  const coordinator = http.createServer(announce);
  const coordinatorUrl = await listen(coordinator);
  const pages = new Map<string, string>();
  const site = http.createServer((request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end(pages.get(request.url ?? '') ?? '');
  });
  const siteUrl = await listen(site);
  const shared = {
    archiveDir,
    clock: { nowUnixMs: () => Date.now() },
    logger: silent,
    metrics: new Registry(),
  };
  let base = '';
  let liveShape: RecordingShape = NO_SHAPE;
  const origin = createOrigin({
    ...shared,
    shapeOf: (channelId) => (channelId === LIVE ? liveShape : NO_SHAPE),
    coordinatorUrl,
    watchPageDir: WATCH_PAGE,
    publicUrl: () => base,
    embedAncestors: [siteUrl],
  });
  const server = http.createServer(origin.handle);
  base = await listen(server);
  const channel = async (channelId: string): Promise<ChannelOutput> => {
    const output = await createChannelOutput({ ...shared, channelId, profile, ladder: SMALL_LADDER });
    origin.addChannel(output);
    return output;
  };
  const stream = await encodeRealStream(profile, SHOW_S);
  const ended = await channel(ENDED);
  for (const event of asEvents(stream, { number: 1, timelineZeroUnixMs: about.startsUnixMs })) {
    ended.push(event);
  }
  await ended.end();
  const beside = (name: string): string => join(archiveDir, ENDED, name);
  await writeFile(beside('about.json'), JSON.stringify(about));
  await writeFile(beside('en.vtt'), captions);
  const picture = ['-f', 'lavfi', '-i', 'smptebars=size=640x360', '-frames:v', '1', beside('poster.jpg')];
  await promisify(execFile)('ffmpeg', ['-v', 'error', ...picture]);

  let feeder: ReturnType<typeof setInterval> | undefined;
  let live: ChannelOutput | undefined;

  return {
    base,
    async goLive() {
      const output = await channel(LIVE);
      live = output;
      const zeroUnixMs = Date.now() - (SHOW_S * 1000) / 2;
      const waiting = [...asEvents(stream, { number: 1, timelineZeroUnixMs: zeroUnixMs })];
      const feed = (): void => {
        const nowNs = (Date.now() - zeroUnixMs) * 1e6;
        for (let next = waiting[0]; next; next = waiting[0]) {
          if (next.type === 'sample' && next.sample.dtsNs + next.sample.durationNs > nowNs) return;
          output.push(next);
          waiting.shift();
        }
      };
      feed();
      const chapters = about.chapters.slice(0, 2).map(({ startMs, title, kind }) => {
        return { atUnixMs: zeroUnixMs + startMs, title, kind };
      });
      liveShape = { ...NO_SHAPE, title: about.title, chapters };
      feeder = setInterval(feed, PUSH_EVERY_MS);
    },
    siteShowing(html) {
      const path = `/${pages.size}`;
      pages.set(path, `<!doctype html><title>A site</title>${html}`);
      return `${siteUrl}${path}`;
    },
    async close() {
      clearInterval(feeder);
      await origin.stop();
      await ended.close();
      await live?.close();
      for (const one of [server, coordinator, site]) {
        one.closeAllConnections();
        await new Promise<void>((resolve) => one.close(() => resolve()));
      }
      await rm(archiveDir, { recursive: true, force: true });
    },
  };
}

async function listen(server: http.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What is live is announced where the page came from. */
function announce(request: http.IncomingMessage, response: http.ServerResponse): void {
  const { origin } = request.headers;
  response.setHeader('access-control-allow-origin', origin ?? '*');
  response.setHeader('access-control-allow-headers', 'authorization, content-type');
  if (request.method === 'OPTIONS') response.writeHead(204).end();
  else if (request.url === `/api/webinars/${LIVE}/public`) {
    response.setHeader('content-type', 'application/json');
    const playlistUrl = `${origin}/live/${LIVE}/multivariant.m3u8`;
    response.end(
      JSON.stringify({
        webinarId: LIVE,
        title: 'Summer fair',
        phase: 'live',
        startsAtUnixMs: null,
        profile: 'standard',
        live: { sinceUnixMs: Date.now(), playlistUrl },
      }),
    );
  } else response.writeHead(503).end();
}
