import { type LatencyProfile, PROFILES } from '@rostrum/contracts/profile';
import type { MediaEvent } from '../media/samples.ts';
import { durationMsOf, isGap, Packager, type PackagerEvent, type Part } from './index.ts';
import { readFragments } from './testing/read-fragments.ts';
import {
  AVC_CONFIG,
  audioFrame,
  epochEvents,
  FRAME_NS,
  frame,
  framesPerSegment,
  LADDER,
  perfect,
  sampleEvent,
  ZERO_UNIX_MS,
} from './testing/synthetic.ts';

const { fast, standard, scale } = PROFILES;
const newPackager = (profile: LatencyProfile): Packager =>
  new Packager({ profile, ladder: LADDER, windowMs: 60_000 });

function feed(packager: Packager, events: Iterable<MediaEvent>): PackagerEvent[] {
  return [...events].flatMap((event) => packager.push(event));
}

const partsOf = (events: readonly PackagerEvent[], rendition: string): Part[] =>
  events.flatMap((event) => (event.type === 'part' && event.rendition === rendition ? [event.part] : []));
const text = (data: Uint8Array): string => new TextDecoder().decode(data);
const payloads = (part: Part | undefined): string[] =>
  part?.data ? readFragments(part.data).map((sample) => text(sample.data)) : [];

