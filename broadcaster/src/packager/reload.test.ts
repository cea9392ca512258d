import { type LatencyProfile, PROFILES } from '@rostrum/contracts/profile';
import {
  advancePartLimit,
  decideMedia,
  decideReload,
  Packager,
  parseDirectives,
  type RenditionWindow,
} from './index.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from './testing/synthetic.ts';

const { fast, standard, scale } = PROFILES;

/** Segments 1 and 2 are closed, of 3 two parts are out. */
function windowAt(slots = 48 * 2 + 16, profile: LatencyProfile = standard): RenditionWindow {
  const packager = new Packager({ profile, ladder: LADDER, windowMs: 60_000 });
  for (const event of [...epochEvents(), ...perfect(profile, 0, slots)]) packager.push(event);
  return windowOf(packager);
}

function windowOf(packager: Packager): RenditionWindow {
  const window = packager.window('hi');
  if (!window) throw new Error('no window');
  return window;
}

const decide = (window: RenditionWindow, msn?: number, part?: number): string => {
  const decision = decideReload({ msn, part }, window);
  return decision.kind === 'reject' ? decision.reason : decision.kind;
};

describe('playlist requests', () => {
  const window = windowAt();

  test('[LL11] an MSN alone waits for the whole segment', () => {
    expect(decide(window, 2)).toBe('ready');
    expect(decide(window, 3)).toBe('wait');
    expect(decide(windowAt(48 * 3), 3)).toBe('ready');
  });

  test('[LL12] an MSN and a part wait for that part', () => {
    expect([0, 1, 2, 5].map((part) => decide(window, 3, part))).toEqual(['ready', 'ready', 'wait', 'wait']);
  });

  test('[LL12] a part index past the segment means part 0 of the next', () => {
    expect(decide(window, 2, 6)).toBe('ready');
    const atBoundary = windowAt(96);
    expect(decide(atBoundary, 2, 5)).toBe('ready');
    expect(decide(atBoundary, 2, 6)).toBe('wait');
    expect(decide(windowAt(96 + 8), 2, 6)).toBe('ready');
  });

  test('[LL12] a part that a short segment never had means part 0 of the next as well', () => {
    const packager = new Packager({ profile: standard, ladder: LADDER, windowMs: 60_000 });
    for (const event of [...epochEvents(), ...perfect(standard, 0, 20)]) packager.push(event);
    expect(decide(windowOf(packager), 1, 4)).toBe('wait');
    for (const event of epochEvents(ZERO_UNIX_MS + 5000)) packager.push(event);
    expect(windowOf(packager).segments[0]?.parts).toHaveLength(3);
    expect(decide(windowOf(packager), 1, 4)).toBe('wait');
    for (const event of perfect(standard, 0, 9)) packager.push(event);
    expect(decide(windowOf(packager), 1, 4)).toBe('ready');
  });

  test('[LL13] an MSN that is there, or older than the window, is answered at once', () => {
    expect(decide(window, 1)).toBe('ready');
    expect(decide(window, 0, 3)).toBe('ready');
    expect(decide(window, 0)).toBe('ready');
  });

  test('[LL14] a part without an MSN is refused', () => {
    expect(decide(window, undefined, 1)).toBe('part-without-msn');
  });

  test('[LL14] more than two segments past the last is refused', () => {
    expect(decide(window, 4)).toBe('wait');
    expect(decide(window, 5)).toBe('msn-too-far-ahead');
  });

  test('[LL14] the advance limit is 3 / PART-TARGET under a second, else 3', () => {
    expect(advancePartLimit(windowAt(60, standard))).toBe(9);
    expect(advancePartLimit(windowAt(60, fast))).toBe(15);
    expect(advancePartLimit(windowAt(60, scale))).toBe(3);
  });

  test('[LL14] parts further ahead than the advance limit are refused, over the segment boundary too', () => {
    // Part 1 of segment 3 is the last; nine further is part 4 of segment 4.
    expect(decide(window, 3, 10)).toBe('wait');
    expect(decide(window, 3, 11)).toBe('part-too-far-ahead');
    expect(decide(window, 4, 4)).toBe('wait');
    expect(decide(window, 4, 5)).toBe('part-too-far-ahead');
  });

  test('[LL9] after the end everything is answered at once', () => {
    const packager = new Packager({ profile: standard, ladder: LADDER, windowMs: 60_000 });
    for (const event of [...epochEvents(), ...perfect(standard, 0, 60)]) packager.push(event);
    packager.end();
    for (const [msn, part] of [
      [99, 99],
      [undefined, 1],
      [1, 1],
    ])
      expect(decide(windowOf(packager), msn, part)).toBe('ready');
  });

  test('before the first part a playlist is waited for', () => {
    const empty = windowOf(new Packager({ profile: standard, ladder: LADDER, windowMs: 60_000 }));
    expect(decide(empty)).toBe('wait');
    expect(decide(empty, 1, 0)).toBe('wait');
    expect(decide(empty, 3)).toBe('msn-too-far-ahead');
  });
});

