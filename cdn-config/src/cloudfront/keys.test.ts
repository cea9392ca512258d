import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keyFrom, keysToKeep } from './keys.ts';

const HOUR_MS = 3_600_000;
const keep = (current: string, ages: Record<string, number>, nowMs: number) =>
  keysToKeep(
    current,
    Object.entries(ages).map(([name, createdAtMs]) => ({ name, createdAtMs })),
    { nowMs, graceMs: 24 * HOUR_MS },
  );

test('a key that was followed by another one stays for as long as what it signed may be on its way', () => {
  const ages = { old: 0, current: 100 * HOUR_MS };
  expect(keep('current', ages, 101 * HOUR_MS)).toEqual(['old']);
  expect(keep('current', ages, 125 * HOUR_MS)).toEqual([]);
});

test('a key that nobody signs with yet stays until somebody does', () => {
  expect(keep('current', { current: 0, next: HOUR_MS }, 1000 * HOUR_MS)).toEqual(['next']);
  const two = { current: 0, next: HOUR_MS, afterThat: 2 * HOUR_MS };
  expect(keep('current', two, 1000 * HOUR_MS)).toEqual(['next', 'afterThat']);
});

test('one that is about to be made is the youngest', () => {
  expect(keep('new', { old: 0 }, 1000 * HOUR_MS)).toEqual(['old']);
  expect(keep('new', { older: 0, old: 10 * HOUR_MS }, 1000 * HOUR_MS)).toEqual(['old']);
});

test('a key is made once, and is its owner’s alone', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rostrum-cdn-keys-'));
  try {
    const file = join(folder, 'next.pem');
    const made = await keyFrom(file);
    expect(made.made).toBe(true);
    expect(made.publicKeyPem).toContain('BEGIN PUBLIC KEY');
    expect(await readFile(file, 'utf8')).toContain('PRIVATE KEY');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await keyFrom(file)).toEqual({ publicKeyPem: made.publicKeyPem, made: false });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