describe('parts', () => {
  test.each([
    { profile: fast, framesPerPart: 5 },
    { profile: standard, framesPerPart: 8 },
    { profile: scale, framesPerPart: 25 },
  ])('[LL2] a part of profile $profile.name ends on its frame count', ({ profile, framesPerPart }) => {
    const packager = newPackager(profile);
    const events = feed(packager, [...epochEvents(), ...perfect(profile, 0, 2 * framesPerSegment(profile))]);
    const parts = partsOf(events, 'hi');
    expect(parts.length).toBeGreaterThanOrEqual(2 * (profile.segmentMs / profile.partMs) - 1);
    for (const part of parts) {
      expect(part.durationMs).toBe(profile.partMs);
      const video = readFragments(part.data ?? new Uint8Array()).filter((sample) => sample.trackId === 1);
      expect(video).toHaveLength(framesPerPart);
    }
  });

  test('a part is out with its last frame and the audio that starts inside it, not with the frame after', () => {
    const packager = newPackager(standard);
    const upTo = [...epochEvents(), ...perfect(standard, 0, 8)];
    const before = feed(packager, upTo.slice(0, -1));
    expect(partsOf(before, 'hi')).toHaveLength(0);
    const last = upTo.slice(-1);
    expect(partsOf(feed(packager, last), 'hi')).toHaveLength(1);
  });

  test('the part that begins with a key frame says where that ends, whatever else is in it', () => {
    const packager = newPackager(standard);
    const events = feed(packager, [...epochEvents(), ...perfect(standard, 0, 96)]);
    for (const [at, { data, keyFrameLength }] of partsOf(events, 'hi').entries()) {
      expect(keyFrameLength !== undefined).toBe(at % 6 === 0);
      if (keyFrameLength !== undefined)
        expect(text(data?.subarray(0, keyFrameLength) ?? new Uint8Array())).toMatch(
          new RegExp(`Khi#${at * 8}$`),
        );
    }
    for (const part of partsOf(events, 'audio')) expect(part.keyFrameLength).toBeUndefined();
  });

  test('in the standard profile a part holds 8 pictures and exactly 15 audio frames', () => {
    const packager = newPackager(standard);
    const events = feed(packager, [...epochEvents(), ...perfect(standard, 0, 96)]);
    for (const part of partsOf(events, 'hi')) {
      expect(payloads(part).filter((payload) => payload.startsWith('A'))).toHaveLength(15);
    }
    for (const part of partsOf(events, 'audio')) expect(payloads(part)).toHaveLength(15);
  });

  test('in the fast profile each audio frame is in the part in which it starts', () => {
    const packager = newPackager(fast);
    const events = feed(packager, [...epochEvents(), ...perfect(fast, 0, 100)]);
    const counts = new Set<number>();
    partsOf(events, 'hi').forEach((part, i) => {
      const audio = readFragments(part.data ?? new Uint8Array()).filter((sample) => sample.trackId === 2);
      counts.add(audio.length);
      for (const sample of audio) {
        expect(sample.decodeTicks).toBeGreaterThanOrEqual(i * 9600);
        expect(sample.decodeTicks).toBeLessThan((i + 1) * 9600);
      }
    });
    expect([...counts].sort()).toEqual([10, 9]);
  });

  test('audio that is late does not hold the picture up and goes, with its true time, into the next part', () => {
    const packager = newPackager(standard);
    feed(packager, epochEvents());
    const events: PackagerEvent[] = [];
    // Pictures go on; audio frames 10 to 14 of the first part come only after picture 12.
    for (let slot = 0; slot < 16; slot += 1) {
      for (const track of ['hi', 'lo'])
        events.push(...packager.push(sampleEvent(frame(track, slot, slot === 0))));
      if (slot < 10) events.push(...packager.push(sampleEvent(audioFrame(slot))));
      if (slot === 11) expect(partsOf(events, 'hi')).toHaveLength(1);
      if (slot === 12) {
        for (let i = 10; i < 30; i += 1) events.push(...packager.push(sampleEvent(audioFrame(i))));
      }
    }
    const [first, second] = partsOf(events, 'hi');
    expect(payloads(first).filter((payload) => payload.startsWith('A'))).toHaveLength(10);
    const audio = readFragments(second?.data ?? new Uint8Array()).filter((sample) => sample.trackId === 2);
    expect(audio.map((sample) => text(sample.data))).toEqual(
      Array.from({ length: 20 }, (_, i) => `A#${i + 10}`),
    );
    expect(audio[0]?.decodeTicks).toBe(10 * 1024);
  });

  test('audio that never comes costs four pictures of delay, never a part', () => {
    const packager = newPackager(standard);
    feed(packager, epochEvents());
    const counts: number[] = [];
    let published = 0;
    for (let slot = 0; slot < 24; slot += 1) {
      const events = ['hi', 'lo'].flatMap((track) =>
        packager.push(sampleEvent(frame(track, slot, slot === 0))),
      );
      published += partsOf(events, 'hi').length;
      counts.push(published);
    }
    expect(counts.indexOf(1)).toBe(7 + 4);
    expect(counts.indexOf(2)).toBe(15 + 4);
  });

  test('a hole in the audio becomes a chunk of its own, the frames after it at their true times', () => {
    const packager = newPackager(standard);
    const perfectEvents = [...perfect(standard, 0, 8)];
    const holed = perfectEvents.filter(
      (event) => event.type !== 'sample' || !/^A#[567]$/.test(text(event.sample.data)),
    );
    const [part] = partsOf(feed(packager, [...epochEvents(), ...holed]), 'hi');
    const audio = readFragments(part?.data ?? new Uint8Array()).filter((sample) => sample.trackId === 2);
    expect(audio.map((sample) => sample.decodeTicks / 1024)).toEqual([
      0, 1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 14,
    ]);
  });

  test('an encoder that skips one picture lengthens the one before it, and the part keeps its duration', () => {
    const packager = newPackager(standard);
    const events = [...perfect(standard, 0, 16)].filter(
      (event) => event.type !== 'sample' || text(event.sample.data) !== 'Phi#7',
    );
    const [part] = partsOf(feed(packager, [...epochEvents(), ...events]), 'hi');
    const video = readFragments(part?.data ?? new Uint8Array()).filter((sample) => sample.trackId === 1);
    expect(part?.durationMs).toBe(320);
    expect(video.map((sample) => sample.durationTicks)).toEqual([3600, 3600, 3600, 3600, 3600, 3600, 7200]);
  });
});

