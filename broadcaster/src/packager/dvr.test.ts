/** A live window of two hours, full: what a viewer fetches at each part, and that nothing in it is lost or moved. */
import { gzipSync } from 'node:zlib';
import { LADDER, type LatencyProfile, PROFILES, type Rendition } from '@rostrum/contracts/profile';
import {
  decideMedia,
  Packager,
  type RenditionWindow,
  renderMediaPlaylist,
  reportOf,
  type Segment,
} from './index.ts';
import { partName } from './names.ts';
import { strictParse } from './testing/strict-parse.ts';
import { epochEvents, FRAME_NS, perfect, ZERO_UNIX_MS } from './testing/synthetic.ts';

const WINDOW_MS = 7_200_000;
/** What one answer at one part may weigh, gzipped. */
const MOST_BYTES = 2048;

/** Closed segments of two hours and a little, as a restarted process reads them from disk. */
function twoHours(profile: LatencyProfile, rendition: Rendition): Segment[] {
  const count = Math.ceil(WINDOW_MS / profile.segmentMs) + 5;
  const parts = Math.round(profile.segmentMs / profile.partMs);
  return Array.from({ length: count }, (_, i) => ({
    msn: i + 1,
    epoch: 1,
    discontinuity: false,
    programDateTimeMs: ZERO_UNIX_MS + i * profile.segmentMs,
    closed: true,
    parts: Array.from({ length: parts }, (_part, index) => ({
      index,
      name: partName(rendition.name, 1, i + 1, index),
      durationMs: profile.partMs,
      independent: index === 0,
      gap: false,
      byteLength: 10_000 + ((i * 7919 + index * 104_729) % 40_000),
      data: undefined,
    })),
  }));
}

/** A packager that goes on after them, with a compositor that restarts `restarts` times, each after `runMs`. */
function fullWindow(profile: LatencyProfile, restarts: number, runMs: number): Packager {
  const segments = new Map(LADDER.map((rendition) => [rendition.name, twoHours(profile, rendition)]));
  const [first = []] = segments.values();
  const packager = new Packager({
    profile,
    ladder: LADDER,
    windowMs: WINDOW_MS,
    resume: {
      nextMsn: first.length + 1,
      nextEpoch: 2,
      segments,
      discontinuitySequence: 0,
      codecs: new Map(),
    },
  });
  let zeroMs = ZERO_UNIX_MS + first.length * profile.segmentMs;
  for (let run = 0; run <= restarts; run += 1) {
    const events = [
      ...epochEvents(zeroMs, LADDER),
      ...perfect(profile, 0, (runMs * 1e6) / FRAME_NS, { ladder: LADDER }),
    ];
    for (const event of events) {
      for (const made of packager.push(event)) {
        if (made.type === 'segment-closed') packager.markArchived(made.rendition, made.segment.msn);
      }
    }
    zeroMs += runMs + 500;
  }
  return packager;
}

function render(packager: Packager, window: RenditionWindow, skip: boolean): string {
  const reports = packager.windows
    .filter((other) => other.rendition !== window.rendition)
    .flatMap((other) => reportOf(other) ?? []);
  return renderMediaPlaylist(window, { skip, reports });
}

const gzippedBytes = (text: string): number => gzipSync(text, { level: 4 }).byteLength;

describe.each(Object.values(PROFILES))('$name', (profile) => {
  test.each([
    ['one compositor', 0, 60_040],
    ['ten restarts in the last two minutes', 10, 11_480],
    ['ten restarts in the last twelve seconds', 10, 1040],
  ])('[LL16] with %s a delta update is at most 2 KB in every rendition', (_name, restarts, runMs) => {
    const packager = fullWindow(profile, restarts, runMs);
    for (const window of packager.windows) {
      const delta = render(packager, window, true);
      expect(delta).toMatch(/\n#EXT-X-SKIP:SKIPPED-SEGMENTS=\d{4}\n/);
      expect(gzippedBytes(delta)).toBeLessThanOrEqual(MOST_BYTES);
    }
  });

  test('[LL5] [LL16] the whole playlist spans two hours, and a delta update is its end', () => {
    const packager = fullWindow(profile, 3, 11_480);
    for (const window of packager.windows) {
      const whole = render(packager, window, false);
      const listedMs =
        whole.match(/#EXTINF:([0-9.]+)/g)?.reduce((ms, tag) => ms + Number(tag.slice(8)) * 1000, 0) ?? 0;
      expect(listedMs).toBeGreaterThanOrEqual(WINDOW_MS - profile.segmentMs);
      expect(listedMs).toBeLessThan(WINDOW_MS + profile.segmentMs);
      const { segments } = strictParse(whole);
      const msns = segments.map(({ mediaSequenceNumber }) => mediaSequenceNumber);
      expect(msns).toEqual(msns.map((_, i) => (msns[0] ?? 0) + i));
      expect(whole.match(/#EXT-X-PROGRAM-DATE-TIME/g)?.length).toBe(window.segments.length); // LL8
      // A player puts the delta behind the segments it has: nothing between them is missing or twice.
      const delta = render(packager, window, true);
      const skipped = Number(/SKIPPED-SEGMENTS=(\d+)/.exec(delta)?.[1]);
      const uris = (text: string): string[] => text.split('\n').filter((line) => line.endsWith('.mp4'));
      expect(uris(delta)).toEqual(uris(whole).slice(skipped));
      expect(delta.slice(delta.indexOf('#EXT-X-PRELOAD-HINT'))).toBe(
        whole.slice(whole.indexOf('#EXT-X-PRELOAD-HINT')),
      );
    }
  });

  test('[LL5] rendering again, as segments come and go, gives what a fresh rendering gives', () => {
    const packager = fullWindow(profile, 1, 11_480);
    const [window] = packager.windows;
    if (!window) throw new Error('no rendition');
    const before = render(packager, window, false);
    // The same state as new objects: nothing made earlier can be in the text.
    const fresh = {
      ...window,
      next: window.next,
      segments: window.segments.map((segment) => ({ ...segment })),
    };
    expect(render(packager, fresh as RenditionWindow, false)).toBe(render(packager, window, false));
    for (const event of perfect(profile, (11_480 * 1e6) / FRAME_NS, (23_480 * 1e6) / FRAME_NS, {
      ladder: LADDER,
    })) {
      for (const made of packager.push(event)) {
        if (made.type === 'segment-closed') packager.markArchived(made.rendition, made.segment.msn);
      }
    }
    const after = render(packager, window, false);
    expect(after).not.toBe(before);
    const again = {
      ...window,
      next: window.next,
      segments: window.segments.map((segment) => ({ ...segment })),
    };
    expect(render(packager, again as RenditionWindow, false)).toBe(after);
  });

  test('[LL17] the oldest and the newest segment are found, what is before and after is not', () => {
    const packager = fullWindow(profile, 0, 60_040);
    const [window] = packager.windows;
    if (!window) throw new Error('no rendition');
    const oldest = window.segments[0];
    const decide = (msn: number, epoch: number) =>
      decideMedia(`${window.rendition.name}/e${epoch}/s${msn}.mp4`, window, false).kind;
    expect(decide(oldest?.msn ?? 0, 1)).toBe('segment');
    expect(decide((oldest?.msn ?? 0) - 1, 1)).toBe('past');
    expect(decide(window.next.msn - 1, window.next.epoch)).toBe('segment');
    expect(decide(window.next.msn + 9, window.next.epoch)).toBe('never');
    expect(decide(oldest?.msn ?? 0, 2)).toBe('never');
  });
});
