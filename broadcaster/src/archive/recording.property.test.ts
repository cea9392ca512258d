/**
 * The recording while it grows, over arbitrary histories: renditions that lack segments, close them at different times, and
 * processes that are killed with some of it in the journal, some published, and some in spools alone.
 */
import { PROFILES, type Rendition } from '@rostrum/contracts/profile';
import fc from 'fast-check';
import type { Part, Recording, Segment } from '../packager/index.ts';
import { keyFramesName, partName, playlistName } from '../packager/names.ts';
import { recordingOf as wholeRecordingOf } from '../packager/testing/recording-of.ts';
import { strictParse } from '../packager/testing/strict-parse.ts';
import { ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';
import { type JournalEntry, segmentEntry } from './journal.ts';
import { recordingOf, recover } from './recovery.ts';
import type { SpooledSegment } from './spool.ts';

const profile = PROFILES.standard;
const PARTS = 6;
const LADDER: readonly Rendition[] = [
  ...['hi', 'mid', 'lo'].map((name, i): Rendition => {
    return { kind: 'video', name, width: 640 >> i, height: 360 >> i, videoBitrate: 500_000 };
  }),
  { kind: 'audio', name: 'audio' },
];

/** What a rendition has of a segment. */
const amount = fc.constantFrom('whole', 'whole', 'whole', 'some', 'none');
const moment = fc.record({
  has: fc.tuple(amount, amount, amount, amount),
  newEpoch: fc.boolean(),
  parts: fc.constantFrom(PARTS, PARTS, 2),
});
const run = fc.record({
  moments: fc.array(moment, { maxLength: 12 }),
  /** Of each rendition: by how many segments it closes after the others. */
  behind: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(2), fc.nat(2)),
  /** Of what was closed, how much the journal has when the process is killed, and how much of that was published. */
  journaled: fc.double({ min: 0, max: 1, noNaN: true }),
  published: fc.double({ min: 0, max: 1, noNaN: true }),
  /** Parts of each segment that is not in the journal which its spool has. */
  spooled: fc.tuple(fc.nat(PARTS), fc.nat(PARTS), fc.nat(PARTS), fc.nat(PARTS)),
});
type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;

function segmentOf(name: string, msn: number, epoch: number, has: string, count: number): Segment {
  const parts = Array.from({ length: count }, (_, index): Part => {
    const gap = has === 'none' || (has === 'some' && index === 0);
    return {
      index,
      name: partName(name, epoch, msn, index),
      durationMs: profile.partMs,
      independent: !gap,
      gap,
      byteLength: gap ? 0 : 100 + msn,
      ...(!gap && name !== 'audio' ? { keyFrameLength: 40 + msn } : {}),
      data: undefined,
    };
  });
  const programDateTimeMs = ZERO_UNIX_MS + msn * profile.segmentMs;
  return { msn, epoch, discontinuity: false, programDateTimeMs, parts, closed: true };
}

/** What a process that goes on from a journal closes, in the order in which the renditions do. */
function closedBy({ moments, behind }: Run, nextMsn: number, nextEpoch: number): [string, Segment][] {
  let epoch = nextEpoch;
  const all = moments.flatMap(({ has, newEpoch, parts }, at) => {
    if (newEpoch) epoch += 1;
    return LADDER.map(({ name }, i) => ({
      at: at + (behind[i] ?? 0),
      closed: [name, segmentOf(name, nextMsn + at, epoch, has[i] ?? 'none', parts)] as [string, Segment],
    }));
  });
  return all.toSorted((one, other) => one.at - other.at).map(({ closed }) => closed);
}

const textsOf = (recording: Recording): Map<string, string> =>
  new Map(recording.playlists.map((playlist) => [playlist.name, playlist.text('EVENT')]));

