/**
 * Readers nobody here wrote. One live channel of each profile, really encoded, with a restart of the compositor in its
 * middle: all readers are on it at once while it is live, and again when it has ended.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AWAY_MS, RealTimeChannel, RUN_MS } from '@rostrum/broadcaster/testing/real-time-channel';
import { strictParse } from '@rostrum/broadcaster/testing/strict-parse';
import type { Browser } from 'playwright-core';
import { launchChromium } from './lib/browser.ts';
import { type BoxedTrack, readBoxes } from './readers/boxes.ts';
import { type Playback, type PlayerName, PlayerPages } from './readers/players.ts';
import { bytesOf, followPlaylists, type LifeOfPlaylists } from './readers/playlist-life.ts';
import { type Decoded, decodeWithFfprobe, decodeWithGStreamer } from './readers/programs.ts';

const PROFILES = ['fast', 'standard'] as const;
const PLAYERS: readonly PlayerName[] = ['hls.js', 'shaka'];
const AREAS = ['live', 'recordings'] as const;
type Profile = (typeof PROFILES)[number];
type Area = (typeof AREAS)[number];

/** Two segments are there by then: with one, hlsdemux2 begins and never goes on (docs/found-in-others.md). */
const HEAD_START_MS = 5000;
const LIVE_MS = 2 * RUN_MS + AWAY_MS;
const PROGRAMME_S = (2 * RUN_MS) / 1000;
const DEADLINE_MS = LIVE_MS + 15_000;
/** Shaka Player keeps programme time, so the restart is a hole in its timeline; hls.js closes it. */
const HOLE_S: Readonly<Record<PlayerName, number>> = { 'hls.js': 0, shaka: AWAY_MS / 1000 };
/** Recordings are watched faster, to be done sooner. */
const RECORDING_RATE = 4;
/** A bound for sanity: figures are the benchmarks' affair. */
const MAX_LATENCY_MS = 4000;
const PICTURES = (PROGRAMME_S * 1000) / 40;
const SOUND_FRAMES = (PROGRAMME_S * 48_000) / 1024;

const abort = new AbortController();
const { signal } = abort;

/** Readers run before their test asks for what they found; one that failed, or never came to an end, fails there. */
const results = new Map<string, Promise<unknown>>();
function start(key: string, work: Promise<unknown>): void {
  const late = sleep(DEADLINE_MS + 5000, undefined, { signal, ref: false }).then(() => {
    throw new Error(`${key} came to no end`);
  });
  const either = Promise.race([work, late]);
  either.catch(() => undefined);
  results.set(key, either);
}
const result = <T>(key: string): Promise<T> => results.get(key) as Promise<T>;

const channels = new Map<Profile, RealTimeChannel>();
let browser: Browser;
let pages: PlayerPages;

beforeAll(async () => {
  browser = await launchChromium();
  pages = await PlayerPages.open();
  for (const profile of PROFILES) channels.set(profile, await RealTimeChannel.open(profile));
  const ends = [...channels].map(([profile, channel]) => {
    const names = ['multivariant', ...channel.ladder.map(({ name }) => name)];
    const urls = names.map((name) => channel.playlist('live', name));
    start(`${profile} playlists`, followPlaylists(urls, signal));
    return channel.run(signal);
  });
  const live = Promise.all(ends);
  live.catch(() => undefined);
  await sleep(HEAD_START_MS);
  for (const [profile, channel] of channels) {
    const multivariant = channel.playlist('live');
    start(`${profile} ffprobe`, decodeWithFfprobe(channel.playlist('live', 'large'), signal));
    start(`${profile} hlsdemux2`, decodeWithGStreamer(multivariant, signal));
    for (const player of PLAYERS) {
      const endS = PROGRAMME_S + HOLE_S[player];
      const watching = { url: multivariant, playbackRate: 1, live: true, deadlineMs: DEADLINE_MS, endS };
      start(`${profile} ${player}`, pages.watch(browser, player, watching));
    }
  }
  await live;
  await Promise.allSettled(results.values());
  for (const [profile, channel] of channels) {
    for (const area of AREAS) {
      const url = channel.playlist(area);
      start(`${profile} ${area} ffprobe`, decodeWithFfprobe(channel.playlist(area, 'large'), signal));
      start(`${profile} ${area} hlsdemux2`, decodeWithGStreamer(url, signal));
      for (const player of PLAYERS) {
        const watching = {
          url,
          playbackRate: RECORDING_RATE,
          live: false,
          deadlineMs: DEADLINE_MS,
          endS: Infinity,
        };
        start(`${profile} ${area} ${player}`, pages.watch(browser, player, watching));
      }
    }
  }
}, LIVE_MS + 60_000);

