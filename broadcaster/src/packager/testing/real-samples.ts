/** Real coded samples for tests: ffmpeg encodes a test picture and a tone as the compositor would, mp4box takes them apart. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LatencyProfile, VideoRendition } from '@rostrum/contracts/profile';
import { createFile, type ISOFile, MP4BoxBuffer, type Sample as Mp4Sample } from 'mp4box';
import type { MediaEvent, Sample, TrackConfig } from '../../media/samples.ts';

export interface RealStream {
  readonly configs: readonly TrackConfig[];
  /** Of all tracks, in the order in which a live encoder would give them: by the end of each. */
  readonly samples: readonly Sample[];
}

/** Small pictures, so that tests encode in well under a second. */
export const SMALL_LADDER: readonly (VideoRendition | { kind: 'audio'; name: string })[] = [
  { kind: 'video', name: 'large', width: 320, height: 180, videoBitrate: 300_000 },
  { kind: 'video', name: 'small', width: 160, height: 90, videoBitrate: 100_000 },
  { kind: 'audio', name: 'audio' },
];

/** Encodes `durationS` seconds with aligned closed GOPs of the profile's segment length. */
export async function encodeRealStream(
  profile: LatencyProfile,
  durationS: number,
  ladder: readonly (VideoRendition | { kind: 'audio'; name: string })[] = SMALL_LADDER,
): Promise<RealStream> {
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-samples-'));
  try {
    const videos = ladder.filter((rendition) => rendition.kind === 'video');
    const gop = String((profile.segmentMs * 25) / 1000);
    const outputs = videos.flatMap((video) => [
      ...['-map', '0:v', '-s', `${video.width}x${video.height}`, '-c:v', 'libx264', '-preset', 'ultrafast'],
      ...['-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', gop, '-keyint_min', gop, '-sc_threshold', '0'],
      ...['-b:v', String(video.videoBitrate), '-t', String(durationS), join(folder, `${video.name}.mp4`)],
    ]);
    const inputs = [
      '-f',
      'lavfi',
      '-i',
      'testsrc2=rate=25',
      '-f',
      'lavfi',
      '-i',
      'sine=frequency=440:sample_rate=48000',
    ];
    const audio = [
      '-map',
      '1:a',
      '-c:a',
      'aac',
      '-ac',
      '2',
      '-b:a',
      '96k',
      '-t',
      String(durationS),
      join(folder, 'audio.mp4'),
    ];
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', ...inputs, ...outputs, ...audio]);
    const configs: TrackConfig[] = [];
    const samples: Sample[] = [];
    for (const track of [...videos.map((video) => video.name), 'audio']) {
      const demuxed = await demux(join(folder, `${track}.mp4`), track);
      configs.push(demuxed.config);
      samples.push(...demuxed.samples);
    }
    samples.sort((a, b) => a.dtsNs + a.durationNs - (b.dtsNs + b.durationNs));
    return { configs, samples };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function demux(path: string, track: string): Promise<{ config: TrackConfig; samples: Sample[] }> {
  const bytes = await readFile(path);
  const file: ISOFile = createFile(true);
  const buffer = MP4BoxBuffer.fromArrayBuffer(new Uint8Array(bytes).buffer, 0);
  file.appendBuffer(buffer);
  file.flush();
  const info = file.getInfo();
  const [trackInfo] = info.tracks;
  if (!trackInfo) throw new Error(`no track in ${path}`);
  const ns = (ticks: number): number => Math.round((ticks * 1e9) / trackInfo.timescale);
  const read = file.getTrackSamplesInfo(trackInfo.id);
  const firstCts = read[0]?.cts ?? 0;
  const samples = read.map(
    (sample: Mp4Sample): Sample => ({
      track,
      ptsNs: ns(sample.cts - firstCts),
      dtsNs: ns(sample.dts),
      durationNs: ns(sample.duration),
      keyframe: sample.is_sync,
      data: new Uint8Array(bytes.subarray(sample.offset, sample.offset + sample.size)),
    }),
  );
  return {
    config: { track, codec: track === 'audio' ? 'aac' : 'avc', config: configOf(bytes, track) },
    samples,
  };
}

/** The record itself, cut out of the file: `avcC` payload, or the DecoderSpecificInfo inside `esds`. */
function configOf(bytes: Buffer, track: string): Uint8Array {
  if (track !== 'audio') {
    const at = bytes.indexOf('avcC');
    return new Uint8Array(bytes.subarray(at + 4, at - 4 + bytes.readUInt32BE(at - 4)));
  }
  const at = bytes.indexOf('esds');
  const esds = bytes.subarray(at + 8, at - 4 + bytes.readUInt32BE(at - 4));
  // Tag 5 follows the 13 bytes of the DecoderConfigDescriptor (tag 4); lengths may be padded to four bytes.
  let i = esds.indexOf(0x05, esds.indexOf(0x04) + 1 + 13);
  i += 1;
  while (((esds[i] ?? 0) & 0x80) !== 0) i += 1;
  return new Uint8Array(esds.subarray(i + 1, i + 1 + (esds[i] ?? 0)));
}

/** The stream as the compositor's messages, from its first epoch on, shifted by whole loops of the stream when asked. */
export function* asEvents(
  stream: RealStream,
  epoch: { number: number; timelineZeroUnixMs: number },
): Generator<MediaEvent> {
  yield { type: 'epoch', epoch: epoch.number, timelineZeroUnixMs: epoch.timelineZeroUnixMs };
  for (const config of stream.configs) yield { type: 'config', config };
  for (const sample of stream.samples) yield { type: 'sample', sample };
}
