import { PROFILES } from '@rostrum/contracts/profile';
import { parse, types } from 'hls-parser';
import type { MediaEvent } from '../media/samples.ts';
import {
  Packager,
  type RenditionWindow,
  renderMediaPlaylist,
  renderMultivariant,
  reportOf,
} from './index.ts';
import { strictParse } from './testing/strict-parse.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from './testing/synthetic.ts';

const { standard } = PROFILES;

function fed(events: Iterable<MediaEvent>, windowMs = 60_000): Packager {
  const packager = new Packager({ profile: standard, ladder: LADDER, windowMs });
  for (const event of events) {
    for (const out of packager.push(event)) {
      if (out.type === 'segment-closed') packager.markArchived(out.rendition, out.segment.msn);
    }
  }
  return packager;
}

function windowOf(packager: Packager, name = 'hi'): RenditionWindow {
  const window = packager.window(name);
  if (!window) throw new Error(name);
  return window;
}

function render(packager: Packager, name = 'hi', skip = false): string {
  const others = packager.windows.filter((window) => window.rendition.name !== name);
  return renderMediaPlaylist(windowOf(packager, name), {
    skip,
    reports: others.flatMap((other) => reportOf(other) ?? []),
  });
}

const lines = (text: string, prefix: string): string[] =>
  text.split('\n').filter((line) => line.startsWith(prefix));

test('[LL1] [LL4] [LL6] [LL7] golden: a live playlist in the middle of its second segment', () => {
  const packager = fed([...epochEvents(), ...perfect(standard, 0, 65)]);
  expect(render(packager)).toBe(`#EXTM3U
#EXT-X-VERSION:9
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.96000,HOLD-BACK=6.00000,CAN-SKIP-UNTIL=12.00000
#EXT-X-PART-INF:PART-TARGET=0.32000
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="hi/e1/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.000Z
#EXT-X-PART:DURATION=0.32000,URI="hi/e1/s1.p0.mp4",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.32000,URI="hi/e1/s1.p1.mp4"
#EXT-X-PART:DURATION=0.32000,URI="hi/e1/s1.p2.mp4"
#EXT-X-PART:DURATION=0.32000,URI="hi/e1/s1.p3.mp4"
#EXT-X-PART:DURATION=0.32000,URI="hi/e1/s1.p4.mp4"
#EXT-X-PART:DURATION=0.32000,URI="hi/e1/s1.p5.mp4"
#EXTINF:1.92000,
hi/e1/s1.mp4
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:06.920Z
#EXT-X-PART:DURATION=0.32000,URI="hi/e1/s2.p0.mp4",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.32000,URI="hi/e1/s2.p1.mp4"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="hi/e1/s2.p2.mp4"
#EXT-X-RENDITION-REPORT:URI="lo.m3u8",LAST-MSN=2,LAST-PART=1
#EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=2,LAST-PART=1
`);
});

test('[LL4] [LL6] golden: after a restart of the compositor, with a gap, before the first new part', () => {
  // Only the first part of `hi` was encoded when it died.
  const onlyOne = (event: MediaEvent): boolean =>
    event.type !== 'sample' || event.sample.track !== 'hi' || event.sample.dtsNs < 0.32e9;
  const packager = fed([...epochEvents(), ...[...perfect(standard, 0, 16)].filter(onlyOne)]);
  for (const event of epochEvents(ZERO_UNIX_MS + 5000)) packager.push(event);
  const text = render(packager);
  expect(text.slice(text.indexOf('#EXT-X-MAP'))).toBe(`#EXT-X-MAP:URI="hi/e1/init.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.000Z
#EXT-X-PART:DURATION=0.32000,URI="hi/e1/s1.p0.mp4",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.32000,URI="hi/e1/s1.p1.mp4",GAP=YES
#EXTINF:0.64000,
hi/e1/s1.mp4
#EXT-X-PRELOAD-HINT:TYPE=MAP,URI="hi/e2/init.mp4"
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="hi/e2/s2.p0.mp4"
#EXT-X-RENDITION-REPORT:URI="lo.m3u8",LAST-MSN=1,LAST-PART=1
#EXT-X-RENDITION-REPORT:URI="audio.m3u8",LAST-MSN=1,LAST-PART=1
`);
  for (const event of perfect(standard, 0, 9)) packager.push(event);
  const after = render(packager);
  expect(after.slice(after.indexOf('hi/e1/s1.mp4\n') + 'hi/e1/s1.mp4\n'.length)).toMatch(
    /^#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="hi\/e2\/init.mp4"\n#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:10.000Z\n#EXT-X-PART:/,
  );
  expect(lines(after, '#EXT-X-PRELOAD-HINT')).toEqual([
    '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="hi/e2/s2.p1.mp4"',
  ]);
});

