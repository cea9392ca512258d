import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettings, SettingsSchema } from './settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'rostrum-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const good = {
  ROSTRUM_COORDINATOR_URL: 'http://localhost:3000',
  ROSTRUM_NODE_TOKEN: 'a token of the test',
  ROSTRUM_DATA_DIR: folder,
};

test('what has a sensible default has one', () => {
  expect(readSettings(good)).toMatchObject({
    originHost: '127.0.0.1',
    originPort: 8080,
    mediaIp: '127.0.0.1',
    maxChannels: null,
    archiveDir: join(folder, 'channels'),
    tls: undefined,
  });
  expect(readSettings({ ...good, ROSTRUM_ORIGIN_PUBLIC_URL: 'https://live.example/' }).originPublicUrl).toBe(
    'https://live.example',
  );
});

test('a setting that cannot be is named with its value and what would do, and the token is not shown', () => {
  const refused = (changes: Record<string, string>): string => {
    try {
      readSettings({ ...good, ...changes });
    } catch (error) {
      return String(error);
    }
    return 'taken';
  };
  expect(refused({ ROSTRUM_ORIGIN_PORT: '99999' })).toContain(
    'ROSTRUM_ORIGIN_PORT is "99999": at most 65535',
  );
  expect(refused({ ROSTRUM_COORDINATOR_URL: 'localhost' })).toContain('an http(s) URL');
  expect(refused({ ROSTRUM_NODE_TOKEN: 'short-secret' })).not.toContain('short-secret');
  expect(refused({ ROSTRUM_TLS_CERT: join(folder, 'none.pem') })).toContain('a PEM file that can be read');
  expect(refused({ ROSTRUM_MEDIA_IP: '0.0.0.0' })).toContain('the one address of this machine');
  expect(refused({ ROSTRUM_DATA_DIR: join(import.meta.filename, 'below') })).toContain(
    'a folder that can be written',
  );
});

test('when a disk is full is a setting, and nothing is deleted without the word of its operator', () => {
  expect(readSettings(good)).toMatchObject({
    diskThresholds: { low: 0.9, full: 0.98, hysteresis: 0.02 },
    removeOldestRecordings: false,
  });
  expect(readSettings({ ...good, ROSTRUM_DELETE_OLDEST_RECORDINGS: '1' }).removeOldestRecordings).toBe(true);
  expect(() => readSettings({ ...good, ROSTRUM_DISK_LOW_PERCENT: '99' })).toThrow(
    'less than ROSTRUM_DISK_FULL_PERCENT',
  );
  expect(() => readSettings({ ...good, ROSTRUM_DELETE_OLDEST_RECORDINGS: 'yes' })).toThrow('0 or 1');
});

test('a certificate without its key is refused', () => {
  expect(() => readSettings({ ...good, ROSTRUM_TLS_CERT: import.meta.filename })).toThrow("its key's file");
});

test('recordings are copied to a bucket where one is named, and to none by half a setting', () => {
  expect(readSettings(good).s3).toBeUndefined();
  expect(
    readSettings({
      ...good,
      ROSTRUM_S3_BUCKET: 'our-shows',
      ROSTRUM_S3_PREFIX: '/2026/spring',
      ROSTRUM_S3_ENDPOINT: 'https://s3.example/',
      ROSTRUM_S3_PATH_STYLE: '1',
    }).s3,
  ).toEqual({
    bucket: 'our-shows',
    prefix: '2026/spring/',
    region: undefined,
    endpoint: 'https://s3.example',
    pathStyle: true,
  });
  expect(() => readSettings({ ...good, ROSTRUM_S3_ENDPOINT: 'https://s3.example' })).toThrow(
    'ROSTRUM_S3_ENDPOINT is set; name the bucket too',
  );
  expect(() => readSettings({ ...good, ROSTRUM_S3_BUCKET: 's3://ours' })).toThrow('the name of a bucket');
});

test('every setting of the bucket is in the page about it', () => {
  const page = readFileSync(`${import.meta.dirname}/../../docs/storage.md`, 'utf8');
  const names = Object.keys(SettingsSchema.shape).filter((name) => name.startsWith('ROSTRUM_S3_'));
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  const told = new Set(page.match(/ROSTRUM_S3_[A-Z_]+/g));
  expect([...told].filter((name) => !names.includes(name))).toEqual([]);
});

test('caches that are told of deleted recordings are settings, and edges need a secret', () => {
  expect(readSettings(good).caches).toEqual({ edges: undefined, cdnDistribution: undefined });
  const edges = {
    ...good,
    ROSTRUM_EDGE_CONTROL_URLS: 'http://10.0.0.1:6090/, http://10.0.0.2:6090',
    ROSTRUM_EDGE_CONTROL_SECRET: 'sixteen-letters-or-more',
    ROSTRUM_CDN_DISTRIBUTION: 'E2QWRUHAPOMQZL',
  };
  expect(readSettings(edges).caches).toEqual({
    edges: { urls: ['http://10.0.0.1:6090', 'http://10.0.0.2:6090'], secret: 'sixteen-letters-or-more' },
    cdnDistribution: 'E2QWRUHAPOMQZL',
  });
  const { ROSTRUM_EDGE_CONTROL_SECRET: _, ...without } = edges;
  expect(() => readSettings(without)).toThrow('give the edges’ secret too');
  expect(() => readSettings({ ...good, ROSTRUM_CDN_DISTRIBUTION: 'd1.cloudfront.net' })).toThrow(
    'the id of a distribution',
  );
});

test('sites that may show webinars are named one by one, or all of them', () => {
  expect(readSettings(good).embedAncestors).toEqual([]);
  const of = (sites: string): readonly string[] =>
    readSettings({ ...good, ROSTRUM_EMBED_ANCESTORS: sites }).embedAncestors;
  expect(of(' https://example.org  https://*.example.org:8443')).toEqual([
    'https://example.org',
    'https://*.example.org:8443',
  ]);
  expect(of('*')).toEqual(['*']);
  for (const wrong of [
    'example.org',
    "'none'",
    'https://a.example; script-src *',
    'https://a.example/path',
  ]) {
    expect(() => of(wrong)).toThrow(/ROSTRUM_EMBED_ANCESTORS/);
  }
});
