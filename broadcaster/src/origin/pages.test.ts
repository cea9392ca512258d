import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { House } from './testing/house.ts';

let folder: string;
let house: House;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-page-'));
  await mkdir(join(folder, 'assets', 'fonts'), { recursive: true });
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>watch</title>');
  await writeFile(join(folder, 'assets', 'main-3f9c.js'), 'export const answer = 42;'.repeat(50));
  await writeFile(join(folder, 'assets', 'fonts', 'text-77aa.woff2'), 'font');
  await writeFile(join(folder, 'assets', 'secret.txt'), 'no type of ours');
  await writeFile(join(folder, 'assets', '.hidden.js'), 'hidden');
  house = await House.open({ watchPageDir: folder });
});
afterAll(async () => {
  await house.close();
  await rm(folder, { recursive: true });
});

test('a webinar has its page, under a policy that lets it talk to origin and coordinator alone', async () => {
  for (const path of ['/w/spring-2026', '/w/spring-2026/']) {
    const { status, headers, body } = await house.get(path);
    expect(status).toBe(200);
    expect(body.toString()).toContain('<title>watch</title>');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['cache-control']).toBe('no-cache');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain(
      "connect-src 'self' https://console.example.org:8443 wss://console.example.org:8443;",
    );
    expect(policy).toContain("img-src 'self' data:; ");
    expect(policy).toMatch(/media-src 'self' blob:; worker-src 'self' blob:/);
    expect(policy).not.toMatch(/unsafe|\*/);
  }
});

test('the page finds its coordinator', async () => {
  const { status, headers, body } = await house.get('/w/spring-2026/config.json');
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('application/json');
  expect(JSON.parse(body.toString())).toEqual({ coordinatorUrl: 'https://console.example.org:8443/base' });
});

test('assets have hashed names: they may be kept for ever, and are gzipped', async () => {
  const { status, headers, body } = await house.get('/assets/main-3f9c.js', {
    headers: { 'accept-encoding': 'br, gzip' },
  });
  expect(status).toBe(200);
  expect(headers['content-type']).toBe('text/javascript; charset=utf-8');
  expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
  expect(gunzipSync(body).toString()).toBe('export const answer = 42;'.repeat(50));
  expect((await house.get('/assets/fonts/text-77aa.woff2')).headers['content-type']).toBe('font/woff2');
});

test.each([
  '/assets/none.js',
  '/assets/secret.txt',
  '/assets/.hidden.js',
  '/assets/fonts',
  '/assets/../index.html',
  '/assets/..%2findex.html',
  '/assets/fonts/../../index.html',
  '/assets//main-3f9c.js',
  '/w/',
  '/w/a.b',
  '/index.html',
])('%s is not found', async (path) => {
  expect((await house.get(path)).status).toBe(404);
});