/** How many discontinuities each moment that it plays is behind, by the text. */
function placesOf(text: string): Map<number, number> {
  const places = new Map<number, number>();
  let passed = Number(/#EXT-X-DISCONTINUITY-SEQUENCE:(\d+)/.exec(text)?.[1] ?? 0);
  for (const line of text.split('\n')) {
    if (line === '#EXT-X-DISCONTINUITY') passed += 1;
    const msn = /s(\d+)\.mp4$/.exec(line)?.[1];
    if (msn !== undefined) places.set(Number(msn), passed);
  }
  return places;
}

test('what is published is only ever added to, by restarts too; at the end it is what all segments at once come to', () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 4 }), (runs) => {
      const journal: JournalEntry[] = LADDER.map(({ name }) => {
        return { type: 'init', rendition: name, epoch: 1, file: '', codecs: 'mp4a.40.2' };
      });
      const published = new Map<string, string>();
      const look = (recording: Recording): void => {
        for (const [name, text] of textsOf(recording)) {
          expect(text.startsWith(published.get(name) ?? '')).toBe(true);
          published.set(name, text);
        }
      };
      let spools: SpooledSegment[] = [];
      const start = () => {
        const recovered = recover(journal, profile, LADDER, spools);
        journal.push(...recovered.filled.map(({ rendition, segment }) => segmentEntry(rendition, segment)));
        journal.push({ type: 'run', firstEpoch: recovered.nextEpoch, startedUnixMs: 0 });
        const recording = recordingOf(recovered, profile, LADDER, 'show');
        look(recording);
        return { recovered, recording };
      };
      for (const one of runs) {
        const { recovered, recording } = start();
        const closed = closedBy(one, recovered.nextMsn, recovered.nextEpoch);
        const durable = closed.slice(0, Math.round(one.journaled * closed.length));
        for (const [name, segment] of durable.slice(0, Math.round(one.published * durable.length))) {
          recording.add(name, segment);
          look(recording);
        }
        for (const [name, segment] of durable) {
          journal.push({ type: 'epoch', epoch: segment.epoch }, segmentEntry(name, segment));
        }
        spools = closed.slice(durable.length).flatMap(([rendition, { closed: _, ...segment }]) => {
          const parts = segment.parts.slice(
            0,
            one.spooled[LADDER.findIndex(({ name }) => name === rendition)],
          );
          return parts.length === 0 ? [] : [{ ...segment, rendition, parts }];
        });
      }
      const { recovered, recording } = start();
      recording.finish();
      look(recording);
      const whole = wholeRecordingOf(LADDER, recovered.segments);
      for (const { rendition, segments, discontinuitySequence } of whole) {
        const own = segments.some(({ source }) => source === rendition.name);
        const playlist = recording.playlist(playlistName(rendition.name));
        expect(playlist !== undefined).toBe(own);
        if (!playlist) continue;
        const text = playlist.text('VOD');
        expect(strictParse(text).segments).toHaveLength(segments.length);
        const files = segments.map(
          ({ source, segment }) => `../../live/show/${source}/e${segment.epoch}/s${segment.msn}.mp4`,
        );
        expect(text.split('\n').filter((line) => line.endsWith('.mp4'))).toEqual(files);
        let passed = discontinuitySequence;
        const places = segments.map(({ segment, discontinuities }) => {
          passed += discontinuities;
          return [segment.msn, passed];
        });
        expect([...placesOf(text)]).toEqual(places);
        // Its key frames are of the same files, at the same places.
        const keyFrames = recording.playlist(keyFramesName(rendition.name))?.text('VOD');
        if (rendition.kind === 'video') expect([...placesOf(keyFrames ?? '')]).toEqual(places);
        else expect(keyFrames).toBeUndefined();
      }
      // A moment is behind the same discontinuities in every rendition.
      const places = recording.playlists.map((playlist) => placesOf(playlist.text('VOD')));
      for (const msn of new Set(places.flatMap((place) => [...place.keys()]))) {
        const numbers = new Set(places.flatMap((place) => place.get(msn) ?? []));
        expect(numbers.size).toBe(1);
      }
    }),
    { numRuns: 300 },
  );
});
