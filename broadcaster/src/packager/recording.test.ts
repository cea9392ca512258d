import type { Rendition } from '@rostrum/contracts/profile';
import { recordingOf, renderVodPlaylist, type Segment } from './index.ts';
import { strictParse } from './testing/strict-parse.ts';

const LADDER: readonly Rendition[] = [
  ...['hi', 'mid', 'lo'].map((name, i): Rendition => {
    return { kind: 'video', name, width: 640 >> i, height: 360 >> i, videoBitrate: 500_000 };
  }),
  { kind: 'audio', name: 'audio' },
];
const ZERO_UNIX_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A character a segment of two parts: `x` whole, `-` nothing, `/` its second part alone; a space ends an epoch. */
function segmentsOf(pattern: string): Segment[] {
  let epoch = 1;
  let msn = 0;
  return [...pattern].flatMap((kind) => {
    if (kind === ' ') {
      epoch += 1;
      return [];
    }
    msn += 1;
    const parts = [kind !== 'x', kind === '-'].map((gap, index) => {
      const name = `${msn}.${index}`;
      return {
        index,
        name,
        durationMs: 1000,
        independent: true,
        gap,
        byteLength: gap ? 0 : 10,
        data: undefined,
      };
    });
    const programDateTimeMs = ZERO_UNIX_MS + (msn - 1) * 2000;
    return [{ msn, epoch, discontinuity: false, programDateTimeMs, parts, closed: true }];
  });
}

const recorded = (patterns: Record<string, string>) =>
  recordingOf(
    LADDER,
    new Map(Object.entries(patterns).map(([name, pattern]) => [name, segmentsOf(pattern)])),
  );

/** `hi1 |lo2 …`: whose segment, which number, a bar for each discontinuity; in brackets those before all. */
function told(patterns: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    recorded(patterns).map(({ rendition, discontinuitySequence, segments }) => [
      rendition.name,
      [
        ...(discontinuitySequence > 0 ? [`(${discontinuitySequence})`] : []),
        ...segments.map(
          ({ source, segment, discontinuities }) => `${'|'.repeat(discontinuities)}${source}${segment.msn}`,
        ),
      ].join(' '),
    ]),
  );
}

test('where a rendition has nothing the next lesser one stands in, else the next better; discontinuities are in all', () => {
  expect(told({ hi: 'x--xx', mid: 'x-xxx', lo: 'xxx-x', audio: 'xxxxx' })).toEqual({
    hi: 'hi1 |lo2 |mid3 |hi4 |hi5',
    mid: 'mid1 |lo2 |mid3 |mid4 |mid5',
    lo: 'lo1 |lo2 |lo3 |mid4 |lo5',
    audio: 'audio1 |audio2 |audio3 |audio4 |audio5',
  });
});

test('minutes of a rendition that was off are one run of another’s segments', () => {
  const { hi, lo } = told({
    hi: `xx${'-'.repeat(60)}xx`,
    mid: '-'.repeat(64),
    lo: 'x'.repeat(64),
    audio: 'x'.repeat(64),
  });
  expect(hi?.match(/\|/g)).toHaveLength(2);
  expect(lo?.match(/\|/g)).toHaveLength(2);
  expect(hi?.split(' ')).toHaveLength(64);
});

test('a segment with a hole gives way to a whole one', () => {
  expect(told({ hi: 'x/x', mid: '///', lo: 'xxx', audio: 'xxx' })).toMatchObject({
    hi: 'hi1 |lo2 |hi3',
    mid: 'lo1 |lo2 |lo3',
  });
  // Where all have holes, one's own is as good as any.
  expect(told({ hi: 'x/x', mid: 'x/x', lo: 'x/x', audio: 'x/x' }).hi).toBe('hi1 hi2 hi3');
});

test('what nobody has is left out; sound without any picture stays in the sound, with as many discontinuities', () => {
  expect(told({ hi: 'x--x', mid: 'x--x', lo: 'x--x', audio: 'xx-x' })).toEqual({
    hi: 'hi1 |hi4',
    mid: 'mid1 |mid4',
    lo: 'lo1 |lo4',
    audio: 'audio1 audio2 |audio4',
  });
  expect(told({ hi: '-- xx x', mid: '-- xx x', lo: '-- xx x', audio: 'xx xx x' })).toEqual({
    hi: '(1) hi3 hi4 |hi5',
    mid: '(1) mid3 mid4 |mid5',
    lo: '(1) lo3 lo4 |lo5',
    audio: 'audio1 audio2 |audio3 audio4 |audio5',
  });
  // An epoch began in what the pictures lack.
  expect(told({ hi: 'x -x', mid: 'x -x', lo: 'x -x', audio: 'x xx' })).toMatchObject({
    hi: 'hi1 ||hi3',
    audio: 'audio1 |audio2 |audio3',
  });
});

test('golden: a recording in which another rendition stands in', () => {
  const [hi] = recorded({ hi: 'x-x x', mid: '--- -', lo: 'xxx x', audio: 'xxx x' });
  if (!hi) throw new Error('no recording');
  const text = renderVodPlaylist(hi);
  expect(text).toBe(`#EXTM3U
#EXT-X-VERSION:8
#EXT-X-TARGETDURATION:2
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="hi/e1/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.000Z
#EXTINF:2.00000,
hi/e1/s1.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="lo/e1/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:07.000Z
#EXTINF:2.00000,
lo/e1/s2.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="hi/e1/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:09.000Z
#EXTINF:2.00000,
hi/e1/s3.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="hi/e2/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:11.000Z
#EXTINF:2.00000,
hi/e2/s4.mp4
#EXT-X-ENDLIST
`);
  expect(strictParse(text).segments).toHaveLength(4);
});

test('an independent reader takes all of them', () => {
  for (const one of recorded({ hi: '-- /x -x', mid: '-- -x -x', lo: '-- xx -x', audio: 'xx xx xx' })) {
    const { segments } = strictParse(renderVodPlaylist(one));
    expect(segments).toHaveLength(one.segments.length);
    expect(segments.some(({ gap }) => gap)).toBe(false);
  }
});
