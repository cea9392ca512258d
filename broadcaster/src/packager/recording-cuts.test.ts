import { PROFILES, type Rendition } from '@rostrum/contracts/profile';
import type { RecordingCut } from '@rostrum/contracts/recording';
import fc from 'fast-check';
import { Recording, type Segment } from './index.ts';
import { strictParse } from './testing/strict-parse.ts';

const LADDER: readonly Rendition[] = [
  ...['hi', 'lo'].map((name, i): Rendition => {
    return { kind: 'video', name, width: 640 >> i, height: 360 >> i, videoBitrate: 500_000 };
  }),
  { kind: 'audio', name: 'audio' },
];
const ZERO_UNIX_MS = Date.UTC(2026, 0, 2, 3, 4, 5);
const SEGMENT_MS = 2000;

interface Moment {
  readonly has: readonly boolean[];
  readonly newEpoch: boolean;
  readonly keyFrame: boolean;
}

function segmentsOf(moments: readonly Moment[]): [string, Segment][] {
  let epoch = 1;
  return moments.flatMap(({ has, newEpoch, keyFrame }, at) => {
    if (newEpoch) epoch += 1;
    return LADDER.map(({ name, kind }, i): [string, Segment] => {
      const gap = !has[i];
      const key = keyFrame && kind === 'video' && !gap ? { keyFrameLength: 7 } : {};
      const part = {
        index: 0,
        name: '',
        durationMs: SEGMENT_MS,
        independent: true,
        gap,
        byteLength: gap ? 0 : 10,
        ...key,
        data: undefined,
      };
      const programDateTimeMs = ZERO_UNIX_MS + at * SEGMENT_MS;
      return [
        name,
        { msn: at + 1, epoch, discontinuity: false, programDateTimeMs, parts: [part], closed: true },
      ];
    });
  });
}

function record(segments: readonly [string, Segment][], cuts?: readonly RecordingCut[]): Recording {
  const recording = cuts
    ? new Recording(LADDER, PROFILES.standard, 'show', cuts)
    : new Recording(LADDER, PROFILES.standard, 'show');
  for (const { name } of LADDER) recording.setCodecs(name, 'mp4a.40.2');
  for (const [name, segment] of segments) recording.add(name, segment);
  recording.finish();
  return recording;
}

const textsOf = (recording: Recording): Map<string, string> =>
  new Map([
    ['', recording.multivariant('VOD') ?? ''],
    ...recording.playlists.map((playlist): [string, string] => [playlist.name, playlist.text('VOD')]),
  ]);

/** By MSN: the file, discontinuities in front of it, and whether an EXT-X-MAP stands directly before it. */
function placesOf(text: string): Map<number, { file: string; passed: number; map: boolean }> {
  const places = new Map<number, { file: string; passed: number; map: boolean }>();
  let passed = Number(/#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)/.exec(text)?.[1] ?? 0);
  let map = false;
  for (const line of text.split('\n')) {
    if (line === '#EXT-X-DISCONTINUITY') passed += 1;
    if (line.startsWith('#EXT-X-MAP:')) map = true;
    const msn = /s(\d+)\.mp4$/.exec(line)?.[1];
    if (msn === undefined || line.startsWith('#')) continue;
    places.set(Number(msn), { file: line, passed, map });
    map = false;
  }
  return places;
}

const arbitraryMoment = fc.record({
  has: fc.tuple(fc.boolean(), fc.constant(true), fc.boolean()),
  newEpoch: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, fc.constant(true)),
  keyFrame: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
});
const arbitraryCut = fc
  .tuple(fc.integer({ min: -3000, max: 43_000 }), fc.integer({ min: 1, max: 9000 }))
  .map(([from, length]) => ({
    fromUnixMs: ZERO_UNIX_MS + from,
    toUnixMs: ZERO_UNIX_MS + from + length,
  }));

const isCut = (msn: number, cuts: readonly RecordingCut[]): boolean => {
  const startMs = ZERO_UNIX_MS + (msn - 1) * SEGMENT_MS;
  return cuts.some((cut) => startMs < cut.toUnixMs && startMs + SEGMENT_MS > cut.fromUnixMs);
};

