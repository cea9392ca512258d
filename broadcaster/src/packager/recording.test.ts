import { PROFILES, type Rendition } from '@rostrum/contracts/profile';
import { Recording, type RecordingPlaylist, type Segment } from './index.ts';
import { RecordingTimeline } from './recording-timeline.ts';
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
        ...(gap ? {} : { keyFrameLength: 7 }),
        data: undefined,
      };
    });
    const programDateTimeMs = ZERO_UNIX_MS + (msn - 1) * 2000;
    return [{ msn, epoch, discontinuity: false, programDateTimeMs, parts, closed: true }];
  });
}

/** Every rendition's segments, each moment's together. */
function* inOrder(patterns: Record<string, string>): Generator<[string, Segment]> {
  const lists = Object.entries(patterns).map(([name, pattern]) => [name, segmentsOf(pattern)] as const);
  for (let at = 0; at < Math.max(...lists.map(([, list]) => list.length)); at += 1) {
    for (const [name, list] of lists) {
      const segment = list[at];
      if (segment) yield [name, segment];
    }
  }
}

/** `hi1 |lo2 …`: whose segment, which number, a bar for each discontinuity; in brackets those before all. */
function told(patterns: Record<string, string>): Record<string, string> {
  const timeline = new RecordingTimeline(LADDER);
  const texts = new Map(LADDER.map(({ name }) => [name, [] as string[]]));
  for (const [name, segment] of inOrder(patterns)) {
    for (const { rendition, source, segment: one, discontinuities } of timeline.add(name, segment)) {
      const before = texts.get(rendition);
      const count =
        discontinuities === 0 || before?.length ? '|'.repeat(discontinuities) : `(${discontinuities}) `;
      before?.push(`${count}${source}${one.msn}`);
    }
  }
  return Object.fromEntries([...texts].map(([name, words]) => [name, words.join(' ')]));
}

function recorded(patterns: Record<string, string>): RecordingPlaylist[] {
  const recording = new Recording(LADDER, PROFILES.standard, 'show');
  for (const { name } of LADDER) recording.setCodecs(name, 'mp4a.40.2');
  for (const [name, segment] of inOrder(patterns)) recording.add(name, segment);
  return [...recording.playlists];
}

const mediaOf = (patterns: Record<string, string>): RecordingPlaylist[] =>
  recorded(patterns).filter(({ kind }) => kind === 'segments');

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

test('where moments are is told as pictures play them, and as sound does where there are none', () => {
  const played = (patterns: Record<string, string>): [number, number][] => {
    const recording = new Recording(LADDER, PROFILES.standard, 'show');
    for (const [name, segment] of inOrder(patterns)) recording.add(name, segment);
    const { spans, durationMs } = recording;
    expect(durationMs).toBe(spans.reduce((sum, span) => sum + span.durationMs, 0));
    return spans.map((span) => [span.startUnixMs - ZERO_UNIX_MS, span.durationMs]);
  };
  // The last that is heard of an epoch is longer than what is seen of it.
  expect(played({ hi: 'xx- x', mid: 'xx- x', lo: 'xx- x', audio: 'xx/ x' })).toEqual([
    [0, 4000],
    [6000, 2000],
  ]);
  expect(played({ hi: '-x', mid: '--', lo: '--', audio: 'xx' })).toEqual([[2000, 2000]]);
  expect(played({ hi: '--', mid: '--', lo: '--', audio: 'xx' })).toEqual([[0, 4000]]);
});

test('golden: a recording in which another rendition stands in', () => {
  const [hi] = recorded({ hi: 'x-x x', mid: '--- -', lo: 'xxx x', audio: 'xxx x' });
  if (!hi) throw new Error('no recording');
  const text = hi.text('VOD');
  expect(text).toBe(`#EXTM3U
#EXT-X-VERSION:8
#EXT-X-TARGETDURATION:2
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-START:TIME-OFFSET=0
#EXT-X-MAP:URI="../../live/show/hi/e1/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.000Z
#EXTINF:2.00000,
../../live/show/hi/e1/s1.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="../../live/show/lo/e1/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:07.000Z
#EXTINF:2.00000,
../../live/show/lo/e1/s2.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="../../live/show/hi/e1/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:09.000Z
#EXTINF:2.00000,
../../live/show/hi/e1/s3.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="../../live/show/hi/e2/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:11.000Z
#EXTINF:2.00000,
../../live/show/hi/e2/s4.mp4
#EXT-X-ENDLIST
`);
  expect(strictParse(text).segments).toHaveLength(4);
});

test('while it grows it is an EVENT playlist without an end; nothing else changes', () => {
  const [hi] = recorded({ hi: 'x-x x', mid: '--- -', lo: 'xxx x', audio: 'xxx x' });
  expect(`${hi?.text('EVENT').replace(':EVENT\n', ':VOD\n')}#EXT-X-ENDLIST\n`).toBe(hi?.text('VOD'));
  expect(strictParse(hi?.text('EVENT') ?? '').playlistType).toBe('EVENT');
});

test('an independent reader takes all of them', () => {
  for (const playlist of mediaOf({ hi: '-- /x -x', mid: '-- -x -x', lo: '-- xx -x', audio: 'xx xx xx' })) {
    const { segments } = strictParse(playlist.text('VOD'));
    expect(segments).toHaveLength(playlist.pieces.length);
    expect(segments.some(({ gap }) => gap)).toBe(false);
  }
});