afterAll(async () => {
  abort.abort();
  await Promise.allSettled(results.values());
  await browser?.close();
  await pages?.close();
  for (const channel of channels.values()) await channel.close();
}, 60_000);

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

describe.each(PROFILES)('the %s channel', (profile) => {
  const channel = (): RealTimeChannel => {
    const found = channels.get(profile);
    if (!found) throw new Error(`no ${profile} channel`);
    return found;
  };

  describe('while it is live', () => {
    test.each(PLAYERS)('%s plays it in low-latency mode, over the restart and to its end', async (player) => {
      const playback = await result<Playback>(`${profile} ${player}`);
      expect(playback.fatalErrors).toEqual([]);
      expect(playback.latenciesMs.length).toBeGreaterThan(40);
      expect(median(playback.latenciesMs)).toBeGreaterThan(0);
      expect(median(playback.latenciesMs)).toBeLessThan(MAX_LATENCY_MS);
      const endS = PROGRAMME_S + HOLE_S[player];
      expect(Math.abs(playback.endedAtS - endS)).toBeLessThan(0.1);
      // At times Shaka Player stops at the last picture and never says `ended` (docs/found-in-others.md).
      if (player === 'hls.js') {
        expect(playback.ended).toBe(true);
        expect(playback.durationS).toBeCloseTo(endS, 1);
      }
      // It joined before the restart and has seen all that came after it.
      expect(playback.playedS).toBeGreaterThan(RUN_MS / 1000 + 0.5);
    });

    test('ffprobe follows it and decodes every picture and every sound', async () => {
      const decoded = await result<Decoded>(`${profile} ffprobe`);
      expect(decoded).toEqual({ pictures: PICTURES, soundFrames: SOUND_FRAMES, complaints: '' });
    });

    test('GStreamer follows it and decodes every picture and every sound', async () => {
      const decoded = await result<Decoded>(`${profile} hlsdemux2`);
      expect(decoded).toEqual({ pictures: PICTURES, soundFrames: SOUND_FRAMES, complaints: '' });
    });

    test('[S1] hls-parser, strict, refuses no playlist of its whole life', async () => {
      const life = await result<LifeOfPlaylists>(`${profile} playlists`);
      expect(life.refused).toEqual([]);
      // Four playlists, every 100 ms; a busy machine may miss some.
      expect(life.snapshots).toBeGreaterThan((4 * LIVE_MS) / 400);
    });

    test('[LL3] mp4box.js finds in the parts of each segment what is in the segment', async () => {
      const { parts } = await result<LifeOfPlaylists>(`${profile} playlists`);
      for (const { name } of channel().ladder) {
        for (const { init, segment, partUrls } of await segmentsOf(channel(), 'live', name, parts)) {
          expect(partUrls.length).toBeGreaterThan(0);
          const ofParts = partUrls.map((url) => parts.get(url) as Uint8Array);
          for (const part of ofParts) expect(readBoxes(init, [part]).length).toBeGreaterThan(0);
          expect(readBoxes(init, ofParts)).toEqual(readBoxes(init, [segment]));
        }
      }
    });
  });

  describe.each(AREAS)('when it has ended, under /%s', (area) => {
    test.each(PLAYERS)('%s plays all of it', async (player) => {
      const playback = await result<Playback>(`${profile} ${area} ${player}`);
      expect(playback.fatalErrors).toEqual([]);
      expect(playback.ended).toBe(true);
      expect(playback.durationS).toBeCloseTo(PROGRAMME_S, 1);
      expect(playback.playedS).toBeCloseTo(PROGRAMME_S, 1);
      // Chromium's decoder, begun anew, decodes what waited to be shown (four pictures) a second time. That the recording
      // holds none twice is what the tests below say.
      expect(playback.decodedFrames).toBeGreaterThanOrEqual(PICTURES);
    });

    test('ffprobe and GStreamer decode every picture and every sound', async () => {
      const all: Decoded = { pictures: PICTURES, soundFrames: SOUND_FRAMES, complaints: '' };
      expect(await result(`${profile} ${area} ffprobe`)).toEqual(all);
      expect(await result(`${profile} ${area} hlsdemux2`)).toEqual(all);
    });

    test('[LL3] [LL4] mp4box.js finds every sample that was encoded, at its time', async () => {
      for (const { name, kind } of channel().ladder) {
        const segments = await segmentsOf(channel(), area, name, new Map());
        const tracks = segments.map(({ init, segment }) => readBoxes(init, [segment]));
        for (const [i, { durationS }] of segments.entries()) {
          const ofSegment = tracks[i] as readonly BoxedTrack[];
          expect(ofSegment.map((track) => track.kind)).toEqual(
            kind === 'video' ? ['video', 'audio'] : ['audio'],
          );
          for (const track of ofSegment) {
            const { atS, durationS: lastS } = track.samples.at(-1)!;
            const first = track.samples[0]!;
            expect(first.keyframe).toBe(true);
            // Within a frame; sound is cut on its own grid.
            expect(Math.abs(atS + lastS - first.atS - durationS)).toBeLessThan(0.04);
          }
        }
        for (const track of kind === 'video' ? (['video', 'audio'] as const) : (['audio'] as const)) {
          const found = tracks.flatMap((all) => all.find((one) => one.kind === track)?.samples ?? []);
          const encoded = channel().track(track === 'video' ? name : 'audio');
          const expected = [0, RUN_MS + AWAY_MS].flatMap((shiftMs) =>
            encoded.map(({ data, dtsNs }) => ({ size: data.byteLength, atS: dtsNs / 1e9 + shiftMs / 1000 })),
          );
          expect(found.map(({ sizeBytes }) => sizeBytes)).toEqual(expected.map(({ size }) => size));
          for (const [i, { atS }] of found.entries()) expect(atS).toBeCloseTo(expected[i]!.atS, 3);
        }
      }
    });
  });
});

