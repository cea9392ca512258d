import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { firstSampleOf, pictureTrackOf } from './key-frame-bytes.ts';

/** A file that ffmpeg wrote, with sound and pictures in each fragment, and where ffprobe finds the key frames in it. */
let file: Uint8Array;
let init: Uint8Array;
let fragments: readonly Uint8Array[];
let keyFrames: readonly { readonly size: number; readonly bytes: Uint8Array }[];

beforeAll(async () => {
  const run = promisify(execFile);
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-key-frames-'));
  try {
    const path = join(folder, 'two.mp4');
    const source = [
      '-f',
      'lavfi',
      '-i',
      'sine',
      '-f',
      'lavfi',
      '-i',
      'testsrc2=rate=25:size=160x90',
      '-t',
      '2',
    ];
    const picture = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '25'];
    const layout = ['-movflags', 'frag_keyframe+empty_moov+default_base_moof'];
    await run('ffmpeg', ['-v', 'error', ...source, ...picture, '-c:a', 'aac', ...layout, path]);
    file = await readFile(path);
    const { stdout } = await run('ffprobe', [
      ...[
        '-v',
        'error',
        '-select_streams',
        'v',
        '-show_entries',
        'packet=pos,size,flags',
        '-of',
        'json',
        path,
      ],
    ]);
    const { packets } = JSON.parse(stdout) as { packets: { pos: string; size: string; flags: string }[] };
    keyFrames = packets
      .filter(({ flags }) => flags.startsWith('K'))
      .map(({ pos, size }) => ({
        size: Number(size),
        bytes: file.subarray(Number(pos), Number(pos) + Number(size)),
      }));
  } finally {
    await rm(folder, { recursive: true });
  }
  const starts: number[] = [];
  for (let at = 0; at < file.byteLength; ) {
    if (new TextDecoder().decode(file.subarray(at + 4, at + 8)) === 'moof') starts.push(at);
    at += new DataView(file.buffer, file.byteOffset).getUint32(at);
  }
  init = file.subarray(0, starts[0]);
  fragments = starts.map((start, i) => file.subarray(start, starts[i + 1]));
}, 30_000);

test('the decoder’s description and the picture’s track are found beside the sound’s', () => {
  const track = pictureTrackOf(init);
  // AVCDecoderConfigurationRecord: version 1, then profile, compatibility and level, as in the codec's name.
  expect(track?.description[0]).toBe(1);
  expect(track?.description.byteLength).toBeGreaterThan(20);
  expect(track?.trackId).toBeGreaterThan(0);
});

test('the key frame of a fragment is the one that ffprobe finds there', () => {
  expect(keyFrames.length).toBeGreaterThanOrEqual(2);
  const trackId = pictureTrackOf(init)?.trackId ?? -1;
  for (const [i, { bytes }] of keyFrames.entries()) {
    const sample = firstSampleOf(fragments[i] ?? new Uint8Array(), trackId);
    expect(sample?.byteLength).toBe(bytes.byteLength);
    expect(Buffer.from(sample ?? []).equals(bytes)).toBe(true);
  }
});

test('of what is cut off or no such file there is no picture', () => {
  const trackId = pictureTrackOf(init)?.trackId ?? -1;
  const [fragment = new Uint8Array()] = fragments;
  const sample = firstSampleOf(fragment, trackId) ?? new Uint8Array();
  const needed = sample.byteOffset + sample.byteLength - fragment.byteOffset;
  for (let length = 0; length < fragment.byteLength; length += 7) {
    const found = firstSampleOf(fragment.subarray(0, length), trackId);
    expect(found !== null).toBe(length >= needed);
  }
  for (let length = 0; length < init.byteLength; length += 3) {
    expect(() => pictureTrackOf(init.subarray(0, length))).not.toThrow();
  }
  expect(firstSampleOf(fragment, 99)).toBeNull();
  expect(pictureTrackOf(new TextEncoder().encode('<!doctype html><p>gone'))).toBeNull();
  expect(firstSampleOf(init, trackId)).toBeNull();
});