describe('segments', () => {
  test.each([fast, standard, scale])(
    '[LL3] a segment of profile $name is the sum of its parts',
    (profile) => {
      const packager = newPackager(profile);
      feed(packager, [...epochEvents(), ...perfect(profile, 0, 3 * framesPerSegment(profile))]);
      for (const window of packager.windows) {
        const closed = window.segments.filter((segment) => segment.closed);
        expect(closed.length).toBeGreaterThanOrEqual(2);
        for (const segment of closed) {
          expect(durationMsOf(segment)).toBe(profile.segmentMs);
          expect(Math.round(durationMsOf(segment) / 1000)).toBeLessThanOrEqual(profile.targetDurationS);
        }
      }
    },
  );

  test('[LL4] a segment whose keyframe never came is a gap in that rendition, and the next begins with one', () => {
    const packager = newPackager(standard);
    const events = [...perfect(standard, 0, 144)].filter(
      (event) => event.type !== 'sample' || text(event.sample.data) !== 'Khi#48',
    );
    feed(packager, [...epochEvents(), ...events]);
    const segments = packager.window('hi')?.segments ?? [];
    expect(segments.slice(0, 3).map(isGap)).toEqual([false, true, false]);
    expect(payloads(segments[2]?.parts[0])[0]).toBe('Khi#96');
    expect(packager.window('lo')?.segments.slice(0, 3).map(isGap)).toEqual([false, false, false]);
  });

  test('[LL8] renditions share MSNs, part boundaries and PROGRAM-DATE-TIMEs, which are capture times', () => {
    const packager = newPackager(standard);
    const originNs = 5 * FRAME_NS;
    feed(packager, [...epochEvents(), ...perfect(standard, 0, 144, { originNs })]);
    const shape = (name: string) =>
      packager
        .window(name)
        ?.segments.map(({ msn, programDateTimeMs, parts }) => [msn, programDateTimeMs, parts.length]);
    expect(shape('hi')).toEqual([
      [1, ZERO_UNIX_MS + 200, 6],
      [2, ZERO_UNIX_MS + 200 + 1920, 6],
      [3, ZERO_UNIX_MS + 200 + 3840, 6],
    ]);
    expect(shape('lo')).toEqual(shape('hi'));
    expect(shape('audio')).toEqual(shape('hi'));
  });
});

