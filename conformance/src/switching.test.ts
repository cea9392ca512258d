import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Ledger } from './ledger.ts';
import { readMediaPlaylist } from './media-playlist.ts';
import { changeRendition } from './switching.ts';
import { madePlaylist } from './testing-playlist.ts';

let server: Server;
/** What the other rendition answers. */
let answer = { status: 200, text: '' };
let base = '';

beforeAll(async () => {
  server = createServer((_request, response) => response.writeHead(answer.status).end(answer.text));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

async function verdict(there: typeof answer) {
  answer = there;
  const ledger = new Ledger();
  const text = madePlaylist({ from: 10, open: 16, parts: 2 }).replace(
    /#EXT-X-RENDITION-REPORT.*/,
    '#EXT-X-RENDITION-REPORT:URI="other.m3u8",LAST-MSN=16,LAST-PART=1',
  );
  await changeRendition({
    url: `${base}/this.m3u8`,
    playlist: readMediaPlaylist(text),
    to: `${base}/other.m3u8`,
    ledger,
    signal: new AbortController().signal,
  });
  const [record] = ledger.records(['LL7']);
  return record?.verdict;
}

test.each([
  [
    'held',
    'what is reported is there',
    { status: 200, text: madePlaylist({ from: 10, open: 16, parts: 2 }) },
  ],
  ['broken', 'the part is not listed', { status: 200, text: madePlaylist({ from: 10, open: 16, parts: 1 }) }],
  [
    'broken',
    'the segment is not listed',
    { status: 200, text: madePlaylist({ from: 9, open: 15, parts: 1 }) },
  ],
  ['broken', 'it is refused', { status: 400, text: '' }],
  [
    'held',
    'the stream has ended',
    { status: 200, text: madePlaylist({ from: 10, open: 16, parts: 1, ended: true }) },
  ],
])('[LL7] a change of rendition: %s when %s', async (expected, _when, there) => {
  expect(await verdict(there)).toBe(expected);
});