interface FetchedSegment {
  readonly init: Uint8Array;
  readonly segment: Uint8Array;
  /** EXTINF, s. */
  readonly durationS: number;
  /** Of those known, in order. */
  readonly partUrls: readonly string[];
}

/** Every segment of an ended playlist, over HTTP, with the addresses of its parts among `parts`. */
async function segmentsOf(
  channel: RealTimeChannel,
  area: Area,
  name: string,
  parts: ReadonlyMap<string, Uint8Array>,
): Promise<FetchedSegment[]> {
  const url = channel.playlist(area, name);
  const playlist = strictParse(new TextDecoder().decode(await bytesOf(url)));
  const inits = new Map<string, Promise<Uint8Array>>();
  let map = '';
  return Promise.all(
    playlist.segments.map(async (segment) => {
      map = segment.map?.uri ?? map;
      const initUrl = new URL(map, url).href;
      const init = inits.get(initUrl) ?? bytesOf(initUrl);
      inits.set(initUrl, init);
      const segmentUrl = new URL(segment.uri, url).href;
      const prefix = segmentUrl.replace(/\.mp4$/, '.p');
      const partUrls = [...parts.keys()]
        .filter((part) => part.startsWith(prefix))
        .sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
      return { init: await init, segment: await bytesOf(segmentUrl), durationS: segment.duration, partUrls };
    }),
  );
}
