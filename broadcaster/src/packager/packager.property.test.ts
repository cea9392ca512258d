/** Invariants over arbitrary encoders: pictures and sound lost, stalls, restarts, ticks, in any order. */
import { type LatencyProfile, PROFILES } from '@rostrum/contracts/profile';
import fc from 'fast-check';
import type { MediaEvent, Sample } from '../media/samples.ts';
import { Packager, type PackagerEvent, renderMediaPlaylist, reportOf, type Segment } from './index.ts';
import { readFragments } from './testing/read-fragments.ts';
import { strictParse } from './testing/strict-parse.ts';
import {
  AAC_NS,
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
import { VIDEO_TIMESCALE } from './ticks.ts';

/** One stretch of a show: `frames` pictures with what goes wrong in them, then perhaps a restart of the compositor. */
const stretch = fc.record({
  frames: fc.integer({ min: 1, max: 130 }),
  /** Per rendition: pictures [from, from + count) are lost. */
  lost: fc.array(
    fc.record({
      track: fc.constantFrom('hi', 'lo', 'audio'),
      from: fc.nat({ max: 130 }),
      count: fc.integer({ min: 1, max: 70 }),
    }),
    { maxLength: 3 },
  ),
  /** How many pictures the sound, or one rendition, comes after the others. */
  delayed: fc.record({ track: fc.constantFrom('hi', 'lo', 'audio'), frames: fc.nat({ max: 60 }) }),
  /** Samples that change places with the one behind them. */
  swapped: fc.array(fc.nat({ max: 300 }), { maxLength: 6 }),
  /** Samples whose time is off by so much. */
  wild: fc.array(fc.record({ at: fc.nat({ max: 300 }), byMs: fc.integer({ min: -9000, max: 90_000 }) }), {
    maxLength: 2,
  }),
  /** The encoders' clock steps by so much before the stretch. */
  stepMs: fc.oneof(fc.constant(0), fc.integer({ min: -4000, max: 90_000 })),
  /** The clock runs on this long after the last sample. */
  silenceMs: fc.nat({ max: 7000 }),
  restart: fc.boolean(),
});

const scenario = fc.record({
  profile: fc.constantFrom(PROFILES.fast, PROFILES.standard, PROFILES.scale),
  originNs: fc.nat({ max: 5_000_000_000 }),
  /** No sample of this track ever comes. */
  missing: fc.constantFrom(undefined, 'hi', 'lo', 'audio'),
  stretches: fc.array(stretch, { minLength: 1, maxLength: 4 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

type Step = { readonly event: MediaEvent } | { readonly tickNs: number };

/** The scenario as what reaches the packager, in order. */
function* steps({ profile, originNs: firstNs, missing, stretches }: Scenario): Generator<Step> {
  const gop = framesPerSegment(profile);
  let slot = 0;
  let audio = 0;
  let zeroUnixMs = ZERO_UNIX_MS;
  let originNs = firstNs;
  for (const event of epochEvents(zeroUnixMs)) yield { event };
  for (const { frames, lost, delayed, swapped, wild, stepMs, silenceMs, restart } of stretches) {
    const queue: { atSlot: number; sample: Sample }[] = [];
    originNs = Math.max(0, originNs + stepMs * 1e6);
    const isLost = (track: string, index: number): boolean =>
      track === missing ||
      lost.some((loss) => loss.track === track && index >= loss.from && index < loss.from + loss.count);
    const lateness = (track: string): number => (delayed.track === track ? delayed.frames : 0);
    for (let i = 0; i < frames; i += 1, slot += 1) {
      for (const track of ['hi', 'lo']) {
        if (isLost(track, i)) continue;
        const sample = frame(track, slot, slot % gop === 0, originNs);
        queue.push({ atSlot: slot + lateness(track), sample });
      }
      for (; (audio + 1) * AAC_NS <= (slot + 1) * FRAME_NS + 1; audio += 1) {
        if (isLost('audio', i)) continue;
        queue.push({ atSlot: slot + lateness('audio'), sample: audioFrame(audio, originNs) });
      }
    }
    queue.sort((a, b) => a.atSlot - b.atSlot);
    for (const at of swapped) queue.splice(at, 2, ...queue.slice(at, at + 2).reverse());
    for (const { at, byMs } of wild) {
      const off = queue[at];
      if (!off) continue;
      const ptsNs = off.sample.ptsNs + byMs * 1e6;
      queue[at] = { ...off, sample: { ...off.sample, ptsNs, dtsNs: ptsNs } };
    }
    for (const { atSlot, sample } of queue) {
      yield { event: sampleEvent(sample) };
      if (atSlot % 5 === 0) yield { tickNs: originNs + atSlot * FRAME_NS + 200e6 };
    }
    const endNs = originNs + slot * FRAME_NS;
    for (let ms = 0; ms <= silenceMs; ms += 200) yield { tickNs: endNs + ms * 1e6 };
    if (restart) {
      zeroUnixMs += slot * 40 + silenceMs;
      slot = 0;
      audio = 0;
      for (const event of epochEvents(zeroUnixMs)) yield { event };
    } else {
      // The compositor was alive all the time: its timeline went on.
      slot = Math.ceil((slot + silenceMs / 40) / gop) * gop;
      audio = Math.ceil((slot * FRAME_NS) / AAC_NS);
    }
  }
}

const payload = (data: Uint8Array): string => new TextDecoder().decode(data);

/** Everything that must hold of a window at any moment. */
function checkWindows(packager: Packager): void {
  const { windows } = packager;
  for (const window of windows) {
    const text = renderMediaPlaylist(window, {
      skip: false,
      reports: windows.flatMap((other) => reportOf(other) ?? []),
    });
    expect(strictParse(text).mediaSequenceBase).toBe(window.segments[0]?.msn ?? window.next.msn);
    window.segments.forEach((segment, i) => {
      if (i > 0) expect(segment.msn).toBe((window.segments[i - 1]?.msn ?? 0) + 1);
      if (i < window.segments.length - 1) expect(segment.closed).toBe(true);
      checkSegment(window.profile, segment);
    });
  }
  const shared = (segments: readonly Segment[]): Map<number, unknown> =>
    new Map(
      segments
        .filter((segment) => segment.closed)
        .map((segment) => [
          segment.msn,
          [
            segment.epoch,
            segment.discontinuity,
            segment.programDateTimeMs,
            segment.parts.map((part) => part.durationMs),
          ],
        ]),
    );
  const [first, ...others] = windows.map((window) => shared(window.segments));
  for (const other of others) {
    for (const [msn, shape] of other) if (first?.has(msn)) expect(shape).toEqual(first.get(msn));
  }
}

function checkSegment(profile: { partMs: number; targetDurationS: number }, segment: Segment): void {
  const totalMs = segment.parts.reduce((sum, part) => sum + part.durationMs, 0);
  expect(Math.round(totalMs / 1000)).toBeLessThanOrEqual(profile.targetDurationS);
  segment.parts.forEach((part, i) => {
    expect(part.index).toBe(i);
    expect(part.durationMs).toBeLessThanOrEqual(profile.partMs);
    const last = segment.closed && i === segment.parts.length - 1;
    if (!last) expect(part.durationMs).toBeGreaterThanOrEqual(0.85 * profile.partMs);
    expect(part.gap).toBe(part.byteLength === 0);
    if (part.gap) expect(part.data).toBeUndefined();
  });
}

/** An expectation for inner loops: jest's own cost more than what they check. */
function must(holds: boolean, message: string): void {
  if (!holds) throw new Error(message);
}

/** What was published, over all: names once, samples once and whole, in order, keyframes first. */
function checkHistory(history: readonly PackagerEvent[], given: ReadonlySet<string>): void {
  const names = new Set<string>();
  const seen = new Set<string>();
  const begun = new Set<string>();
  const decodeEnds = new Map<string, number>();
  for (const event of history) {
    if (event.type !== 'part') continue;
    const { rendition, segment, part } = event;
    must(!names.has(part.name), `${part.name} was used twice`);
    names.add(part.name);
    if (!part.data) continue;
    for (const sample of readFragments(part.data)) {
      const id = `${rendition} e${segment.epoch} ${payload(sample.data)}`;
      must(given.has(payload(sample.data)), `${id} was never given`);
      must(!seen.has(id), `${id} is published twice`);
      seen.add(id);
      const clock = `${rendition} e${segment.epoch} t${sample.trackId}`;
      must(sample.decodeTicks >= (decodeEnds.get(clock) ?? 0), `${id} overlaps the sample before`);
      must(sample.durationTicks > 0, `${id} has no duration`);
      decodeEnds.set(clock, sample.decodeTicks + sample.durationTicks);
      if (sample.trackId !== 1) continue;
      const key = `${rendition} ${segment.msn}`;
      must(begun.has(key) || sample.keyframe, `${key} begins without a keyframe`);
      begun.add(key);
    }
  }
}

test('[LL2] [LL3] [LL4] [LL8] [LL18] hold whatever the encoders do', () => {
  fc.assert(
    fc.property(scenario, (given) => {
      const packager = new Packager({ profile: given.profile, ladder: LADDER, windowMs: 40_000 });
      const history: PackagerEvent[] = [];
      const payloads = new Set<string>();
      let hints = new Map<string, string>();
      for (const step of steps(given)) {
        if ('event' in step && step.event.type === 'sample') payloads.add(payload(step.event.sample.data));
        const out = 'event' in step ? packager.push(step.event) : packager.tick(step.tickNs);
        history.push(...out);
        // [LL6] what was hinted comes next, unless a new epoch takes its place.
        const firstParts = new Map<string, string>();
        for (const event of out) {
          if (event.type === 'part' && !firstParts.has(event.rendition))
            firstParts.set(event.rendition, event.part.name);
          if (event.type === 'segment-closed') packager.markArchived(event.rendition, event.segment.msn);
        }
        const restarted = out.some((event) => event.type === 'epoch');
        for (const [rendition, name] of firstParts) if (!restarted) expect(name).toBe(hints.get(rendition));
        hints = new Map(packager.windows.map((window) => [window.rendition.name, window.next.name]));
      }
      checkWindows(packager);
      history.push(...packager.end());
      checkWindows(packager);
      checkHistory(history, payloads);
      const msns = packager.windows.map((window) => window.next.msn);
      expect(new Set(msns).size).toBe(1);
    }),
    { numRuns: 60 },
  );
});

/** Where the last sample of a part ends on the presentation timeline, in ms after `ZERO_UNIX_MS`. */
function endMsOf(data: Uint8Array, trackId: number, timescale: number): number {
  const ends = readFragments(data).flatMap((sample) =>
    sample.trackId === trackId ? [((sample.decodeTicks + sample.durationTicks) / timescale) * 1000] : [],
  );
  return Math.max(...ends);
}

test('[LL2] [LL3] an epoch cut short after any sample ends with parts that hold what they say', () => {
  const samples = (profile: LatencyProfile, order: readonly number[]): MediaEvent[] =>
    // Encoders do not come in step: each track's samples are taken some frames later than the others'.
    [...perfect(profile, 0, 150)]
      .map((event, i) => {
        const track = event.type === 'sample' ? event.sample.track : '';
        return { event, at: i + (order[['hi', 'lo', 'audio'].indexOf(track)] ?? 0) };
      })
      .sort((a, b) => a.at - b.at)
      .map(({ event }) => event);
  fc.assert(
    fc.property(
      fc.constantFrom(PROFILES.fast, PROFILES.standard, PROFILES.scale),
      fc.array(fc.nat({ max: 8 }), { minLength: 3, maxLength: 3 }),
      // From where every track has begun.
      fc.integer({ min: 16, max: 450 }),
      fc.boolean(),
      (profile, order, count, restarts) => {
        const packager = new Packager({ profile, ladder: LADDER, windowMs: 40_000 });
        for (const event of [...epochEvents(), ...samples(profile, order).slice(0, count)])
          packager.push(event);
        if (restarts) for (const event of epochEvents(ZERO_UNIX_MS + 60_000)) packager.push(event);
        else packager.end();
        for (const { segments, rendition } of packager.windows) {
          const last = segments.at(-1);
          const part = last?.parts.at(-1);
          if (!last || !part?.data) continue;
          const toldMs =
            last.programDateTimeMs -
            ZERO_UNIX_MS +
            last.parts.reduce((sum, { durationMs }) => sum + durationMs, 0);
          const soundMs = endMsOf(part.data, 2, 48_000);
          expect(Math.abs(soundMs - toldMs)).toBeLessThanOrEqual(AAC_NS / 1e6 + 0.1);
          if (rendition.kind === 'video')
            expect(endMsOf(part.data, 1, VIDEO_TIMESCALE)).toBeCloseTo(toldMs, 1);
        }
      },
    ),
    { numRuns: 80 },
  );
});
