import { PROFILES } from '@rostrum/contracts/profile';
import { strictParse } from '../../packager/testing/strict-parse.ts';
import { LADDER, ZERO_UNIX_MS } from '../../packager/testing/synthetic.ts';
import type { SegmentEntry } from '../journal.ts';
import { StandardLive } from './standard-live.ts';

const profile = PROFILES.standard;

function segment(msn: number, changes: Partial<SegmentEntry> = {}): SegmentEntry {
  return {
    type: 'segment',
    rendition: 'hi',
    msn,
    epoch: 1,
    discontinuity: false,
    durationMs: profile.segmentMs,
    programDateTimeMs: ZERO_UNIX_MS + msn * profile.segmentMs,
    init: 'hi/e1/init.mp4',
    file: `hi/e1/s${msn}.mp4`,
    parts: [{ durationMs: profile.segmentMs, byteLength: 1000, independent: true, gap: false }],
    ...changes,
  };
}

function begun(): StandardLive {
  const live = new StandardLive('show', profile, LADDER);
  live.published({
    type: 'init',
    rendition: 'hi',
    epoch: 1,
    file: 'hi/e1/init.mp4',
    codecs: 'avc1.64001f,mp4a.40.2',
  });
  return live;
}
const textOf = (live: StandardLive): string =>
  live.playlists().find(({ name }) => name === 'hi.m3u8')?.text ?? '';

test('before the first segment there is nothing, and of what has none nothing is named', () => {
  const live = begun();
  expect(live.playlists()).toEqual([]);
  live.published(segment(1));
  const [media, multivariant] = live.playlists();
  expect(media?.name).toBe('hi.m3u8');
  expect(multivariant?.name).toBe('multivariant.m3u8');
  expect(multivariant?.text).not.toContain('lo.m3u8');
});

test('a playlist of five minutes slides, tells no parts and promises nothing that a store of files cannot hold', () => {
  const live = begun();
  for (let msn = 1; msn <= 400; msn += 1) {
    live.published(
      segment(msn, msn === 3 || msn === 390 ? { discontinuity: true, epoch: msn < 390 ? 1 : 2 } : {}),
    );
  }
  const text = textOf(live);
  const { segments, mediaSequenceBase, discontinuitySequenceBase, targetDuration } = strictParse(text);
  expect(segments.reduce((sum, { duration }) => sum + duration, 0)).toBeCloseTo(157 * 1.92, 3);
  expect(mediaSequenceBase).toBe(400 - 157 + 1);
  expect(discontinuitySequenceBase).toBe(1);
  expect(targetDuration).toBe(profile.targetDurationS);
  expect(segments.at(-1)?.uri).toBe('../../live/show/hi/e1/s400.mp4');
  expect(text).not.toMatch(/EXT-X-(PART|SERVER-CONTROL|PRELOAD|RENDITION-REPORT|SKIP)/);
  expect(text).not.toContain('ENDLIST');
  live.published({ type: 'end', endedUnixMs: 0 });
  expect(textOf(live)).toBe(`${text}#EXT-X-ENDLIST\n`);
});

test('a gap is told; what recovery fills in behind it changes no line; a hole begins anew', () => {
  const live = begun();
  live.published(segment(1));
  const { file: _, ...gap } = segment(2);
  live.published(gap);
  expect(textOf(live)).toContain('#EXT-X-GAP\n#EXTINF:1.92000,\n../../live/show/hi/e1/s2.mp4');
  const before = textOf(live);
  live.published(segment(2));
  expect(textOf(live)).toBe(before);
  live.published(segment(5, { discontinuity: true }));
  expect(strictParse(textOf(live)).segments.map(({ mediaSequenceNumber }) => mediaSequenceNumber)).toEqual([
    5,
  ]);
});
