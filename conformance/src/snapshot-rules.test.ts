import { Ledger } from './ledger.ts';
import { readMediaPlaylist } from './media-playlist.ts';
import { RULES } from './rules.ts';
import { applyDelta, checkProgress, checkRenditions, checkSnapshot } from './snapshot-rules.ts';
import { type Made, madePlaylist } from './testing-playlist.ts';

const LIVE: Made = { from: 10, open: 16, parts: 2 };
const url = 'https://media.example/live/720p.m3u8';

const snapshot = (text: string, name = '720p') => ({
  url: `https://media.example/live/${name}.m3u8`,
  playlist: readMediaPlaylist(text),
  atMs: 0,
});

/** Ids of the rules that are broken. */
const broken = (look: (ledger: Ledger) => void): string[] => {
  const ledger = new Ledger();
  look(ledger);
  return ledger
    .records(RULES.map((rule) => rule.id))
    .filter((record) => record.verdict === 'broken')
    .map((record) => record.id);
};
const brokenBy = (text: string): string[] => broken((ledger) => checkSnapshot(ledger, snapshot(text)));

test('a playlist as it should be breaks nothing, live and ended', () => {
  const ledger = new Ledger();
  checkSnapshot(ledger, snapshot(madePlaylist(LIVE)));
  const seen = ledger.records(RULES.map((rule) => rule.id)).filter((record) => record.verdict === 'held');
  expect(seen.map((record) => record.id)).toEqual(['LL1', 'LL2', 'LL3', 'LL4', 'LL5', 'LL6', 'LL8', 'LL18']);
  expect(brokenBy(madePlaylist(LIVE))).toEqual([]);
  expect(brokenBy(madePlaylist({ ...LIVE, ended: true }))).toEqual([]);
});

