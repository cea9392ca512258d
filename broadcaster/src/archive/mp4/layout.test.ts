/** Times and tables of fragments that are made up, read by mp4box.js. */
import { createFile, MP4BoxBuffer, type Sample } from 'mp4box';
import { writeFragment } from '../../packager/fragment.ts';
import { writeInitSegment } from '../../packager/init-segment.ts';
import { AAC_CONFIG, AVC_CONFIG, ZERO_UNIX_MS } from '../../packager/testing/synthetic.ts';
import { DamagedError } from './damaged.ts';
import { audioConfig, readDescriptions } from './descriptions.ts';
import { type Run, readMoof } from './fragments.ts';
import { LayoutBuilder } from './layout.ts';
import type { PlannedSegment } from './plan.ts';
import { silentFrame } from './silence.ts';

const KEY = Buffer.alloc(32, 5);
const init = writeInitSegment({
  video: { config: AVC_CONFIG, width: 640, height: 360 },
  audio: { config: AAC_CONFIG },
});
const descriptions = readDescriptions(init);
const FRAME = 3600;

interface Made {
  /** Decode time of its first picture, 90 kHz. */
  readonly at: number;
  /** Composition offsets of its pictures, each of a frame's length. */
  readonly compositions: readonly number[];
  /** Decode times of frames of sound, 48 kHz. */
  readonly sounds: readonly number[];
}

function runsOf({ at, compositions, sounds }: Made): Run[] {
  const pictures: Run = {
    ...{ track: 'video', decodeTicks: at, offset: 100 },
    durations: compositions.map(() => FRAME),
    sizes: compositions.map(() => 10),
    compositions,
    keyframes: compositions.map((_, i) => i === 0),
  };
  const frames = sounds.map(
    (decodeTicks, i): Run => ({
      ...{ track: 'audio', decodeTicks, offset: 500 + i * 4 },
      ...{ durations: [1024], sizes: [4], compositions: [0], keyframes: [true] },
    }),
  );
  return [pictures, ...frames];
}
const segment = (more: Partial<PlannedSegment> = {}): PlannedSegment => ({
  ...{ file: 'hi/e1/s1.mp4', init: 'hi/e1/init.mp4', byteLength: 5000 },
  ...{ durationMs: 160, fromMs: 0, toMs: 160, programDateTimeMs: ZERO_UNIX_MS, goesOn: false },
  ...more,
});

/** What mp4box.js reads of a file of these: pictures and sounds. */
function read(parts: readonly (readonly [PlannedSegment, Made])[]): {
  pictures: readonly Sample[];
  sounds: readonly Sample[];
} {
  const builder = new LayoutBuilder(
    KEY,
    parts.map(([one]) => one),
  );
  for (const [, made] of parts) builder.add(runsOf(made), descriptions);
  const { head, byteLength } = builder.finish();
  const bytes = new Uint8Array(byteLength);
  bytes.set(head);
  const file = createFile(true);
  file.appendBuffer(MP4BoxBuffer.fromArrayBuffer(bytes.buffer, 0));
  file.flush();
  return { pictures: file.getTrackSamplesInfo(1), sounds: file.getTrackSamplesInfo(2) };
}
const grid = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i * 1024);

test('pictures that are decoded before they are shown keep their order, whatever each epoch puts them off by', () => {
  // Two pictures that are shown after one that follows them; the second epoch puts all off by a frame more.
  const { pictures } = read([
    [segment(), { at: 900_000, compositions: [FRAME, 3 * FRAME, 0, FRAME], sounds: grid(480_000, 7) }],
    [segment(), { at: 0, compositions: [2 * FRAME, 4 * FRAME, FRAME, 2 * FRAME], sounds: grid(1920, 7) }],
  ]);
  expect(pictures.map(({ dts }) => dts / FRAME)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(pictures.map(({ cts }) => cts / FRAME)).toEqual([0, 3, 1, 3, 4, 7, 5, 7]);
  expect(pictures.map(({ is_sync }) => is_sync)).toEqual([
    true,
    false,
    false,
    false,
    true,
    false,
    false,
    false,
  ]);
});

test('a part that is missing leaves the picture before it standing; what is missing in front shows the first one', () => {
  const whole = { at: 0, compositions: [0, 0, 0, 0], sounds: grid(0, 7) };
  const { pictures } = read([
    // Its first half is missing, of the next its second.
    [segment({ fromMs: 80 }), { at: 7200, compositions: [0, 0], sounds: grid(3840, 4) }],
    [segment({ toMs: 80 }), { at: 0, compositions: [0, 0], sounds: grid(0, 4) }],
    [segment(), whole],
  ]);
  expect(pictures.map(({ dts, duration }) => [dts / FRAME, duration / FRAME])).toEqual([
    [0, 3],
    [3, 1],
    [4, 1],
    [5, 3],
    [8, 1],
    [9, 1],
    [10, 1],
    [11, 1],
  ]);
});

test('sound is moved with its pictures, and by half a frame at most; where there is none it is silent', () => {
  const compositions = [0, 0, 0, 0];
  const silent = silentFrame(audioConfig(descriptions.audio ?? new Uint8Array()) ?? new Uint8Array());
  const { sounds } = read([
    // Begins 400 ticks late, has a hole of two frames, and reaches beyond the end.
    [segment(), { at: 0, compositions, sounds: [400, 1424, 4496, 5520, 6544, 7568] }],
    [segment(), { at: 90_000, compositions, sounds: [] }],
    // Nearer to the second place than to the first; one that is late and belongs into the hole before; one beyond the end.
    [segment(), { at: 90_000, compositions, sounds: [47_000, ...grid(48_600, 8)] }],
  ]);
  const SILENT = silent?.byteLength;
  expect(sounds.map(({ dts }) => dts / 1024)).toEqual(Array.from({ length: 23 }, (_, i) => i));
  expect(sounds.map(({ size }) => (size === SILENT ? '-' : 'x')).join('')).toBe('xx--xxxx------x-xxxxxxx');
});

test('what is no fragment of ours, or has been cut, is damage and nothing else', () => {
  const samples = [
    { data: Buffer.alloc(10), durationTicks: FRAME, compositionOffsetTicks: 0, keyframe: true },
  ];
  const whole = writeFragment(1, [{ trackId: 1, baseDecodeTimeTicks: 0, samples }]);
  const moof = whole.subarray(0, whole.byteLength - 18);
  expect(readMoof(moof, 1000)).toMatchObject([
    { track: 'video', offset: 1000 + moof.byteLength + 8, sizes: [10] },
  ]);
  for (let length = 0; length < moof.byteLength; length += 1) {
    expect(() => readMoof(moof.subarray(0, length), 0)).toThrow(DamagedError);
  }
  for (let at = 0; at < moof.byteLength; at += 1) {
    for (const value of [0, 1, 0x7f, 0xff]) {
      const changed = Uint8Array.from(moof);
      changed[at] = value;
      try {
        readMoof(changed, 0);
      } catch (error) {
        expect(error).toBeInstanceOf(DamagedError);
      }
    }
  }
  const builder = new LayoutBuilder(KEY, [segment({ byteLength: 139 })]);
  const made = { at: 0, compositions: [0, 0, 0, 0], sounds: [] };
  expect(() => builder.add(runsOf(made), descriptions)).toThrow(DamagedError);
});
