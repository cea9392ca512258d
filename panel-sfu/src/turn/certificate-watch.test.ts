import { copyFile, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate } from '@rostrum/service-kit/testing/certificate';
import { type CertificateFiles, watchCertificate } from './certificate-watch.ts';

let folder: string;
let files: CertificateFiles;
let renewed: CertificateFiles;
let stop = (): void => undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-certificate-'));
  renewed = await makeCertificate(folder, 'renewed');
  files = { certFile: join(folder, 'live.pem'), keyFile: join(folder, 'live.key') };
});
afterEach(async () => {
  stop();
  await rm(folder, { recursive: true, force: true });
});

const put = async ({ certFile, keyFile }: CertificateFiles): Promise<void> => {
  await copyFile(certFile, files.certFile);
  await copyFile(keyFile, files.keyFile);
};

/** Looks every 5 ms; each of `calls` resolves at one renewal. */
function watch(): { calls: Promise<void>; count: () => number } {
  const { promise, resolve } = Promise.withResolvers<void>();
  let count = 0;
  stop = watchCertificate(files, 5, () => {
    count += 1;
    resolve();
  });
  return { calls: promise, count: () => count };
}

const aFewLooks = (): Promise<void> => new Promise((wake) => setTimeout(wake, 60));

test('a certificate written over with its key is seen, once', async () => {
  const first = await mkdtemp(join(folder, 'first-'));
  await put(await makeCertificate(first, 'first'));
  const seen = watch();
  await aFewLooks();
  expect(seen.count()).toBe(0);
  await put(renewed);
  await seen.calls;
  await aFewLooks();
  expect(seen.count()).toBe(1);
});

test('in the middle of a renewal, with the key of another, it is not read', async () => {
  const first = await mkdtemp(join(folder, 'first-'));
  await put(await makeCertificate(first, 'first'));
  const seen = watch();
  await aFewLooks();
  await writeFile(files.certFile, (await readFile(renewed.certFile)).subarray(0, 100));
  await aFewLooks();
  await copyFile(renewed.certFile, files.certFile);
  await aFewLooks();
  expect(seen.count()).toBe(0);
  await copyFile(renewed.keyFile, files.keyFile);
  await seen.calls;
});

test('files that are moved in place are seen, and the same ones written again are nothing new', async () => {
  const first = await mkdtemp(join(folder, 'first-'));
  const original = await makeCertificate(first, 'first');
  await put(original);
  const seen = watch();
  await aFewLooks();
  await put(original);
  await aFewLooks();
  expect(seen.count()).toBe(0);
  await rename(renewed.keyFile, files.keyFile);
  await rename(renewed.certFile, files.certFile);
  await seen.calls;
});
