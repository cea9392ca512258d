import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readiness, type ReadinessOptions } from './readiness.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'readiness-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

let nowMs = 0;
const clock = { nowMs: () => nowMs, nowUnixMs: () => 1_800_000_000_000 + nowMs };
const readinessWith = (options: Partial<ReadinessOptions>): Readiness =>
  new Readiness({
    clock,
    publicUrl: () => 'http://127.0.0.1:9',
    originUrl: () => null,
    nodes: () => ({ sfuNodes: 0, broadcasterNodes: 0 }),
    dataDir: folder,
    cookieDomain: null,
    turnUrls: [],
    smtp: null,
    ...options,
  });

test('says what carries a show, and that nobody outside reaches an installation as it is brought', async () => {
  const { findings } = await readinessWith({ nodes: () => ({ sfuNodes: 1, broadcasterNodes: 0 }) }).look();
  expect(findings).toEqual(
    expect.arrayContaining([
      { about: 'node', of: 'stage', is: 'good' },
      { about: 'node', of: 'broadcaster', is: 'none' },
      expect.objectContaining({ about: 'name', of: 'console', is: 'local' }),
      expect.objectContaining({ about: 'certificate', of: 'console', is: 'none' }),
      expect.objectContaining({ about: 'mail', is: 'folder' }),
    ]),
  );
  expect(findings.some(({ about }) => about === 'cookies')).toBe(false);
});

test('looks at the media’s name and cookie where a broadcaster is there, and once at a name that both have', async () => {
  const apart = await readinessWith({ originUrl: () => 'http://127.0.0.2:9' }).look();
  expect(apart.findings).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ about: 'name', of: 'media' }),
      expect.objectContaining({ about: 'cookies', is: 'apart' }),
    ]),
  );
  const one = await readinessWith({ originUrl: () => 'http://127.0.0.1:9' }).look();
  expect(one.findings.filter(({ about }) => about === 'name')).toHaveLength(1);
});

test('looks once for all who ask within some seconds, and anew after that, or after it failed', async () => {
  let asked = 0;
  const verify = async (): Promise<boolean> => {
    asked += 1;
    return true;
  };
  let url = 'no address';
  const readiness = readinessWith({ smtp: { host: 'mail.example.org', verify }, publicUrl: () => url });
  await expect(readiness.look()).rejects.toThrow('Invalid URL');
  url = 'http://127.0.0.1:9';
  const [one, other] = await Promise.all([readiness.look(), readiness.look()]);
  expect(other).toBe(one);
  expect(asked).toBe(1);
  nowMs += 16_000;
  expect((await readiness.look()).lookedUnixMs).toBe(one.lookedUnixMs + 16_000);
  expect(asked).toBe(2);
});
