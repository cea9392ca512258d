/** The command lines of docs/tracks.md, run as they stand there. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { camera, microphone, sourceOf } from './testing/packets.ts';
import { probe, record, removeFolders } from './testing/record.ts';

const run = promisify(execFile);
const docs = new URL('../../../docs/tracks.md', import.meta.url);
afterEach(removeFolders);

test('what docs/tracks.md says to type gives what it says', async () => {
  const page = await readFile(docs, 'utf8');
  const [plain, placed, sound, ...others] = page.split('\n').filter((line) => line.startsWith('ffmpeg '));
  expect(others).toEqual([]);
  const { folder } = await record(
    sourceOf('VP8'),
    await camera('VP8', 25, [{ width: 160, height: 90, frames: 100 }], 25),
  );
  const said = await microphone([{ channels: 1, ms: 12_000 }]);
  const gap = said.filter(({ atMs }) => atMs < 3000 || atMs >= 6000);
  await record(sourceOf('OPUS'), gap, { folder });
  const type = (line: string | undefined): Promise<unknown> =>
    run('sh', ['-c', `${line?.replace('ffmpeg', 'ffmpeg -y -v error')}`], { cwd: folder });

  await type(plain);
  const alone = await probe(join(folder, 'ada-camera.mkv'));
  expect([alone.times[0], alone.times.length]).toEqual([0, 100]);
  await type(placed);
  const late = await probe(join(folder, 'ada-camera.mkv'));
  expect(late.times[0]).toBeCloseTo(1.84, 2);
  expect(late.times.at(-1)).toBeCloseTo(1.84 + 3.96, 2);
  await type(sound);
  // With the gap, and with the silence before it.
  expect((await probe(join(folder, 'ada-mic.wav'))).durationS).toBeCloseTo(1.84 + 12, 0);
});
