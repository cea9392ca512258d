import { gunzipSync, inflateRawSync } from 'node:zlib';
import { GrowingText } from './growing-text.ts';

const HEAD = '#EXTM3U\n';
const pieceOf = (i: number): string => `#EXTINF:1.92000,\nhi/e1/s${i}.mp4\n`;

test('at every length it is the whole text, plain and gzipped', async () => {
  const pieces: string[] = [];
  const text = new GrowingText({ head: HEAD, pieces });
  const tags = new Set<string | undefined>();
  for (let i = 0; i <= 200; i += 1) {
    const body = await text.get();
    expect(body.plain.toString()).toBe(HEAD + pieces.join(''));
    expect(gunzipSync(body.gzip()).toString()).toBe(HEAD + pieces.join(''));
    tags.add(body.etag);
    pieces.push(pieceOf(i));
  }
  expect(tags.size).toBe(201);
});

test('it is one gzip stream: readers that stop after the first have all of it', async () => {
  const pieces = Array.from({ length: 300 }, (_, i) => pieceOf(i));
  const gzip = (await new GrowingText({ head: HEAD, pieces }).get()).gzip();
  const coded = gzip.subarray(10, -8);
  const { buffer, engine } = inflateRawSync(coded, { info: true }) as unknown as {
    buffer: Buffer;
    engine: { bytesWritten: number };
  };
  expect(buffer.toString()).toBe(HEAD + pieces.join(''));
  expect(engine.bytesWritten).toBe(coded.byteLength);
});

test('what was compressed before is in it as it was, however much is added', async () => {
  const pieces = Array.from({ length: 640 }, (_, i) => pieceOf(i));
  const text = new GrowingText({ head: HEAD, pieces });
  const before = (await text.get()).gzip();
  pieces.push(...Array.from({ length: 640 }, (_, i) => pieceOf(640 + i)));
  const after = (await text.get()).gzip();
  // But for the end of the deflate stream (two bytes) and the tail of gzip.
  expect(after.subarray(0, before.byteLength - 10)).toEqual(before.subarray(0, -10));
  expect(after.byteLength).toBeLessThan(2.2 * before.byteLength);
});

test('many who ask at once are answered with one and the same body, and so are those who come before it changes', async () => {
  const pieces = [pieceOf(0)];
  const text = new GrowingText({ head: HEAD, pieces });
  const bodies = await Promise.all([text.get(), text.get(), text.get()]);
  bodies.push(await text.get());
  expect(new Set(bodies).size).toBe(1);
  expect(bodies[0]?.gzip()).toBe(bodies[1]?.gzip());
  const meanwhile = text.get();
  pieces.push(pieceOf(1));
  const [older, newer] = [await meanwhile, await text.get()];
  expect(older.plain.toString()).toBe(HEAD + pieceOf(0));
  expect(newer.plain.toString()).toBe(HEAD + pieces.join(''));
  expect(newer.etag).not.toBe(older.etag);
});

test('a text that has grown while it was compressed is what it was when it was asked for', async () => {
  const pieces = Array.from({ length: 100 }, (_, i) => pieceOf(i));
  const text = new GrowingText({ head: HEAD, pieces });
  const asked = text.get();
  pieces.push(...Array.from({ length: 100 }, (_, i) => pieceOf(100 + i)));
  const body = await asked;
  expect(gunzipSync(body.gzip()).toString()).toBe(HEAD + pieces.slice(0, 100).join(''));
  expect(gunzipSync((await text.get()).gzip()).toString()).toBe(HEAD + pieces.join(''));
});
