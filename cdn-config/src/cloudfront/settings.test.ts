import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publicHalf, readCdnOptions } from './settings.ts';
import { settingsTable } from './settings-table.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-cdn-settings-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const least = { ROSTRUM_CDN_ORIGIN_HOST: 'live.example.org' };

test('one setting is enough', () => {
  expect(readCdnOptions(least)).toMatchObject({
    ...{ name: 'rostrum', originHost: 'live.example.org', originPort: 443 },
    ...{ bucket: undefined, domains: undefined, publicKeyPem: undefined, logs: undefined },
  });
});

test.each([
  [{}, 'ROSTRUM_CDN_ORIGIN_HOST'],
  [{ ...least, ROSTRUM_CDN_ORIGIN_HOST: 'localhost' }, 'a host name with a dot'],
  [{ ...least, ROSTRUM_CDN_ORIGIN_HOST: '192.0.2.1' }, 'a name, since CloudFront takes no address'],
  [{ ...least, ROSTRUM_CDN_ORIGIN_PORT: '80' }, '443, or 1024 to 65535'],
  [{ ...least, ROSTRUM_CDN_NAME: 'a b' }, 'ROSTRUM_CDN_NAME'],
  [{ ...least, ROSTRUM_CDN_DOMAINS: 'watch.example.org' }, 'ROSTRUM_CDN_CERTIFICATE_ARN is not set'],
  [{ ...least, ROSTRUM_CDN_CERTIFICATE_ARN: 'arn:aws:acm:eu-west-1:1:certificate/1' }, 'us-east-1'],
  [{ ...least, ROSTRUM_CDN_LOG_ROLE_ARN: 'arn:aws:iam::1:role/r' }, 'ROSTRUM_CDN_LOG_STREAM_ARN is not set'],
  [{ ...least, ROSTRUM_CDN_BUCKET: 'with.dots' }, 'without dots'],
  [{ ...least, ROSTRUM_CDN_BUCKET_PREFIX: 'shows' }, 'ROSTRUM_CDN_BUCKET is not set'],
  [{ ...least, ROSTRUM_CDN_BUCKET: 'one', ROSTRUM_CDN_BUCKET_PREFIX: 'a*' }, 'letters, digits'],
  [{ ...least, ROSTRUM_CDN_SECRET: 'x'.repeat(32) }, 'ROSTRUM_CDN_KEY is not set'],
  [{ ...least, ROSTRUM_CDN_SECRET: 'short' }, 'ROSTRUM_CDN_SECRET'],
  [{ ...least, ROSTRUM_CDN_KEY: '/nowhere.pem' }, 'the path of a PEM file'],
])('%j is refused, and it is said what would do', (env, message) => {
  expect(() => readCdnOptions(env)).toThrow(message);
});

test('of a private key nothing but its public half is used', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const file = join(folder, 'key.pem');
  await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  const { publicKeyPem } = readCdnOptions({ ...least, ROSTRUM_CDN_KEY: file });
  expect(publicKeyPem).toBe(publicKey.export({ type: 'spki', format: 'pem' }));
  expect(publicHalf(publicKeyPem ?? '')).toBe(publicKeyPem);
});

test.each([
  ['no PEM at all', 'hello', 'no key in PEM'],
  [
    'a key that CloudFront does not take',
    generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    'RSA of 2048 bits',
  ],
])('%s is refused', async (_, text, message) => {
  const file = join(folder, 'wrong.pem');
  await writeFile(file, text);
  expect(() => readCdnOptions({ ...least, ROSTRUM_CDN_KEY: file })).toThrow(message);
});

test('docs/cdn.md lists the settings as they are', async () => {
  const docs = await readFile(new URL('../../../docs/cdn.md', import.meta.url), 'utf8');
  expect(docs).toContain(settingsTable());
});