test('[LL4] a segment that is all gap says so and names no part that could be fetched', () => {
  const stalled = (event: MediaEvent): boolean =>
    event.type === 'sample' && event.sample.track === 'hi' && event.sample.dtsNs >= 1.92e9;
  const packager = fed([
    ...epochEvents(),
    ...[...perfect(standard, 0, 192)].filter((event) => !stalled(event)),
  ]);
  const text = render(packager);
  expect(text).toMatch(/GAP=YES\n#EXT-X-GAP\n#EXTINF:1.92000,\nhi\/e1\/s2.mp4\n/);
  expect(strictParse(text).segments[1]?.gap).toBe(true);
});

test('[LL5] parts are listed up to three target durations from the end, then not; they leave segment by segment', () => {
  const packager = fed([...epochEvents(), ...perfect(standard, 0, 48 * 10 + 32)]);
  const text = render(packager);
  const listed = new Set(lines(text, '#EXT-X-PART:').map((line) => /\/s(\d+)\./.exec(line)?.[1]));
  // The edge is 1.28 s into segment 11: segment 8 ended 1.28 + 2 x 1.92 = 5.12 s before it, segment 7 7.04 s.
  expect([...listed]).toEqual(['8', '9', '10', '11']);
});

test('[LL5] the window slides: sequence numbers count what left', () => {
  const two = [...epochEvents(), ...perfect(standard, 0, 48 * 6), ...epochEvents(ZERO_UNIX_MS + 60_000)];
  const packager = fed([...two, ...perfect(standard, 0, 48 * 12)], 20_000);
  const window = windowOf(packager);
  const totalMs = window.segments.reduce((sum, segment) => sum + segment.parts.length * 320, 0);
  expect(totalMs).toBeGreaterThanOrEqual(20_000);
  expect(totalMs).toBeLessThan(20_000 + 1920 * 2);
  const text = render(packager);
  expect(lines(text, '#EXT-X-MEDIA-SEQUENCE')).toEqual([`#EXT-X-MEDIA-SEQUENCE:${window.segments[0]?.msn}`]);
  expect(window.segments[0]?.msn).toBe(8);
  expect(lines(text, '#EXT-X-DISCONTINUITY-SEQUENCE')).toEqual(['#EXT-X-DISCONTINUITY-SEQUENCE:1']);
});

test('[LL5] a segment that is not on disk stays in the window however old it is', () => {
  const packager = new Packager({ profile: standard, ladder: LADDER, windowMs: 20_000 });
  for (const event of [...epochEvents(), ...perfect(standard, 0, 48 * 20)]) packager.push(event);
  const window = windowOf(packager);
  expect(window.segments[0]?.msn).toBe(1);
  expect(window.segments[0]?.parts[0]?.data).toBeDefined();
  for (let msn = 1; msn <= 20; msn += 1) packager.markArchived('hi', msn);
  expect(window.segments[0]?.msn).toBe(10);
  expect(window.segments.at(-1)?.parts[0]?.data).toBeDefined();
});

test('[LL5] bytes stay in memory three target durations longer than parts are listed', () => {
  const packager = fed([...epochEvents(), ...perfect(standard, 0, 48 * 20)]);
  const { segments } = windowOf(packager);
  const held = segments
    .filter((segment) => segment.parts.every((part) => part.data))
    .map((segment) => segment.msn);
  const endMs = segments.length * 1920;
  const oldestHeldEndMs = (held[0] ?? 0) * 1920;
  expect(endMs - oldestHeldEndMs).toBeGreaterThanOrEqual(12_000);
  expect(held.length).toBeLessThan(segments.length);
});

test('[LL16] a delta update leaves out what lies beyond the skip boundary, MEDIA-SEQUENCE before SKIP', () => {
  const packager = fed([...epochEvents(), ...perfect(standard, 0, 48 * 12 + 16)]);
  const full = render(packager);
  const delta = render(packager, 'hi', true);
  expect(lines(delta, '#EXT-X-SKIP')).toEqual(['#EXT-X-SKIP:SKIPPED-SEGMENTS=6']);
  expect(delta.indexOf('#EXT-X-MEDIA-SEQUENCE:1\n')).toBeLessThan(delta.indexOf('#EXT-X-SKIP'));
  expect(delta.slice(delta.indexOf('#EXT-X-PROGRAM-DATE-TIME'))).toBe(
    full.slice(full.indexOf('hi/e1/s6.mp4\n') + 'hi/e1/s6.mp4\n'.length),
  );
  expect(strictParse(delta).skip).toBe(6);
});

test('[LL16] a delta update across a discontinuity keeps the discontinuity sequence and the init segment', () => {
  const packager = fed([
    ...epochEvents(),
    ...perfect(standard, 0, 48 * 3),
    ...epochEvents(ZERO_UNIX_MS + 10_000),
    ...perfect(standard, 0, 48 * 12),
  ]);
  const delta = render(packager, 'hi', true);
  expect(lines(delta, '#EXT-X-DISCONTINUITY-SEQUENCE')).toEqual(['#EXT-X-DISCONTINUITY-SEQUENCE:0']);
  expect(lines(delta, '#EXT-X-MAP')).toEqual(['#EXT-X-MAP:URI="hi/e2/init.mp4"']);
  expect(Number(/SKIPPED-SEGMENTS=(\d+)/.exec(delta)?.[1])).toBe(8);
});

test('[LL16] there is no delta update while everything is within the skip boundary', () => {
  const packager = fed([...epochEvents(), ...perfect(standard, 0, 48 * 5)]);
  expect(render(packager, 'hi', true)).toBe(render(packager));
});

test('[LL9] after the end there is ENDLIST and nothing that waits', () => {
  const packager = fed([...epochEvents(), ...perfect(standard, 0, 60)]);
  packager.end();
  const text = render(packager, 'hi', true);
  expect(text.endsWith('#EXT-X-ENDLIST\n')).toBe(true);
  expect(text).not.toMatch(/PRELOAD-HINT|RENDITION-REPORT|EXT-X-SKIP/);
});

test('[LL10] the multivariant playlist has codecs, rates, sizes and the audio-only rendition', () => {
  const packager = fed([...epochEvents(), ...perfect(standard, 0, 96)]);
  const variants = packager.windows.map((window) => ({
    rendition: window.rendition,
    codecs: window.codecs ?? '',
    peakBitsPerSecond: window.peakBitsPerSecond,
    averageBitsPerSecond: window.averageBitsPerSecond,
  }));
  const text = renderMultivariant(variants, 'live');
  expect(text.match(/RESOLUTION=.*,CLOSED-CAPTIONS=NONE$/gm)).toHaveLength(2);
  const playlist = parse(text);
  if (!(playlist instanceof types.MasterPlaylist)) throw new Error('not a multivariant playlist');
  expect(playlist.independentSegments).toBe(true);
  expect(
    playlist.variants.map(({ uri, codecs, resolution, frameRate }) => ({
      uri,
      codecs,
      resolution,
      frameRate,
    })),
  ).toEqual([
    {
      uri: 'hi.m3u8',
      codecs: 'avc1.42c01f,mp4a.40.2',
      resolution: { width: 640, height: 360 },
      frameRate: 25,
    },
    {
      uri: 'lo.m3u8',
      codecs: 'avc1.42c01f,mp4a.40.2',
      resolution: { width: 320, height: 180 },
      frameRate: 25,
    },
    { uri: 'audio.m3u8', codecs: 'mp4a.40.2', resolution: undefined, frameRate: undefined },
  ]);
});

test('[LL10] BANDWIDTH is the measured peak, live never under what the encoders are set to', () => {
  const [rendition] = LADDER;
  if (!rendition) throw new Error('empty ladder');
  const variant = { rendition, codecs: 'x', peakBitsPerSecond: 900_000, averageBitsPerSecond: 400_000 };
  expect(renderMultivariant([variant], 'live')).toContain('BANDWIDTH=900000,AVERAGE-BANDWIDTH=400000');
  const quiet = { ...variant, peakBitsPerSecond: 60_000, averageBitsPerSecond: 50_000 };
  expect(renderMultivariant([quiet], 'live')).toContain('BANDWIDTH=655600,AVERAGE-BANDWIDTH=50000');
  expect(renderMultivariant([quiet], 'recording')).toContain('BANDWIDTH=60000,AVERAGE-BANDWIDTH=50000');
});
