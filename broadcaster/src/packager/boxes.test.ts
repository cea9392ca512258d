/** The boxes, held against readers nobody here wrote: mp4box and ffprobe, on what ffmpeg encoded. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type LatencyProfile, PROFILES } from '@rostrum/contracts/profile';
import { createFile, MP4BoxBuffer } from 'mp4box';
import { concat } from './boxes.ts';
import { Packager } from './index.ts';
import { withoutParameterSets } from './testing/read-fragments.ts';
import { asEvents, encodeRealStream, type RealStream, SMALL_LADDER } from './testing/real-samples.ts';
import { nsToTicks } from './ticks.ts';

const run = promisify(execFile);
/** The epoch does not begin at zero, and not on a whole tick. */
const ORIGIN_NS = 3_723_456_789_012;

let folder: string;
const streams = new Map<LatencyProfile, RealStream>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-boxes-'));
  for (const profile of [PROFILES.fast, PROFILES.standard])
    streams.set(profile, await encodeRealStream(profile, 6.4));
});
afterAll(() => rm(folder, { recursive: true }));

/** Init and parts of each rendition, as a player would append them. */
function packaged(profile: LatencyProfile): Map<string, { bytes: Uint8Array; stream: RealStream }> {
  const stream = streams.get(profile);
  if (!stream) throw new Error(profile.name);
  const shifted: RealStream = {
    configs: stream.configs,
    samples: stream.samples.map((sample) => ({
      ...sample,
      ptsNs: sample.ptsNs + ORIGIN_NS,
      dtsNs: sample.dtsNs + ORIGIN_NS,
    })),
  };
  const packager = new Packager({ profile, ladder: SMALL_LADDER, windowMs: 60_000 });
  const pieces = new Map<string, Uint8Array[]>(SMALL_LADDER.map(({ name }) => [name, []]));
  for (const event of asEvents(shifted, { number: 1, timelineZeroUnixMs: 0 })) {
    for (const out of packager.push(event)) {
      if (out.type === 'init') pieces.get(out.rendition)?.push(out.data);
      if (out.type === 'part' && out.part.data) pieces.get(out.rendition)?.push(out.part.data);
    }
  }
  return new Map([...pieces].map(([name, list]) => [name, { bytes: concat(list), stream: shifted }]));
}

describe.each([PROFILES.fast, PROFILES.standard])('profile $name', (profile) => {
  test.each(['large', 'small'])(
    'mp4box finds the exact times, flags and bytes of every sample of %s',
    (name) => {
      const found = packaged(profile).get(name);
      if (!found) throw new Error(name);
      const file = createFile(true);
      file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(found.bytes).buffer, 0));
      file.flush();
      const { tracks } = file.getInfo();
      expect(tracks.map((track) => [track.id, track.timescale, track.codec.slice(0, 4)])).toEqual([
        [1, 90_000, 'avc1'],
        [2, 48_000, 'mp4a'],
      ]);
      const rendition = SMALL_LADDER.find((candidate) => candidate.name === name);
      if (rendition?.kind !== 'video') throw new Error(name);
      expect(tracks[0]?.video).toEqual({ width: rendition.width, height: rendition.height });
      expect(tracks[1]?.audio).toMatchObject({ sample_rate: 48_000, channel_count: 2 });

      const video = file.getTrackSamplesInfo(1);
      const given = found.stream.samples.filter((sample) => sample.track === name).slice(0, video.length);
      expect(video.length).toBeGreaterThan(140);
      expect(video.map((sample) => sample.dts)).toEqual(
        given.map((sample) => nsToTicks(sample.dtsNs, 90_000)),
      );
      expect(video.map((sample) => sample.cts)).toEqual(
        given.map((sample) => nsToTicks(sample.ptsNs, 90_000)),
      );
      expect(video.map((sample) => sample.is_sync)).toEqual(given.map((sample) => sample.keyframe));
      for (const [i, sample] of video.entries()) {
        expect(sample.duration).toBe(3600);
        const bytes = found.bytes.subarray(sample.offset, sample.offset + sample.size);
        const { data = new Uint8Array(), keyframe = false } = given[i] ?? {};
        // Readers that look at one init segment only learn from a key frame how it is to be decoded.
        const brings = ((bytes[4] ?? 0) & 0x1f) === 7;
        if (keyframe !== brings) throw new Error(`sample ${i} has parameter sets, or none`);
        if (Buffer.compare(withoutParameterSets(bytes), withoutParameterSets(data)) !== 0)
          throw new Error(`sample ${i} has other bytes`);
      }

      const audio = file.getTrackSamplesInfo(2);
      expect(audio.length).toBeGreaterThan(250);
      const first = audio[0]?.dts ?? 0;
      expect(first).toBe(nsToTicks(ORIGIN_NS, 48_000));
      expect(audio.map((sample) => sample.dts)).toEqual(audio.map((_, k) => first + 1024 * k));
    },
  );

  test('ffprobe and ffmpeg read init and parts without a complaint', async () => {
    for (const [name, { bytes }] of packaged(profile)) {
      const path = join(folder, `${profile.name}-${name}.mp4`);
      await writeFile(path, bytes);
      const probe = await run('ffprobe', [
        ...['-v', 'warning', '-of', 'json', '-count_packets'],
        ...[
          '-show_entries',
          'stream=codec_name,profile,width,height,sample_rate,channels,nb_read_packets',
          path,
        ],
      ]);
      expect(probe.stderr).toBe('');
      const streamsFound: { codec_name: string }[] = JSON.parse(probe.stdout).streams;
      expect(streamsFound.map((stream) => stream.codec_name)).toEqual(
        name === 'audio' ? ['aac'] : ['h264', 'aac'],
      );
      const decode = await run('ffmpeg', ['-v', 'warning', '-xerror', '-i', path, '-f', 'null', '-']);
      expect(decode.stderr).toBe('');
    }
  });
});

test('times do not drift: ten hours of frames are where they were told to be', () => {
  for (const k of [1, 1000, 900_000]) expect(nsToTicks(k * 40_000_000, 90_000)).toBe(k * 3600);
  for (const k of [1, 999, 1_687_500]) {
    expect(nsToTicks(Math.round((k * 1024 * 1e9) / 48_000), 48_000)).toBe(k * 1024);
  }
});

test('with reordered pictures composition offsets may be negative and keep the presentation order', () => {
  const packager = new Packager({ profile: PROFILES.standard, ladder: SMALL_LADDER, windowMs: 60_000 });
  const [config] = streams.get(PROFILES.standard)?.configs ?? [];
  if (!config) throw new Error('no configuration');
  packager.push({ type: 'epoch', epoch: 1, timelineZeroUnixMs: 0 });
  packager.push({ type: 'config', config });
  const order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 12, 10, 11];
  const pieces: Uint8Array[] = [];
  order.forEach((display, i) => {
    const sample = {
      track: 'large',
      dtsNs: i * 40e6,
      ptsNs: display * 40e6,
      durationNs: 40e6,
      keyframe: i === 0,
      data: Uint8Array.of(i),
    };
    for (const out of packager.push({ type: 'sample', sample })) {
      if (out.type === 'init') pieces.push(out.data);
      if (out.type === 'part' && out.rendition === 'large' && out.part.data) pieces.push(out.part.data);
    }
  });
  const file = createFile(true);
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(concat(pieces)).buffer, 0));
  file.flush();
  expect(file.getTrackSamplesInfo(1).map((sample) => sample.cts / 3600)).toEqual(order.slice(0, 8));
});