describe('a stalled encoder', () => {
  test('[LL4] one rendition that stalls gets GAP parts when the others are a target duration ahead', () => {
    const packager = newPackager(standard);
    const events = [...perfect(standard, 0, 144)].filter(
      (event) => event.type !== 'sample' || event.sample.track !== 'lo' || event.sample.dtsNs < 20 * FRAME_NS,
    );
    feed(packager, [...epochEvents(), ...events]);
    const parts = packager.window('lo')?.segments.flatMap((segment) => segment.parts) ?? [];
    // Parts end at 0.32, 0.64, 0.96 …; the third was begun with 4 of 8 pictures; the edge is at 5.76 s.
    expect(parts.map((part) => part.gap)).toEqual([false, false, false, ...Array(8).fill(true)]);
    expect(
      packager
        .window('hi')
        ?.segments.flatMap((segment) => segment.parts)
        .some((part) => part.gap),
    ).toBe(false);
  });

  test('[LL4] a rendition that is paused has gaps in step with the others, and goes on with the segment it is told', () => {
    const packager = newPackager(standard);
    const pausedFrom = 48;
    const resumedFrom = 144;
    feed(packager, [
      ...epochEvents(),
      { type: 'pause', track: 'hi', fromNs: pausedFrom * FRAME_NS },
      { type: 'resume', track: 'hi', fromNs: resumedFrom * FRAME_NS },
    ]);
    for (const event of perfect(standard, 0, 192)) {
      const ofHi = event.type === 'sample' && event.sample.track === 'hi';
      const slot = event.type === 'sample' ? Math.round(event.sample.dtsNs / FRAME_NS) : 0;
      if (ofHi && slot >= pausedFrom && slot < resumedFrom) continue;
      feed(packager, [event]);
      const parts = (name: string) => packager.window(name)?.segments.flatMap((s) => s.parts).length ?? 0;
      if (slot > pausedFrom) expect(Math.abs(parts('hi') - parts('lo'))).toBeLessThanOrEqual(1);
    }
    const segments = packager.window('hi')?.segments ?? [];
    expect(segments.map(isGap)).toEqual([false, true, true, false]);
    expect(payloads(segments[3]?.parts[0])[0]).toBe('Khi#144');
    expect(packager.window('lo')?.segments.map(isGap)).toEqual([false, false, false, false]);
    expect(packager.push({ type: 'pause', track: 'audio', fromNs: 0 })).toEqual([
      { type: 'dropped', track: 'audio', reason: 'unknown-track' },
    ]);
  });

  test('[LL4] a rendition that is paused in the middle of a part gives out what came of it, in step with the others, and then gaps', () => {
    const packager = newPackager(standard);
    const [pausedFrom, resumedFrom, lastFrom] = [60, 144, 204];
    feed(packager, epochEvents());
    for (const event of perfect(standard, 0, 240)) {
      const ofHi = event.type === 'sample' && event.sample.track === 'hi';
      const slot = event.type === 'sample' ? Math.round(event.sample.dtsNs / FRAME_NS) : 0;
      if (ofHi && slot === pausedFrom) {
        feed(packager, [
          { type: 'pause', track: 'hi', fromNs: pausedFrom * FRAME_NS },
          // What was to come back with the next segment does so later.
          { type: 'resume', track: 'hi', fromNs: 96 * FRAME_NS },
          { type: 'pause', track: 'hi', fromNs: pausedFrom * FRAME_NS },
          { type: 'resume', track: 'hi', fromNs: resumedFrom * FRAME_NS },
        ]);
      }
      if (ofHi && slot === lastFrom)
        feed(packager, [{ type: 'pause', track: 'hi', fromNs: lastFrom * FRAME_NS }]);
      if (ofHi && ((slot >= pausedFrom && slot < resumedFrom) || slot >= lastFrom)) continue;
      feed(packager, [event]);
      const parts = (name: string) => packager.window(name)?.segments.flatMap((s) => s.parts).length ?? 0;
      expect(Math.abs(parts('hi') - parts('lo'))).toBeLessThanOrEqual(1);
    }
    const parts = packager.window('hi')?.segments.flatMap((segment) => segment.parts) ?? [];
    // Eight pictures a part: the eighth and the last but four have four of them.
    expect(parts.map(({ gap }) => gap)).toEqual([
      ...Array(8).fill(false),
      ...Array(10).fill(true),
      ...Array(8).fill(false),
      ...Array(4).fill(true),
    ]);
    expect(payloads(parts[7]).filter((text) => text.includes('hi#'))).toHaveLength(4);
    expect(parts.every(({ durationMs }) => durationMs === 320)).toBe(true);
  });

  test('half of the pictures left out leaves parts and segments as they are', () => {
    const packager = newPackager(standard);
    const events = [...perfect(standard, 0, 146)].filter(
      (event) =>
        event.type !== 'sample' ||
        event.sample.track === 'audio' ||
        Math.round(event.sample.dtsNs / FRAME_NS) % 2 === 0,
    );
    feed(packager, [...epochEvents(), ...events]);
    for (const name of ['hi', 'lo']) {
      const segments = packager.window(name)?.segments.filter((s) => s.closed) ?? [];
      expect(segments.map(durationMsOf)).toEqual([1920, 1920, 1920]);
      expect(segments.some(isGap)).toBe(false);
      expect(payloads(segments[1]?.parts[0]).slice(0, 4)).toEqual([
        `K${name}#48`,
        `P${name}#50`,
        `P${name}#52`,
        `P${name}#54`,
      ]);
    }
  });

  test('[LL8] when everything stalls what is open is closed, and what comes later is behind a discontinuity', () => {
    const packager = newPackager(standard);
    feed(packager, [...epochEvents(), ...perfect(standard, 0, 58)]);
    expect(packager.tick(2.32e9 + 3.99e9)).toEqual([]);
    const events = packager.tick(2.32e9 + 4e9);
    expect(events.filter((event) => event.type === 'segment-closed')).toHaveLength(3);
    expect(packager.tick(2.32e9 + 60e9)).toEqual([]);
    expect(packager.window('hi')?.next.name).toBe('hi/e2/s3.p0.mp4');
    feed(packager, perfect(standard, 480, 528));
    const segments = packager.window('hi')?.segments ?? [];
    expect(segments.map((segment) => segment.parts.some((part) => part.gap))).toEqual([false, false, false]);
    expect(segments[2]).toMatchObject({
      epoch: 2,
      discontinuity: true,
      programDateTimeMs: ZERO_UNIX_MS + 19_200,
    });
  });

  test('after a stall pictures are used again from the next keyframe on', () => {
    const packager = newPackager(standard);
    const late = (event: MediaEvent): boolean =>
      event.type === 'sample' &&
      event.sample.track === 'lo' &&
      /#(2[0-9]|[3-9][0-9])$/.test(text(event.sample.data));
    const events = [...perfect(standard, 0, 150)];
    feed(packager, [...epochEvents(), ...events.filter((event) => !late(event))]);
    const dropped = feed(packager, events.filter(late)).filter((event) => event.type === 'dropped');
    expect(dropped.length).toBeGreaterThan(0);
    feed(packager, perfect(standard, 150, 192));
    const segments = packager.window('lo')?.segments ?? [];
    // Picture 100 refers to what never came in its segment.
    expect(segments.slice(0, 4).map(isGap)).toEqual([false, true, true, false]);
    expect(payloads(segments[3]?.parts[0])[0]).toBe('Klo#144');
  });

  test('one wild timestamp does not make an hour of gaps', () => {
    const packager = newPackager(standard);
    feed(packager, [...epochEvents(), ...perfect(standard, 0, 48)]);
    const events = packager.push(sampleEvent(frame('hi', 90_000, true)));
    expect(events).toEqual([{ type: 'dropped', track: 'hi', reason: 'bad-time' }]);
  });
});