describe('one snapshot', () => {
  const text = madePlaylist(LIVE);
  const cases: [string, string, string][] = [
    [
      'LL1',
      'PART-HOLD-BACK below three parts',
      text.replace('PART-HOLD-BACK=0.96000', 'PART-HOLD-BACK=0.90000'),
    ],
    ['LL1', 'no blocking reload', text.replace('CAN-BLOCK-RELOAD=YES,', '')],
    ['LL1', 'CAN-SKIP-UNTIL below six target durations', text.replace('SKIP-UNTIL=12', 'SKIP-UNTIL=11')],
    [
      'LL2',
      'a part longer than the target',
      text.replace('DURATION=0.32000,URI="720p/16.1', 'DURATION=0.36000,URI="720p/16.1'),
    ],
    [
      'LL2',
      'a short part in the middle',
      text.replace('DURATION=0.32000,URI="720p/15.3', 'DURATION=0.27000,URI="720p/15.3'),
    ],
    [
      'LL3',
      'a segment longer than TARGETDURATION',
      text.replace('#EXTINF:1.92000,\n720p/11', '#EXTINF:2.60000,\n720p/11'),
    ],
    ['LL3', 'parts that do not make up the segment', text.replace(/#EXT-X-PART:.*15\.5.*\n/, '')],
    [
      'LL4',
      'a date behind the first part',
      text.replace(/(#EXT-X-PROGRAM.*\n)(#EXT-X-PART:.*16\.0.*\n)/, '$2$1'),
    ],
    [
      'LL4',
      'a segment that begins without a key frame',
      text.replace('16.0.mp4",INDEPENDENT=YES', '16.0.mp4"'),
    ],
    ['LL5', 'parts that left too early', text.replace(/#EXT-X-PART:.*720p\/15\..*\n/g, '')],
    [
      'LL5',
      'parts that stay too long',
      text.replace(
        '#EXTINF:1.92000,\n720p/11',
        '#EXT-X-PART:DURATION=1.92,URI="720p/11.0.mp4",INDEPENDENT=YES\n$&',
      ),
    ],
    ['LL6', 'no hint', text.replace(/#EXT-X-PRELOAD-HINT.*\n/, '')],
    [
      'LL8',
      'a segment without a date',
      text.replace(/#EXT-X-PROGRAM-DATE-TIME.*\n(?=#EXTINF.*\n720p\/11)/, ''),
    ],
    ['LL9', 'a hint beside the end', `${text}#EXT-X-ENDLIST\n`],
    ['LL18', 'a directive in a URI', text.replace('720p/16.1.mp4', '720p/16.1.mp4?_HLS_msn=16')],
  ];
  test.each(cases)('[%s] is broken by %s', (id, _what, spoilt) => {
    expect(spoilt).not.toBe(text);
    expect(brokenBy(spoilt)).toContain(id);
  });

  test('[LL8] is broken by dates that do not follow from the durations', () => {
    const spoilt = text.replace(
      /(#EXT-X-PROGRAM-DATE-TIME:.*:)(\d\d)(\.\d+Z\n#EXT-X-PART:.*16\.0)/,
      '$159$3',
    );
    expect(brokenBy(spoilt)).toEqual(['LL8']);
  });

  test('[LL16] is broken by a skip without the version for it, or before the media sequence', () => {
    const skip = '#EXT-X-SKIP:SKIPPED-SEGMENTS=2\n';
    expect(
      brokenBy(text.replace('VERSION:9', 'VERSION:8').replace('#EXT-X-MAP', `${skip}#EXT-X-MAP`)),
    ).toContain('LL16');
    expect(brokenBy(text.replace('#EXT-X-MEDIA-SEQUENCE', `${skip}#EXT-X-MEDIA-SEQUENCE`))).toContain('LL16');
  });
});

describe('two snapshots', () => {
  const before = madePlaylist(LIVE);
  const after = madePlaylist({ ...LIVE, parts: 3 });
  const brokenBetween = (a: string, b: string): string[] =>
    broken((ledger) => checkProgress(ledger, snapshot(a), snapshot(b)));

  test('a part more, a segment more and the end break nothing', () => {
    expect(brokenBetween(before, after)).toEqual([]);
    expect(brokenBetween(before, madePlaylist({ from: 11, open: 17, parts: 1 }))).toEqual([]);
    expect(
      brokenBetween(madePlaylist({ ...LIVE, parts: 6 }), madePlaylist({ from: 11, open: 17, parts: 1 })),
    ).toEqual([]);
    expect(brokenBetween(before, madePlaylist({ ...LIVE, open: 17, ended: true }))).toEqual([]);
  });

  const cases: [string, string, string][] = [
    ['LL1', 'server control that changes', after.replace('HOLD-BACK=6', 'HOLD-BACK=7')],
    ['LL2', 'a PART-TARGET that changes', after.replace('PART-TARGET=0.32', 'PART-TARGET=0.33')],
    ['LL3', 'a TARGETDURATION that changes', after.replace('TARGETDURATION:2', 'TARGETDURATION:3')],
    ['LL5', 'a media sequence that goes back', after.replace('SEQUENCE:10', 'SEQUENCE:9')],
    [
      'LL5',
      'a discontinuity sequence that moves by itself',
      after.replace('DISCONTINUITY-SEQUENCE:0', 'DISCONTINUITY-SEQUENCE:1'),
    ],
    ['LL6', 'another part than was hinted', after.replace('720p/16.2.mp4', '720p/16.2b.mp4')],
    [
      'LL6',
      'a hint that changes its mind',
      before.replace('TYPE=PART,URI="720p/16.2', 'TYPE=PART,URI="720p/16.9'),
    ],
    ['LL18', 'a segment under another name', after.replace('720p/12.mp4', '720p/12b.mp4')],
    ['LL18', 'a part under another name', after.replace('720p/16.1.mp4', '720p/16.1b.mp4')],
  ];
  test.each(cases)('[%s] is broken by %s', (id, _what, spoilt) => {
    expect([before, after]).not.toContain(spoilt);
    expect(brokenBetween(before, spoilt)).toContain(id);
  });

  test('[LL6] is not broken by a hint that a restart abandons', () => {
    const restarted = madePlaylist({ from: 10, open: 17, parts: 1 })
      .replace(/#EXT-X-PART:.*720p\/16\.[2-5].*\n/g, '')
      .replace(/(#EXT-X-PROGRAM.*\n#EXT-X-PART:.*17\.0)/, '#EXT-X-DISCONTINUITY\n$1');
    expect(brokenBetween(before, restarted)).toEqual([]);
  });
});

describe('two renditions', () => {
  const mine = madePlaylist(LIVE);
  const theirs = madePlaylist({ ...LIVE, rendition: '480p' });
  const brokenBeside = (a: string, b: string): string[] =>
    broken((ledger) => checkRenditions(ledger, [snapshot(a), snapshot(b, '480p')]));

  test('that agree break nothing, one part apart', () => {
    expect(brokenBeside(mine, theirs)).toEqual([]);
    expect(brokenBeside(mine, madePlaylist({ ...LIVE, parts: 3, rendition: '480p' }))).toEqual([]);
  });

  const cases: [string, string, string][] = [
    ['LL1', 'other server control', theirs.replace('HOLD-BACK=6', 'HOLD-BACK=7')],
    ['LL7', 'no report of the other', theirs.replace(/#EXT-X-RENDITION-REPORT.*\n/, '')],
    ['LL7', 'a report without a part', theirs.replace(/,LAST-PART=\d/, '')],
    ['LL7', 'a report of long ago', theirs.replace('LAST-MSN=16', 'LAST-MSN=13')],
    ['LL8', 'other dates', theirs.replaceAll('2026-01-01', '2026-01-02')],
    [
      'LL8',
      'a discontinuity of its own',
      theirs.replace(/(#EXT-X-PROGRAM.*\n#EXTINF.*\n480p\/12)/, '#EXT-X-DISCONTINUITY\n$1'),
    ],
  ];
  test.each(cases)('[%s] is broken by %s', (id, _what, spoilt) => {
    expect(spoilt).not.toBe(theirs);
    expect(brokenBeside(mine, spoilt)).toContain(id);
  });
});

test('[LL16] a delta update is made whole with what was known, or not at all', () => {
  const whole = readMediaPlaylist(madePlaylist(LIVE));
  const known = new Map(whole.segments.map((segment) => [segment.msn, segment]));
  const delta = { ...whole, skipped: 2, segments: whole.segments.slice(2) };
  expect(applyDelta(known, delta)?.segments).toEqual(whole.segments);
  known.delete(11);
  expect(applyDelta(known, delta)).toBeNull();
});

test('what is no playlist is said to be none, with the line', () => {
  expect(() => readMediaPlaylist('<html>')).toThrow('does not begin with #EXTM3U');
  expect(() => readMediaPlaylist('#EXTM3U\n#EXT-X-PART:DURATION=1')).toThrow(
    'URI is missing in #EXT-X-PART:DURATION=1',
  );
  expect(() => readMediaPlaylist('#EXTM3U\n#EXT-X-PART:URI=,X')).toThrow('no attribute list');
});

test('more of the same breach is counted, not kept', () => {
  const ledger = new Ledger();
  for (let i = 0; i < 20; i += 1) ledger.look('LL1', false, () => `${url} ${i}`);
  expect(ledger.records(['LL1', 'LL2'])).toMatchObject([
    { verdict: 'broken', looks: 20, breaches: 20, evidence: { length: 5 } },
    { verdict: 'not seen', looks: 0 },
  ]);
});
