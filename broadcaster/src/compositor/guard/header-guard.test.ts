import fc from 'fast-check';
import { h264SequenceSet, type Vp9Frame, vp8KeyFrame, vp9Frame, vp9Superframe } from '../testing/headers.ts';
import { Bits } from './bits.ts';
import { HeaderGuard, lookAtH264, lookAtVp8, lookAtVp9 } from './header-guard.ts';
import { DEFAULT_CAP } from './verdict.ts';

const PICTURE_SET = Buffer.from('68ce3c80', 'hex');
const aggregate = (...nals: readonly Buffer[]): Buffer =>
  Buffer.concat([
    Buffer.from([24]),
    ...nals.flatMap((nal) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(nal.length);
      return [length, nal];
    }),
  ]);
const reasonOf = (look: ReturnType<typeof lookAtH264>): string =>
  look.is === 'refused' ? look.refusal.reason : look.is;
const h264 = (payload: Buffer): string => reasonOf(lookAtH264(payload, DEFAULT_CAP));
const vp8 = (payload: Buffer): string => reasonOf(lookAtVp8(payload, DEFAULT_CAP));
const vp9 = (payload: Buffer, last = false): string => reasonOf(lookAtVp9(payload, DEFAULT_CAP, last));

test.each<[string, number, number, string]>([
  ['a camera', 1280, 720, 'start'],
  ['the smallest layer of one', 320, 180, 'start'],
  ['a camera held upright', 720, 1280, 'start'],
  ['a shared screen', 1920, 1080, 'start'],
  ['the largest there may be', 1920, 1200, 'start'],
  ['one pixel', 1, 1, 'too-small'],
  ['a line', 1920, 2, 'too-small'],
  ['a large square', 1920, 1920, 'too-large'],
  ['4K', 3840, 2160, 'too-large'],
  ['8K', 7680, 4320, 'too-large'],
])('of %s, H.264, VP8 and VP9 say the same', (_what, width, height, expected) => {
  expect(vp8(vp8KeyFrame({ width, height }))).toBe(expected);
  for (const kind of ['key', 'intra', 'inter'] as const)
    expect(vp9(vp9Frame({ width, height, kind }))).toBe(expected);
  // Its pictures are whole macroblocks; what is smaller than one is one.
  if (expected !== 'too-small') {
    expect(h264(h264SequenceSet({ width, height }))).toBe(expected);
    expect(h264(aggregate(h264SequenceSet({ width, height }), PICTURE_SET))).toBe(expected);
  }
});

test('the real sets of x264 and of browsers are read', () => {
  for (const set of [
    '6742c01ed900a02ff97016a0c0c0d4a0000003002000000791e2c5c9', // x264, baseline, 640x360
    '6764001facd9405005bb016a02020280000003008000001e478c18cb', // high, 1280x720
    '674d4028eca03c0113f2e02d40404050000003001000000303c8f1831960', // main, 1920x1080
    '6742c01f8c8d40501e900f08846a', // OpenH264, 640x480
    '6742001f95a814016e40', // 1280x720
  ]) {
    expect(h264(Buffer.from(set, 'hex'))).toBe('start');
  }
});

test.each<[string, Parameters<typeof h264SequenceSet>[0], string]>([
  ['more than 8 bits', { profile: 110, width: 640, height: 480 }, 'unsupported'],
  ['4:4:4', { profile: 100, chroma: 3, width: 640, height: 480 }, 'unsupported'],
  ['interlaced', { interlaced: true, width: 640, height: 480 }, 'unsupported'],
  ['more references than there are', { references: 200, width: 640, height: 480 }, 'malformed'],
  ['a size that overflows', { width: 2 ** 24, height: 16 }, 'malformed'],
  ['an unknown order of pictures', { order: 7, width: 640, height: 480 }, 'malformed'],
])('H.264 with %s is refused', (_what, set, expected) => {
  expect(h264(h264SequenceSet(set))).toBe(expected);
});

test('parameter sets are not taken where the guard could be led past them', () => {
  const large = h264SequenceSet({ width: 7680, height: 4320 });
  const slice = Buffer.from([0x41, 1, 2, 3]);
  expect(h264(Buffer.concat([slice, Buffer.from([0, 0, 1]), large]))).toBe('malformed'); // behind a slice
  expect(h264(Buffer.concat([Buffer.from([0x7c, 0x87]), large.subarray(1, 8)]))).toBe('malformed'); // cut up
  expect(h264(aggregate(slice, large))).toBe('too-large');
  expect(h264(Buffer.concat([Buffer.from([0x6f]), large.subarray(1)]))).toBe('too-large'); // a subset's
  expect(h264(Buffer.concat([Buffer.from([25, 0, 0]), large]))).toBe('malformed'); // interleaved
  expect(h264(large.subarray(0, 5))).toBe('malformed');
});

test('a VP8 key frame has its header in its first packet, behind any descriptor', () => {
  expect(vp8(vp8KeyFrame({ width: 7680, height: 4320, descriptor: [0x90, 0xe0, 0x81, 0x23, 1, 2] }))).toBe(
    'too-large',
  );
  expect(vp8(vp8KeyFrame({ width: 640, height: 480, descriptor: [0x90, 0x80, 0x12] }))).toBe('start');
  expect(vp8(vp8KeyFrame({ width: 640, height: 480 }).subarray(0, 9))).toBe('malformed');
  expect(vp8(Buffer.from([0x10, 0x11, 0, 0]))).toBe('more'); // between key frames
});

