/** Which keys that sign stay valid, and how a new one is made. */
import { generateKeyPair } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { publicHalf } from './settings.ts';

export interface KeyAge {
  readonly name: string;
  readonly createdAtMs: number;
}

/**
 * The keys to keep beside the one that signs: those that came after it, which `rotate-keys` made and nobody signs with yet, and
 * those that were followed by another one less than the grace ago, since what they signed is still on its way.
 */
export function keysToKeep(
  current: string,
  present: readonly KeyAge[],
  { nowMs, graceMs }: { readonly nowMs: number; readonly graceMs: number },
): readonly string[] {
  const byAge = [...present].sort((a, b) => a.createdAtMs - b.createdAtMs);
  const place = byAge.findIndex(({ name }) => name === current);
  return byAge.flatMap(({ name }, index) => {
    if (index === place) return [];
    if (place !== -1 && index > place) return [name];
    // The youngest is followed by the current one, which is about to be made.
    const followedAtMs = byAge[index + 1]?.createdAtMs ?? nowMs;
    return nowMs - followedAtMs < graceMs ? [name] : [];
  });
}

/** The public half of the key in a file. Where there is none a pair is made, readable by its owner alone. */
export async function keyFrom(
  file: string,
): Promise<{ readonly publicKeyPem: string; readonly made: boolean }> {
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (kept !== undefined) return { publicKeyPem: publicHalf(kept), made: false };
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await writeFile(file, pem, { mode: 0o600, flag: 'wx' });
  return { publicKeyPem: publicHalf(pem), made: true };
}
