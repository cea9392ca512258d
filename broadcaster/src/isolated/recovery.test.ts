import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readTracks, stateOf, TRACKS_JOURNAL, trackLine } from './journal.ts';
import { scanChunk } from './matroska.ts';
import { recoverTracks } from './recovery.ts';
import { drawnBy } from './testing/chance.ts';
import { camera, microphone, sourceOf } from './testing/packets.ts';
import { decode, probe, record, removeFolders } from './testing/record.ts';

afterEach(removeFolders);

/** A chunk as it was before it was closed, cut at this byte. */
async function tear(folder: string, file: string, at: number): Promise<void> {
  const journal = join(folder, TRACKS_JOURNAL);
  const left = (await readTracks(journal)).filter((entry) => entry.type !== 'chunk');
  await writeFile(journal, `${left.map(trackLine).join('')}\n{"type":"chu`);
  await truncate(join(folder, file), at);
}

for (const codec of ['VP8', 'H264', 'OPUS'] as const) {
  test(`a chunk of ${codec} that is cut anywhere is readable as it is, and whole up to its last cluster once it is put in order`, async () => {
    const sent =
      codec === 'OPUS'
        ? await microphone([{ channels: 1, ms: 8000 }])
        : await camera(codec, 25, [{ width: 160, height: 90, frames: 200 }], 50);
    const chance = drawnBy(3);
    for (let i = 0; i < 5; i += 1) {
      const { folder, chunks } = await record(sourceOf(codec), sent);
      const [chunk] = chunks;
      const path = join(folder, chunk!.file);
      const cut = Math.round(chunk!.byteLength * (0.25 + 0.75 * chance()));
      await tear(folder, chunk!.file, cut);
      const whole = scanChunk(await readFile(path));
      const torn = await probe(path);
      expect(torn.times.length).toBeGreaterThanOrEqual(whole.frames);

      const state = await recoverTracks(folder);
      expect(state.open).toEqual([]);
      const [mended] = state.chunks;
      expect(mended).toMatchObject({ frames: whole.frames, byteLength: whole.length });
      const { times, durationS } = await probe(path);
      expect(times).toHaveLength(whole.frames);
      expect(durationS * 1000).toBeCloseTo(mended!.toUnixMs - mended!.fromUnixMs, 0);
      expect((await decode(path)).complaints).toBe('');
      // It costs a cluster at most.
      expect(times.length).toBeGreaterThan(torn.times.length - (codec === 'OPUS' ? 55 : 30));
      // And it is done once.
      expect(stateOf(await readTracks(join(folder, TRACKS_JOURNAL)))).toEqual(state);
      expect(await recoverTracks(folder)).toEqual(state);
    }
  });
}

test('a chunk of which nothing can be read is left out', async () => {
  const { folder, chunks } = await record(sourceOf('OPUS'), await microphone([{ channels: 1, ms: 2000 }]));
  await tear(folder, chunks[0]!.file, 20);
  expect((await recoverTracks(folder)).chunks).toEqual([]);
});