describe('directives', () => {
  test.each([
    ['_HLS_msn=5&_HLS_part=2&_HLS_skip=YES', { msn: 5, part: 2, skip: true }],
    ['_HLS_skip=v2', { msn: undefined, part: undefined, skip: true }],
    ['_HLS_skip=v9&CMCD=br%3D3', { msn: undefined, part: undefined, skip: false }],
    ['_HLS_msn=-1', { rejected: 'not-a-whole-number' }],
    ['_HLS_msn=1.5', { rejected: 'not-a-whole-number' }],
    ['_HLS_msn=', { rejected: 'not-a-whole-number' }],
    ['_HLS_msn=00000000000000000007', { msn: 7, part: undefined, skip: false }],
    ['_HLS_msn=999999999999999999999', { rejected: 'not-a-whole-number' }],
    ['_HLS_msn=1&_HLS_part=x', { rejected: 'not-a-whole-number' }],
    ['_HLS_msn=1&_HLS_msn=2', { rejected: 'repeated-directive' }],
  ])('[LL14] %s', (query, expected) => {
    expect(parseDirectives(new URLSearchParams(query))).toEqual(expected);
  });
});

describe('media requests', () => {
  const window = windowAt();
  const decideFile = (name: string): string => decideMedia(name, window, false).kind;

  test('[LL17] what is there is found by its name', () => {
    expect(decideFile('hi/e1/s3.p1.mp4')).toBe('part');
    expect(decideFile('hi/e1/s2.mp4')).toBe('segment');
    expect(decideMedia('hi/e1/init.mp4', window, true)).toEqual({ kind: 'init', epoch: 1 });
  });

  test('[LL17] the hinted part, and what comes soon after it, is waited for', () => {
    expect(decideFile('hi/e1/s3.p2.mp4')).toBe('wait');
    expect(decideFile('hi/e1/s3.p5.mp4')).toBe('wait');
    expect(decideFile('hi/e1/s4.p0.mp4')).toBe('wait');
    expect(decideFile('hi/e1/s3.mp4')).toBe('wait');
  });

  test.each([
    'hi/e1/s3.p6.mp4',
    'hi/e1/s2.p6.mp4',
    'hi/e2/s3.p2.mp4',
    'hi/e2/s2.mp4',
    'hi/e1/s9.p0.mp4',
    'hi/e1/s03.p2.mp4',
    'lo/e1/s2.mp4',
    'hi/e2/init.mp4',
    'hi/e1/s2.mp4/',
    'hi/../hi/e1/s2.mp4',
    'journal.jsonl',
  ])('[LL17] %s will never be', (name) => {
    expect(decideFile(name)).toBe('never');
  });

  test('[LL17] a hint that a restart took back will never be', () => {
    const packager = new Packager({ profile: standard, ladder: LADDER, windowMs: 60_000 });
    for (const event of [...epochEvents(), ...perfect(standard, 0, 8)]) packager.push(event);
    expect(decideMedia('hi/e1/s1.p1.mp4', windowOf(packager), true).kind).toBe('wait');
    for (const event of epochEvents()) packager.push(event);
    expect(decideMedia('hi/e1/s1.p1.mp4', windowOf(packager), true).kind).toBe('never');
    expect(decideMedia('hi/e2/s2.p0.mp4', windowOf(packager), true).kind).toBe('wait');
  });

  test('[LL17] a gap is never served', () => {
    const packager = new Packager({ profile: standard, ladder: LADDER, windowMs: 60_000 });
    for (const event of [...epochEvents(), ...perfect(standard, 0, 72)]) {
      if (event.type !== 'sample' || event.sample.track !== 'hi' || event.sample.dtsNs < 0.32e9)
        packager.push(event);
    }
    expect(decideMedia('hi/e1/s1.p1.mp4', windowOf(packager), true).kind).toBe('never');
  });

  test('[LL5] what left the window is looked for on disk', () => {
    const packager = new Packager({ profile: standard, ladder: LADDER, windowMs: 20_000 });
    for (const event of [...epochEvents(), ...perfect(standard, 0, 48 * 15)]) {
      for (const out of packager.push(event)) {
        if (out.type === 'segment-closed') packager.markArchived(out.rendition, out.segment.msn);
      }
    }
    expect(decideMedia('hi/e1/s1.mp4', windowOf(packager), true).kind).toBe('past');
  });
});
