/** The walk against servers that do it wrong: each is seen through. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { walkChannel } from './channel.ts';
import { madePlaylist } from './testing-playlist.ts';

const MULTIVARIANT = `#EXTM3U
#EXT-X-STREAM-INF:BANDWIDTH=2000000,RESOLUTION=1280x720
720p.m3u8
`;

let server: Server | null = null;
afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ? server.close(resolve) : resolve(null)));
});

async function verdicts(listener: RequestListener, seconds: number) {
  server = createServer(listener);
  const { port } = await new Promise<AddressInfo>((resolve) => {
    server?.listen(0, '127.0.0.1', () => resolve(server?.address() as AddressInfo));
  });
  const records = await walkChannel({
    url: `http://127.0.0.1:${port}/multivariant.m3u8`,
    seconds,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  return {
    broken: records.filter((record) => record.verdict === 'broken').map((record) => record.id),
    evidence: records.flatMap((record) => record.evidence).join('\n'),
  };
}

test('a server of plain files that never holds a request is seen through', async () => {
  const startMs = performance.now();
  const { broken, evidence } = await verdicts((request, response) => {
    const parts = Math.floor((performance.now() - startMs) / 320) + 1;
    const open = 16 + Math.floor((parts - 1) / 6);
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    if (pathname === '/multivariant.m3u8') response.end(MULTIVARIANT);
    else if (pathname.endsWith('.m3u8')) {
      response.end(madePlaylist({ from: open - 6, open, parts: ((parts - 1) % 6) + 1 }));
    } else response.end('anything');
  }, 6);
  // No blocking, no refusals, no 404, no gzip, no lifetimes, no CORS; nor sound alone, nor what the bytes have to be.
  expect(broken).toEqual(
    expect.arrayContaining(['LL3', 'LL10', 'LL11', 'LL12', 'LL14', 'LL17', 'LL19', 'LL20', 'LL22']),
  );
  expect(evidence).toContain('answered without part');
  expect(evidence).toMatch(/_HLS_msn=x: 200/);
});

test('[LL9] a server that goes on holding requests after the end is seen through', async () => {
  const ended = madePlaylist({ from: 10, open: 16, parts: 2, ended: true });
  const { broken } = await verdicts((request, response) => {
    const to = new URL(request.url ?? '/', 'http://x');
    response.setHeader('content-encoding', 'gzip');
    const answer = (): void => {
      response.end(gzipSync(to.pathname === '/multivariant.m3u8' ? MULTIVARIANT : ended));
    };
    if (to.searchParams.has('_HLS_msn')) setTimeout(answer, 1200);
    else answer();
  }, 10);
  expect(broken).toContain('LL9');
});

test('what cannot be reached, and what is no playlist, is told and not judged', async () => {
  const walk = (url: string) =>
    walkChannel({ url, seconds: 2, signal: new AbortController().signal, progress: () => undefined });
  await expect(walk('http://127.0.0.1:1/multivariant.m3u8')).rejects.toMatchObject({ code: 'unreachable' });
  await expect(verdicts((_request, response) => response.end('<html>'), 2)).rejects.toMatchObject({
    code: 'playlist-syntax',
  });
});