describe('a timeline that leaps', () => {
  test.each([
    ['an hour ahead', 3600],
    ['back', -20],
  ])('%s is followed, as a new epoch, once every sample says so', (_, leapS) => {
    const packager = newPackager(standard);
    const originNs = 100e9;
    feed(packager, [...epochEvents(), ...perfect(standard, 0, 96, { originNs })]);
    feed(packager, perfect(standard, 0, 192, { originNs: originNs + leapS * 1e9 }));
    const last = packager.window('hi')?.segments.at(-1);
    expect(last).toMatchObject({
      epoch: 2,
      programDateTimeMs: ZERO_UNIX_MS + 100_000 + leapS * 1000 + 1920 * 3,
    });
    expect(packager.window('hi')?.segments.some(isGap)).toBe(false);
  });
});

describe('epochs', () => {
  test('[LL18] a restarted compositor gets new names, a new init segment and a discontinuity; MSNs go on', () => {
    const packager = newPackager(standard);
    feed(packager, [...epochEvents(), ...perfect(standard, 0, 58)]);
    const restartMs = ZERO_UNIX_MS + 4000;
    const events = feed(packager, [...epochEvents(restartMs), ...perfect(standard, 0, 48)]);
    const window = packager.window('hi');
    const [first, second, third] = window?.segments ?? [];
    expect([first?.msn, second?.msn, third?.msn]).toEqual([1, 2, 3]);
    // 10 pictures of the second segment were there and sound for 9: one whole part, and a short one to close it.
    expect(second?.parts.map((part) => part.durationMs)).toEqual([320, 40]);
    expect(second?.closed).toBe(true);
    expect(third).toMatchObject({ epoch: 2, discontinuity: true, programDateTimeMs: restartMs });
    expect(first?.discontinuity).toBe(false);
    expect(third?.parts[0]?.name).toBe('hi/e2/s3.p0.mp4');
    const inits = events.flatMap((event) => (event.type === 'init' ? [event.name] : []));
    expect(inits.sort()).toEqual(['audio/e2/init.mp4', 'hi/e2/init.mp4', 'lo/e2/init.mp4']);
  });

  test('[LL3] [LL8] an epoch ends for all renditions where its shortest does, but never before what is out', () => {
    const packager = newPackager(standard);
    const events = [...perfect(standard, 0, 60)].filter(
      (event) => event.type !== 'sample' || event.sample.track !== 'lo' || event.sample.dtsNs < 30 * FRAME_NS,
    );
    feed(packager, [...epochEvents(), ...events, ...epochEvents()]);
    const ends = packager.windows.map((window) =>
      window.segments.map((segment) => [segment.msn, durationMsOf(segment)]),
    );
    expect(ends[1]).toEqual(ends[0]);
    expect(ends[2]).toEqual(ends[0]);
    expect(ends[0]).toEqual([
      [1, 1920],
      // `lo` stalled long ago: of `hi` four parts and a half were there, two full ones were out.
      [2, 320],
    ]);
  });

  test('another configuration in the middle opens a new epoch; the same one again changes nothing', () => {
    const packager = newPackager(standard);
    feed(packager, [...epochEvents(), ...perfect(standard, 0, 48)]);
    const same: MediaEvent = {
      type: 'config',
      config: { track: 'hi', codec: 'avc', config: AVC_CONFIG.slice() },
    };
    expect(packager.push(same)).toEqual([]);
    const other = AVC_CONFIG.slice();
    other[3] = 0x20;
    packager.push({ type: 'config', config: { track: 'hi', codec: 'avc', config: other } });
    feed(packager, perfect(standard, 48, 96));
    const last = packager.window('hi')?.segments.at(-1);
    expect(last).toMatchObject({
      msn: 2,
      epoch: 2,
      discontinuity: true,
      programDateTimeMs: ZERO_UNIX_MS + 1920,
    });
    expect(packager.window('hi')?.codecs).toBe('avc1.42c020,mp4a.40.2');
  });

  test('without any audio configuration pictures still go out, with AAC-LC declared', () => {
    const packager = newPackager(standard);
    feed(packager, epochEvents().slice(0, -1));
    const pictures = [...perfect(standard, 0, 48)].filter(
      (event) => event.type === 'sample' && event.sample.track !== 'audio',
    );
    expect(partsOf(feed(packager, pictures), 'hi').length).toBeGreaterThan(3);
    expect(packager.window('hi')?.codecs).toBe('avc1.42c01f,mp4a.40.2');
  });
});

