import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordingAbout } from '@rostrum/contracts/recording';
import { House } from './testing/house.ts';

const BASE = 'https://live.example';
const about: RecordingAbout = {
  title: 'Spring & <Summer>',
  startsUnixMs: Date.UTC(2026, 0, 1),
  durationMs: 60_000,
  live: false,
  chapters: [],
  poster: 'poster.jpg',
  downloads: [],
  captions: [],
};
const PRIVATE = 'private-spring';

let folder: string;
let house: House;

async function tell(webinarId: string, told: unknown): Promise<void> {
  const place = join(house.archiveDir, webinarId);
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'multivariant.m3u8'), '#EXTM3U\n');
  await writeFile(join(place, 'about.json'), typeof told === 'string' ? told : JSON.stringify(told));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-embeds-'));
  await writeFile(
    join(folder, 'index.html'),
    '<!doctype html><html><head><title>Rostrum</title></head><body></body></html>',
  );
  house = await House.open({
    watchPageDir: folder,
    publicUrl: BASE,
    embedAncestors: ['https://blog.example', 'https://*.school.example'],
  });
  await tell('spring', about);
  await tell(PRIVATE, about);
  await tell('broken', '{"title":');
  await tell('odd', { title: 7, poster: 'x' });
  await writeFile(join(house.archiveDir, 'spring', 'poster.jpg'), 'a picture');
  await writeFile(join(house.archiveDir, 'spring', 'en.vtt'), 'WEBVTT\n');
});
afterAll(async () => {
  await house.close();
  await rm(folder, { recursive: true });
});

const policyOf = async (path: string): Promise<string> =>
  String((await house.get(path)).headers['content-security-policy']);

test('what is told of a recording, its poster and its captions lie beside its playlists', async () => {
  const told = await house.get('/recordings/spring/about.json');
  expect(told.status).toBe(200);
  expect(told.headers).toMatchObject({
    'content-type': 'application/json',
    'access-control-allow-origin': '*',
    'cache-control': 'public, max-age=10',
  });
  expect(JSON.parse(told.body.toString())).toEqual(about);
  const poster = await house.get('/recordings/spring/poster.jpg');
  expect([poster.headers['content-type'], poster.body.toString()]).toEqual(['image/jpeg', 'a picture']);
  expect((await house.get('/recordings/spring/en.vtt')).headers['content-type']).toMatch(/^text\/vtt/);
});

test.each([
  '/recordings/none/about.json',
  '/recordings/spring/about.txt',
  '/recordings/spring/x/../about.json',
  '/recordings/spring/poster.png',
  `/recordings/${PRIVATE}/about.json`,
])('%s is not found', async (path) => {
  expect((await house.get(path)).status).toBe(404);
});

test('of a private recording nothing is told without a right', async () => {
  expect((await house.get(`/private/recordings/${PRIVATE}/about.json`)).status).toBe(403);
  for (const path of [`/w/${PRIVATE}`, `/w/${PRIVATE}/embed`]) {
    expect(await house.text(path)).not.toContain('Spring');
  }
  expect((await house.get(`/w/${PRIVATE}/oembed.json`)).status).toBe(404);
  expect((await house.get(`/oembed?url=${encodeURIComponent(`${BASE}/w/${PRIVATE}`)}`)).status).toBe(404);
});

test('an open webinar’s page says its title, and says it anew when that changes', async () => {
  const page = await house.get('/w/spring');
  expect(page.body.toString()).toContain('<title>Spring &amp; &lt;Summer&gt; · Rostrum</title>');
  expect(page.body.toString()).toContain('content="https://live.example/recordings/spring/poster.jpg"');
  const again = await house.get('/w/spring', { headers: { 'if-none-match': page.headers.etag } });
  expect(again.status).toBe(304);
  expect(await house.text('/w/nobody-told')).toContain('<title>Rostrum</title>');
});

test('what is told in another form than agreed is not said', async () => {
  for (const id of ['broken', 'odd']) {
    expect(await house.text(`/w/${id}`)).toContain('<title>Rostrum</title>');
    expect((await house.get(`/w/${id}/oembed.json`)).status).toBe(404);
  }
});

test('other sites may show the page that is made for it, and no other, and nothing private', async () => {
  expect(await policyOf('/w/spring/embed')).toMatch(
    /; frame-ancestors 'self' https:\/\/blog\.example https:\/\/\*\.school\.example$/,
  );
  for (const path of ['/w/spring', '/w/spring/', `/w/${PRIVATE}/embed`, '/w/spring/config.json']) {
    expect(await policyOf(path)).toMatch(/; frame-ancestors 'self'$/);
  }
});

test('oEmbed answers for the address of a page, and by one of its own without a query', async () => {
  const byUrl = await house.get(
    `/oembed?format=json&maxwidth=320&url=${encodeURIComponent(`${BASE}/w/spring?t=5s`)}`,
  );
  expect(byUrl.status).toBe(200);
  expect(byUrl.headers).toMatchObject({
    'content-type': 'application/json',
    'access-control-allow-origin': '*',
  });
  expect(JSON.parse(byUrl.body.toString())).toMatchObject({ type: 'video', title: about.title, width: 320 });
  const own = JSON.parse(await house.text('/w/spring/oembed.json')) as { html: string };
  expect(own.html).toContain('src="https://live.example/w/spring/embed"');
  for (const url of ['', 'https://evil.example/w/spring', `${BASE}/w/none`, `${BASE}/recordings/spring`]) {
    expect((await house.get(`/oembed?url=${encodeURIComponent(url)}`)).status).toBe(404);
  }
  expect((await house.get('/w/spring/oembed.json?format=xml')).status).toBe(501);
});
