/** Recordings as small as they can be, on disk and in a bucket. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PublishTarget } from '../../publish/target.ts';

const FILES = [
  'journal.jsonl',
  'published.jsonl',
  'multivariant.m3u8',
  'hi/e1/init.mp4',
  'hi/e1/s1.mp4',
  'lo/e1/s1.mp4',
];

/** Makes one on disk. */
export async function makeRecording(archiveDir: string, channelId: string): Promise<void> {
  for (const file of FILES) {
    const path = join(archiveDir, channelId, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${channelId} ${file}\n`);
  }
}

/** All files below a folder with what is in them. */
export async function contentsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = await Promise.all(
    files.sort().map(async (file) => [file.slice(folder.length + 1), await readFile(file, 'utf8')] as const),
  );
  return Object.fromEntries(contents);
}

const OBJECTS = (id: string): readonly string[] => [
  ...['init', 's1', 's2', 's3'].map((name) => `live/${id}/hi/e1/${name}.mp4`),
  `recordings/${id}/multivariant.m3u8`,
  `standard/${id}/hi.m3u8`,
];

/** Copies as a broadcaster makes them. */
export async function makeCopies(target: PublishTarget, channelId: string): Promise<void> {
  const { signal } = new AbortController();
  for (const name of OBJECTS(channelId)) {
    const headers = { contentType: 'video/mp4', cacheControl: 'no-cache' };
    await target.put({ name, bytes: Buffer.from(name), ...headers }, signal);
  }
}

export const copiesOf = (channelId: string): string[] => [...OBJECTS(channelId)].sort();
