import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { mediaKeyRing, mediaKeySettings, mediaKeySource, refuseBoth } from './media-keys.ts';
import { type Environment, parseSettings } from './settings.ts';

const OLD = `old:${'o'.repeat(32)}`;
const NEW = `new:${'n'.repeat(32)}`;
let folder: string;
let file: string;
let lines: string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-keys-'));
  file = join(folder, 'keys');
  lines = [];
  await writeFile(file, `${OLD}\n`);
});
afterEach(() => rm(folder, { recursive: true }));

const schema = z.object(mediaKeySettings).superRefine(refuseBoth);
const read = (env: Environment) => parseSettings(schema, env, { secrets: ['ROSTRUM_MEDIA_KEYS'] });
const say = (level: string) => (_: object, message: string) => void lines.push(`${level} ${message}`);
const ring = (env: Environment = { ROSTRUM_MEDIA_KEYS_FILE: file }) =>
  mediaKeyRing(mediaKeySource(read(env)), { info: say('info'), warn: say('warn'), error: say('error') });
const idsOf = ({ keys }: ReturnType<typeof ring>): string[] => keys.map(({ keyId }) => keyId);

test('keys of a file are those that are in it when one looks, however it was changed', async () => {
  const keys = ring();
  expect(idsOf(keys)).toEqual(['old']);
  await writeFile(join(folder, 'next'), `${NEW},${OLD}\n`);
  await rename(join(folder, 'next'), file);
  await keys.look(60_000);
  expect(idsOf(keys)).toEqual(['old']); // looked at a moment ago
  await Promise.all([keys.look(0), keys.look(0)]);
  expect(idsOf(keys)).toEqual(['new', 'old']);
  await writeFile(file, NEW);
  await keys.look(0);
  expect(idsOf(keys)).toEqual(['new']);
  expect(lines).toEqual(Array(2).fill('info keys of rights were read anew'));
});

test('a file that is gone or holds no keys changes nothing, and that is said once, without what is in it', async () => {
  const keys = ring();
  await writeFile(file, 'new:short-secret');
  for (let i = 0; i < 3; i += 1) await keys.look(0);
  await rm(file);
  await keys.look(0);
  expect(idsOf(keys)).toEqual(['old']);
  expect(lines).toEqual([
    expect.stringMatching(/^error ROSTRUM_MEDIA_KEYS_FILE has to be .* stay as they were$/),
  ]);
  expect(lines.join()).not.toContain('short-secret');
  await writeFile(file, NEW);
  await keys.look(0);
  expect(idsOf(keys)).toEqual(['new']);
});

test('keys of a setting stay; without either there are none', async () => {
  const keys = ring({ ROSTRUM_MEDIA_KEYS: OLD });
  await keys.look(0);
  expect(idsOf(keys)).toEqual(['old']);
  expect(ring({}).keys).toEqual([]);
});

test('both, a file that is not there and one without keys are refused', async () => {
  expect(() => read({ ROSTRUM_MEDIA_KEYS: OLD, ROSTRUM_MEDIA_KEYS_FILE: file })).toThrow('give one of them');
  expect(() => read({ ROSTRUM_MEDIA_KEYS_FILE: join(folder, 'none') })).toThrow('a file that can be read');
  await writeFile(file, 'no keys');
  expect(() => read({ ROSTRUM_MEDIA_KEYS_FILE: file })).toThrow('up to four ID:SECRET');
});