const small = { width: 640, height: 480 };

test.each<[string, readonly number[]]>([
  ['a picture id of 7 bits', [0x8c, 0x12]],
  ['a picture id of 15 bits', [0x8c, 0x92, 0x34]],
  ['layers', [0xac, 0x12, 0x10, 0x05]],
  ['layers in flexible mode', [0x3c, 0x10]],
  ['references in flexible mode', [0x5c, 0x03, 0x05, 0x02]],
  ['sizes', [0x0e, 0x10, 2, 128, 1, 224]],
  [
    'sizes of two layers, and pictures with references',
    [0x0e, 0x38, 0, 1, 0, 1, 2, 128, 1, 224, 2, 0x04, 1, 0x08, 1, 2],
  ],
])('a VP9 frame is found behind a descriptor with %s', (_what, descriptor) => {
  expect(vp9(vp9Frame({ width: 7680, height: 4320, descriptor }))).toBe('too-large');
  expect(vp9(vp9Frame({ ...small, descriptor }))).toBe('start');
  expect(vp9(Buffer.from(descriptor))).toBe('malformed'); // with nothing behind it
});

test.each<[string, Vp9Frame, string]>([
  ['of another profile', { ...small, profile: 1 }, 'unsupported'],
  ['of more than 8 bits', { ...small, profile: 2 }, 'unsupported'],
  ['that is to be shown larger', { ...small, shown: [7680, 4320] }, 'too-large'],
  ['that is to be shown smaller', { ...small, shown: [320, 240] }, 'start'],
  ['of an upper layer', { ...small, descriptor: [0x2c, 0x02, 0] }, 'unsupported'],
])('a VP9 frame %s is judged', (_what, frame, expected) => {
  expect(vp9(vp9Frame(frame))).toBe(expected);
});

test('VP9 is not taken where the guard could be led past it', () => {
  const large = vp9Frame({ width: 7680, height: 4320, descriptor: [] });
  const key = vp9Frame(small);
  const several = Buffer.concat([key, large, vp9Superframe([key.length - 1, large.length])]);
  expect(vp9(several, true)).toBe('unsupported');
  // The list's last bytes alone, in a packet of their own.
  expect(vp9(Buffer.from([0x04, 0, 0, 0xd9]), true)).toBe('unsupported');
  expect(vp9(Buffer.from([0x04, 0, 0, 0xd9]), false)).toBe('more');
  expect(vp9(key.subarray(0, 9))).toBe('malformed');
  expect(vp9(Buffer.concat([Buffer.from([0x0c]), Buffer.alloc(30)]))).toBe('malformed'); // no marker
  expect(vp9(Buffer.from([0x4c, 0x86, 0, 0x40, 0x92, 0xff, 0xff, 0xff]))).toBe('more'); // as large as a reference
});

test('a VP9 stream that was refused goes on with a key frame, not with a frame that says another size', () => {
  const guard = new HeaderGuard('VP9', DEFAULT_CAP);
  expect(guard.take(vp9Frame(small), false)).toMatchObject({ is: 'pass', news: true });
  expect(guard.take(vp9Frame({ ...small, kind: 'inter', width: 320 }), false)).toMatchObject({
    is: 'pass',
    news: true,
  });
  expect(guard.take(vp9Frame({ width: 4096, height: 4096, kind: 'inter' }), false)).toMatchObject({
    is: 'drop',
  });
  expect(guard.take(vp9Frame({ ...small, kind: 'inter' }), false)).toMatchObject({ is: 'drop' });
  expect(guard.take(vp9Frame(small), false)).toMatchObject({ is: 'pass', restored: true });
});

test('nothing makes the guard throw', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 60 }),
      fc.constantFrom(0x67, 0x68, 0x6f, 24, 28, 0x90, 0x0c, 0xfe),
      (bytes, first) => {
        const payload = Buffer.from([first, ...bytes]);
        h264(payload);
        vp8(payload);
        for (const last of [false, true]) vp9(payload, last);
      },
    ),
    { numRuns: 2000 },
  );
  expect(new Bits(Buffer.alloc(0)).unsigned()).toBe(Number.POSITIVE_INFINITY);
});

test('a stream that is refused is withheld until it announces something else, and each reason is told once', () => {
  const guard = new HeaderGuard('H264', DEFAULT_CAP);
  const small = h264SequenceSet({ width: 640, height: 480 });
  const large = h264SequenceSet({ width: 7680, height: 4320 });
  const slice = Buffer.from([0x41, 1, 2, 3]);
  expect(guard.take(small, false)).toEqual({ is: 'pass', start: true, news: true, restored: false });
  expect(guard.take(slice, false)).toEqual({ is: 'pass', start: false, news: false, restored: false });
  expect(guard.take(large, false)).toMatchObject({ is: 'drop', news: { reason: 'too-large' } });
  expect(guard.take(slice, false)).toEqual({ is: 'drop', news: null });
  expect(guard.take(PICTURE_SET, false)).toEqual({ is: 'drop', news: null });
  expect(guard.take(large, false)).toEqual({ is: 'drop', news: null });
  expect(guard.take(small, false)).toEqual({ is: 'pass', start: true, news: false, restored: true });
  expect(guard.take(slice, false)).toEqual({ is: 'pass', start: false, news: false, restored: false });
});
