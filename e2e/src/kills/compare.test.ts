import { readMediaPlaylist } from '@rostrum/conformance/media-playlist';
import { compare, discontinuityFaults, type Recorded } from './compare.ts';
import { bytesOf, type SeenSegment } from './rendition-viewer.ts';

const START_MS = Date.UTC(2026, 0, 2);
const PARTS = 3;
const partBytes = (msn: number, part: number): Buffer => Buffer.alloc(100 + part, msn * 8 + part);
const fileBytes = (msn: number): Buffer =>
  Buffer.concat(Array.from({ length: PARTS }, (_, part) => partBytes(msn, part)));
const uriOf = (name: string, msn: number, epoch = 1): string => `${name}/e${epoch}/s${msn}.mp4`;

/** As a viewer had it; `whole`: its file too. */
const seen = (msn: number, whole = true): SeenSegment => ({
  msn,
  programDateTimeMs: START_MS + msn * 1000,
  discontinuitySequence: 0,
  parts: Array.from({ length: PARTS }, (_, part) => ({
    uri: uriOf('hi', msn).replace('.mp4', `.p${part}.mp4`),
    bytes: bytesOf(partBytes(msn, part)),
  })),
  closed: whole ? { uri: uriOf('hi', msn), gap: false, durationS: 1, bytes: bytesOf(fileBytes(msn)) } : null,
});

interface Line {
  readonly msn: number;
  readonly epoch?: number;
  readonly source?: string;
  readonly discontinuity?: boolean;
}

function recorded(name: string, lines: readonly Line[], files: ReadonlyMap<string, Buffer>): Recorded {
  const text = lines.map(({ msn, epoch = 1, source = name, discontinuity = false }) =>
    [
      ...(discontinuity ? ['#EXT-X-DISCONTINUITY'] : []),
      `#EXT-X-PROGRAM-DATE-TIME:${new Date(START_MS + msn * 1000).toISOString()}`,
      '#EXTINF:1.000,',
      uriOf(source, msn, epoch),
    ].join('\n'),
  );
  const playlist = readMediaPlaylist(
    ['#EXTM3U', '#EXT-X-TARGETDURATION:1', '#EXT-X-MEDIA-SEQUENCE:1', ...text, '#EXT-X-ENDLIST', ''].join(
      '\n',
    ),
  );
  return { name, playlist, file: async (uri) => files.get(uri) ?? null };
}

const filesOf = (...msns: number[]): Map<string, Buffer> =>
  new Map(msns.map((msn) => [uriOf('hi', msn), fileBytes(msn)]));
const both = [{ msn: 1 }, { msn: 2 }];

test('what is as viewers had it is the same; another byte, a file that is gone or is not played is wrong', async () => {
  const of = (lines: readonly Line[], files: ReadonlyMap<string, Buffer>) =>
    compare([seen(1), seen(2)], recorded('hi', lines, files));
  expect(await of(both, filesOf(1, 2))).toEqual({ same: 2, wrong: [], cut: [] });
  const other = fileBytes(2);
  other[150] = (other[150] ?? 0) ^ 1;
  const changed = await of(both, filesOf(1).set(uriOf('hi', 2), other));
  expect(changed).toMatchObject({ same: 1, cut: [] });
  expect(changed.wrong.join()).toContain('other bytes in hi/e1/s2.p1.mp4');
  const longer = filesOf(1).set(uriOf('hi', 2), Buffer.concat([fileBytes(2), Buffer.alloc(1)]));
  expect((await of(both, longer)).wrong).toHaveLength(1);
  expect((await of(both, filesOf(1))).wrong.join()).toContain('not there');
  expect((await of([{ msn: 1 }], filesOf(1, 2))).wrong.join()).toContain('not in the playlist');
});

test('of what was open its end may be missing, by whole parts, and is told', async () => {
  const cut = filesOf(1).set(uriOf('hi', 2), fileBytes(2).subarray(0, 100));
  expect(await compare([seen(1), seen(2, false)], recorded('hi', both, cut))).toEqual({
    same: 1,
    wrong: [],
    cut: [2],
  });
  expect((await compare([seen(2)], recorded('hi', both, cut))).wrong).toHaveLength(1);
  const torn = filesOf(1).set(uriOf('hi', 2), fileBytes(2).subarray(0, 150));
  expect((await compare([seen(2, false)], recorded('hi', both, torn))).wrong).toHaveLength(1);
  const gone = await compare([seen(2, false)], recorded('hi', [{ msn: 1 }], filesOf(1)));
  expect(gone).toEqual({ same: 0, wrong: [], cut: [2] });
});

test('where the stream does not go on there is a discontinuity, in all renditions alike', () => {
  const files = new Map<string, Buffer>();
  const hi = (lines: readonly Line[]): Recorded => recorded('hi', lines, files);
  const lo = (lines: readonly Line[]): Recorded => recorded('lo', lines, files);
  const seam = [{ msn: 1 }, { msn: 2, epoch: 2, discontinuity: true }];
  expect(discontinuityFaults([hi(seam), lo(seam)])).toEqual([]);
  expect(discontinuityFaults([hi([{ msn: 1 }, { msn: 2, epoch: 2 }])])).toHaveLength(1);
  expect(discontinuityFaults([hi([{ msn: 1 }, { msn: 3 }])])).toHaveLength(1);
  expect(discontinuityFaults([hi([{ msn: 1 }, { msn: 2, source: 'lo' }])])).toHaveLength(1);
  expect(discontinuityFaults([hi(seam), lo(both)])).toHaveLength(1);
});