test('all renditions lose the same moments and those alone, each cut is one discontinuity in all, with its map after it', () => {
  fc.assert(
    fc.property(
      fc.array(arbitraryMoment, { minLength: 1, maxLength: 20 }),
      fc.array(arbitraryCut, { maxLength: 4 }),
      (moments, cuts) => {
        const segments = segmentsOf(moments);
        const whole = record(segments);
        const cut = record(segments, cuts);
        const counts = new Map<number, number>();
        for (const before of whole.playlists) {
          const was = placesOf(before.text('VOD'));
          const left = [...was].filter(([msn]) => !isCut(msn, cuts));
          const after = cut.playlist(before.name);
          if (!after) {
            // Nothing of its own is left: it is not listed, or is one of key frames of which none is left.
            const own = left.some(([, { file }]) => file.startsWith(`${before.rendition.name}/`));
            expect(own && before.kind === 'segments').toBe(false);
            continue;
          }
          const text = after.text('VOD');
          expect(strictParse(text).segments).toHaveLength(left.length);
          const is = placesOf(text);
          expect([...is].map(([msn, { file }]) => [msn, file])).toEqual(
            left.map(([msn, { file }]) => [msn, file]),
          );
          let last: number | null = null;
          for (const [msn, { passed, map }] of is) {
            // The same number in every rendition.
            expect(counts.get(msn) ?? passed).toBe(passed);
            counts.set(msn, passed);
            if (last !== null) {
              const removed = [...Array(msn - last - 1).keys()].some((i) => isCut((last ?? 0) + 1 + i, cuts));
              if (removed) {
                expect(passed).toBeGreaterThan(is.get(last)?.passed ?? 0);
                expect(map).toBe(true);
              } else expect(passed - (is.get(last)?.passed ?? 0)).toBe(gained(was, last, msn));
            }
            last = msn;
          }
        }
        const seconds = cut.spans.reduce((sum, { durationMs }) => sum + durationMs, 0);
        expect(seconds).toBe(cut.durationMs);
      },
    ),
    { numRuns: 400 },
  );
});

const gained = (places: ReturnType<typeof placesOf>, from: number, to: number): number =>
  (places.get(to)?.passed ?? 0) - (places.get(from)?.passed ?? 0);

test('without cuts it is the same bytes, and so it is again when they are taken back', () => {
  fc.assert(
    fc.property(fc.array(arbitraryMoment, { minLength: 1, maxLength: 20 }), (moments) => {
      const segments = segmentsOf(moments);
      const far = { fromUnixMs: ZERO_UNIX_MS - 9000, toUnixMs: ZERO_UNIX_MS };
      expect(textsOf(record(segments, []))).toEqual(textsOf(record(segments)));
      // It ends where the first segment begins.
      expect(textsOf(record(segments, [far]))).toEqual(textsOf(record(segments)));
    }),
  );
});

const moments = (count: number, newEpochAt: readonly number[] = []): Moment[] =>
  Array.from({ length: count }, (_, at) => ({
    has: [true, true, true],
    newEpoch: newEpochAt.includes(at),
    keyFrame: true,
  }));
const cutOf = (from: number, to: number): RecordingCut => ({
  fromUnixMs: ZERO_UNIX_MS + from,
  toUnixMs: ZERO_UNIX_MS + to,
});

test('a playlist whose beginning is cut says how many discontinuities it lost, and one cut in the middle says where', () => {
  const recording = record(segmentsOf(moments(6, [1])), [cutOf(-9_000_000, 3000), cutOf(6001, 6002)]);
  expect(recording.playlist('hi.m3u8')?.text('VOD')).toBe(`#EXTM3U
#EXT-X-VERSION:8
#EXT-X-TARGETDURATION:2
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-DISCONTINUITY-SEQUENCE:1
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-START:TIME-OFFSET=0
#EXT-X-MAP:URI="../../live/show/hi/e2/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:09.000Z
#EXTINF:2.00000,
../../live/show/hi/e2/s3.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="../../live/show/hi/e2/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:13.000Z
#EXTINF:2.00000,
../../live/show/hi/e2/s5.mp4
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:15.000Z
#EXTINF:2.00000,
../../live/show/hi/e2/s6.mp4
#EXT-X-ENDLIST
`);
  expect(recording.spans).toEqual([
    { startUnixMs: ZERO_UNIX_MS + 4000, durationMs: 2000 },
    { startUnixMs: ZERO_UNIX_MS + 8000, durationMs: 4000 },
  ]);
});

test('where all is cut there is nothing to play', () => {
  const recording = record(segmentsOf(moments(3)), [cutOf(-1, 9000)]);
  expect([recording.multivariant('VOD'), recording.playlists, recording.spans]).toEqual([undefined, [], []]);
});
