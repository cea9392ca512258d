/** [R8] What many ask for is read and compressed once, and never on the event loop. */
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { KeptFiles } from './kept-files.ts';
import { House } from './testing/house.ts';

let folder: string;
let nowMs = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-kept-'));
  nowMs = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const put = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
  return path;
};

test('a file is read once, however many ask for it at once or later', async () => {
  const files = new KeptFiles(() => nowMs);
  const path = await put('a', 'first');
  const [one, two] = await Promise.all([files.get(path), files.get(path)]);
  expect(one?.plain.toString()).toBe('first');
  expect(gunzipSync(one?.gzip() ?? '').toString()).toBe('first');
  expect(two).toBe(one);
  nowMs = 60_000;
  expect(await files.get(path)).toBe(one);
});

test('one that was replaced or removed is noticed within two seconds', async () => {
  const files = new KeptFiles(() => nowMs);
  const path = await put('a', 'first');
  const first = await files.get(path);
  await put('a', 'other');
  nowMs = 1999;
  expect(await files.get(path)).toBe(first);
  nowMs = 2000;
  const second = await files.get(path);
  expect(second?.plain.toString()).toBe('other');
  expect(second?.etag).not.toBe(first?.etag);
  await rm(path);
  nowMs = 4000;
  expect(await files.get(path)).toBeUndefined();
  expect(files.byteLength).toBe(0);
  expect(await files.get(folder)).toBeUndefined(); // a folder is no file
});

test('memory is bounded: what nobody asked for the longest goes', async () => {
  const files = new KeptFiles(() => nowMs, 3000);
  const paths = await Promise.all(['a', 'b', 'c'].map((name) => put(name, name.repeat(1000))));
  const [a = '', b = '', c = ''] = paths;
  const first = await files.get(a);
  const second = await files.get(b);
  expect(await files.get(a)).toBe(first);
  await files.get(c);
  expect(files.byteLength).toBeLessThanOrEqual(3000);
  expect(await files.get(a)).toBe(first);
  expect(await files.get(b)).not.toBe(second);
});

test('a recording that a client has already is not sent again', async () => {
  const house = await House.open();
  try {
    house.feedTo(48 * 2);
    const { recordingPath } = await house.output.end();
    const first = await house.get(recordingPath, { headers: { 'accept-encoding': 'gzip' } });
    expect([first.status, first.headers['content-encoding']]).toEqual([200, 'gzip']);
    const { etag = '' } = first.headers;
    const file = join(house.archiveDir, 'show/multivariant.m3u8');
    expect(gunzipSync(first.body)).toEqual(await readFile(file));
    for (const header of [etag, etag.slice(2), `"other", ${etag}`, '*']) {
      const again = await house.get(recordingPath, { headers: { 'if-none-match': header } });
      expect([again.status, again.body.byteLength, again.headers.etag]).toEqual([304, 0, etag]);
      expect(again.headers['cache-control']).toBe(first.headers['cache-control']);
    }
    expect((await house.get(recordingPath, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
  } finally {
    await house.close();
  }
});