describe('the end', () => {
  test('[LL9] the end closes the open part and segment, and nothing is taken afterwards', () => {
    const packager = newPackager(standard);
    feed(packager, [...epochEvents(), ...perfect(standard, 0, 52)]);
    packager.end();
    for (const window of packager.windows) {
      expect(window.ended).toBe(true);
      expect(window.segments.map(durationMsOf)).toEqual([1920, 160]);
      expect(window.segments.every((segment) => segment.closed)).toBe(true);
    }
    expect(packager.push(sampleEvent(frame('hi', 53, false)))).toEqual([
      { type: 'dropped', track: 'hi', reason: 'ended' },
    ]);
    expect(packager.end()).toEqual([]);
  });
});

describe('bad input', () => {
  test.each<[string, MediaEvent, string]>([
    ['a negative time', sampleEvent({ ...frame('hi', 0, true), dtsNs: -1 }), 'bad-time'],
    ['a time that is no number', sampleEvent({ ...frame('hi', 0, true), ptsNs: Number.NaN }), 'bad-time'],
    ['an unknown track', sampleEvent(frame('4k', 0, true)), 'unknown-track'],
    [
      'a configuration of an unknown track',
      { type: 'config', config: { track: '4k', codec: 'avc', config: AVC_CONFIG } },
      'unknown-track',
    ],
    [
      'a configuration that is none',
      { type: 'config', config: { track: 'hi', codec: 'avc', config: new Uint8Array(3) } },
      'bad-config',
    ],
    ['a picture that no keyframe came before', sampleEvent(frame('hi', 0, false)), 'waiting-for-keyframe'],
  ])('%s is dropped with its reason', (_, event, reason) => {
    const packager = newPackager(standard);
    feed(packager, epochEvents());
    expect(packager.push(event)).toEqual([expect.objectContaining({ type: 'dropped', reason })]);
  });

  test('samples before the first epoch and configuration are dropped', () => {
    const packager = newPackager(standard);
    expect(packager.push(sampleEvent(frame('hi', 0, true)))).toEqual([
      { type: 'dropped', track: 'hi', reason: 'no-epoch' },
    ]);
    packager.push({ type: 'epoch', epoch: 1, timelineZeroUnixMs: 0 });
    expect(packager.push(sampleEvent(frame('hi', 0, true)))).toEqual([
      { type: 'dropped', track: 'hi', reason: 'no-config' },
    ]);
  });

  test('a picture from the past is dropped', () => {
    const packager = newPackager(standard);
    feed(packager, [...epochEvents(), ...perfect(standard, 0, 20)]);
    expect(packager.push(sampleEvent(frame('hi', 19, false)))).toEqual([
      { type: 'dropped', track: 'hi', reason: 'backwards' },
    ]);
  });
});