test('a moment waits for every rendition to say what it has of it, and no longer', () => {
  const timeline = new RecordingTimeline(LADDER);
  const [first, second] = segmentsOf('xx');
  if (!first || !second) throw new Error('no segments');
  for (const name of ['hi', 'mid', 'audio']) {
    expect(timeline.add(name, first)).toEqual([]);
    expect(timeline.add(name, second)).toEqual([]);
  }
  // The last one lacks the first moment.
  const names = timeline
    .add('lo', second)
    .map(({ rendition, source, segment }) => [rendition, source, segment.msn]);
  expect(names).toEqual([
    ['hi', 'hi', 1],
    ['mid', 'mid', 1],
    ['lo', 'mid', 1],
    ['audio', 'audio', 1],
    ['hi', 'hi', 2],
    ['mid', 'mid', 2],
    ['lo', 'lo', 2],
    ['audio', 'audio', 2],
  ]);
  // What was told already changes nothing.
  expect(timeline.add('lo', first)).toEqual([]);
  expect(timeline.finish()).toEqual([]);
});

test('a rendition is listed from its first own segment on, and then from the beginning', () => {
  const recording = new Recording(LADDER, PROFILES.standard, 'show');
  for (const { name } of LADDER)
    recording.setCodecs(name, name === 'audio' ? 'mp4a.40.2' : 'avc1.42c01f,mp4a.40.2');
  expect(recording.multivariant('EVENT')).toBeUndefined();
  const seen: string[][] = [];
  for (const [name, segment] of inOrder({ hi: '--x', mid: '---', lo: 'xxx', audio: 'xxx' })) {
    recording.add(name, segment);
    if (name === 'audio')
      seen.push(recording.playlists.map((playlist) => playlist.name.replace('.m3u8', '')));
  }
  expect(seen).toEqual([
    ['lo', 'audio', 'lo-iframes'],
    ['lo', 'audio', 'lo-iframes'],
    ['hi', 'lo', 'audio', 'hi-iframes', 'lo-iframes'],
  ]);
  expect(recording.playlist('hi.m3u8')?.pieces).toHaveLength(3);
  expect(recording.playlist('mid.m3u8')).toBeUndefined();
  // A player that takes the rate of a holding slide for the show's would choose what it cannot carry.
  expect(recording.multivariant('EVENT')).toContain('BANDWIDTH=655600');
  expect(recording.multivariant('VOD')).toContain('BANDWIDTH=80,');
});

test('golden: the key frames of a recording in which another rendition stands in', () => {
  const playlist = recorded({ hi: 'x-/ x', mid: '--- -', lo: 'xx- x', audio: 'xxx x' }).find(
    ({ name }) => name === 'hi-iframes.m3u8',
  );
  const text = playlist?.text('VOD') ?? '';
  expect(text).toBe(`#EXTM3U
#EXT-X-VERSION:8
#EXT-X-TARGETDURATION:2
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-I-FRAMES-ONLY
#EXT-X-MAP:URI="../../live/show/hi/e1/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.000Z
#EXTINF:2.00000,
#EXT-X-BYTERANGE:7@0
../../live/show/hi/e1/s1.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="../../live/show/lo/e1/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:07.000Z
#EXTINF:2.00000,
#EXT-X-BYTERANGE:7@0
../../live/show/lo/e1/s2.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="../../live/show/hi/e1/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:09.000Z
#EXTINF:2.00000,
#EXT-X-BYTERANGE:7@0
../../live/show/hi/e1/s3.mp4
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="../../live/show/hi/e2/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:11.000Z
#EXTINF:2.00000,
#EXT-X-BYTERANGE:7@0
../../live/show/hi/e2/s4.mp4
#EXT-X-ENDLIST
`);
  expect(strictParse(text).isIFrame).toBe(true);
});

test('renditions with pictures have their key frames beside them in the multivariant playlist', () => {
  const recording = new Recording(LADDER, PROFILES.standard, 'show');
  for (const { name } of LADDER)
    recording.setCodecs(name, name === 'audio' ? 'mp4a.40.2' : 'avc1.42c01f,mp4a.40.2');
  for (const [name, segment] of inOrder({ hi: 'xx', mid: '--', lo: 'xx', audio: 'xx' }))
    recording.add(name, segment);
  const lines = recording.multivariant('VOD')?.split('\n') ?? [];
  expect(lines.filter((line) => line.includes('I-FRAME'))).toEqual([
    '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=28,AVERAGE-BANDWIDTH=28,CODECS="avc1.42c01f",RESOLUTION=640x360,URI="hi-iframes.m3u8"',
    '#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=28,AVERAGE-BANDWIDTH=28,CODECS="avc1.42c01f",RESOLUTION=160x90,URI="lo-iframes.m3u8"',
  ]);
});

test('segments of before key frames were recorded have none, and what follows stays behind as many discontinuities', () => {
  const recording = new Recording(LADDER, PROFILES.standard, 'show');
  for (const { name } of LADDER) recording.setCodecs(name, 'avc1.42c01f,mp4a.40.2');
  for (const [name, segment] of inOrder({ hi: 'x x x', mid: '- - -', lo: 'x x x', audio: 'x x x' })) {
    const parts = segment.parts.map(({ keyFrameLength: _, ...part }) => part);
    recording.add(name, segment.msn < 3 ? { ...segment, parts } : segment);
  }
  const text = recording.playlist('hi-iframes.m3u8')?.text('VOD') ?? '';
  expect(text).toContain('#EXT-X-DISCONTINUITY-SEQUENCE:2\n');
  expect(strictParse(text).segments.map(({ uri }) => uri)).toEqual(['../../live/show/hi/e3/s3.mp4']);
});
