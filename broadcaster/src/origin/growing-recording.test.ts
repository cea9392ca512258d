/** [P10] The recording plays while the channel is live, and its end changes the playlists' type and nothing else. */
import { gunzipSync } from 'node:zlib';
import { MULTIVARIANT_NAME } from '../packager/index.ts';
import { strictParse } from '../packager/testing/strict-parse.ts';
import { LADDER, ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';
import { House } from './testing/house.ts';

let house: House;
beforeEach(async () => {
  house = await House.open();
});
afterEach(() => house.close());

const SEGMENT = 48;
const pathOf = (name: string): string => `/recordings/show/${name}`;

/** All that is closed is in it, as soon as it is on disk. */
async function grown(slot: number): Promise<Map<string, string>> {
  house.feedTo(slot);
  await house.archived();
  const texts = new Map<string, string>();
  for (const { name } of LADDER) texts.set(name, await house.text(pathOf(`${name}.m3u8`)));
  return texts;
}

test('before the first segment there is nothing; from then on all that is on disk, and each playlist is added to', async () => {
  for (const name of [MULTIVARIANT_NAME, 'hi.m3u8']) {
    const answer = await house.get(pathOf(name));
    expect([answer.status, answer.headers['cache-control']]).toEqual([404, 'public, max-age=1']);
  }
  let before = await grown(SEGMENT);
  expect(await house.text(pathOf(MULTIVARIANT_NAME))).toContain('\nhi.m3u8\n');
  for (let count = 2; count <= 5; count += 1) {
    if (count === 4) house.restartCompositor(ZERO_UNIX_MS + 20_000);
    const texts = await grown(count < 4 ? count * SEGMENT : (count - 3) * SEGMENT);
    for (const [name, text] of texts) {
      expect(text.startsWith(before.get(name) ?? '-')).toBe(true);
      const { segments, playlistType, endlist, targetDuration } = strictParse(text);
      expect([segments.length, playlistType, endlist, targetDuration]).toEqual([count, 'EVENT', false, 2]);
      for (const { uri } of segments) {
        const { pathname } = new URL(uri, `http://any${pathOf(name)}`);
        expect(pathname).toMatch(/^\/live\/show\/(hi|lo|audio)\/e[12]\/s\d+\.mp4$/);
        expect((await house.get(pathname)).status).toBe(200);
      }
    }
    before = texts;
  }
  // What is open shows up when it closes: at the latest at the end.
  house.feedTo(3 * SEGMENT - 10);
  await house.output.end();
  for (const [name, text] of before) {
    const ended = await house.text(pathOf(`${name}.m3u8`));
    expect(ended.startsWith(text.replace(':EVENT\n', ':VOD\n'))).toBe(true);
    expect(ended.endsWith('\n#EXT-X-ENDLIST\n')).toBe(true);
    expect(strictParse(ended).segments.length).toBe(6);
  }
});

test('any player may read it, and an edge sees its end within a second', async () => {
  await grown(3 * SEGMENT);
  for (const name of [MULTIVARIANT_NAME, 'hi.m3u8']) {
    const { status, headers, body } = await house.get(pathOf(name), {
      headers: { 'accept-encoding': 'gzip' },
    });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/vnd.apple.mpegurl',
      'access-control-allow-origin': '*',
      'cache-control': 'public, max-age=1',
      'content-encoding': 'gzip',
    });
    expect(gunzipSync(body).toString()).toBe(await house.text(pathOf(name)));
    const same = await house.get(pathOf(name), { headers: { 'if-none-match': headers.etag } });
    expect([same.status, same.body.byteLength]).toEqual([304, 0]);
    const head = await house.get(pathOf(name), { method: 'HEAD' });
    expect([head.status, head.body.byteLength]).toEqual([200, 0]);
  }
  const { etag } = (await house.get(pathOf('hi.m3u8'))).headers;
  await grown(4 * SEGMENT);
  const newer = await house.get(pathOf('hi.m3u8'), { headers: { 'if-none-match': etag } });
  expect(newer.status).toBe(200);
  await house.output.end();
  const ended = await house.get(pathOf('hi.m3u8'), { headers: { 'if-none-match': newer.headers.etag } });
  expect([ended.status, ended.headers['cache-control']]).toEqual([200, 'public, max-age=10']);
});

test('a rendition that nobody has, and directives, are as for a recording that ended', async () => {
  await grown(2 * SEGMENT);
  expect((await house.get(pathOf('other.m3u8'))).status).toBe(404);
  const asked = await house.get(pathOf('hi.m3u8?_HLS_msn=99&_HLS_part=0'));
  expect([asked.status, asked.body.toString()]).toEqual([200, await house.text(pathOf('hi.m3u8'))]);
});
