/** An ended channel with isolated tracks of Ada, who came back after her no, and of Bob. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NO_SHAPE, type TracksErasure } from '@rostrum/contracts/recording';
import { nodeDisk } from '../../archive/disk.ts';
import { formatEntry, JOURNAL_NAME } from '../../archive/journal.ts';
import { writeShape } from '../../archive/shape.ts';
import { camera, microphone, sourceOf } from './packets.ts';
import { BEGAN_UNIX_MS, record } from './record.ts';

/** Ada takes her consent back; what she is heard with from a minute later on, she agreed to. */
export const NO_UNIX_MS = BEGAN_UNIX_MS + 45_000;
export const WISH: TracksErasure = { personId: 'ada-1', beforeUnixMs: NO_UNIX_MS };
/** Of her, from before it. */
export const GOING = ['ada-1-camera/1.webm', 'ada-1-camera/take-2.ffconcat', 'ada-1-mic/1.webm'].concat([
  'ada-1-mic/2.webm',
  'ada-1-mic/take-1.ffconcat',
]);
/** Of her, from after she agreed again. */
export const AGAIN = ['ada-1-mic/3.webm', 'ada-1-mic/take-3.ffconcat'];
export const OF_BOB = ['bob-1-mic/1.webm', 'bob-1-mic/2.webm', 'bob-1-mic/take-4.ffconcat'];

/** Records them into a folder, which is made. */
export async function recordTwo(folder: string): Promise<void> {
  await mkdir(folder);
  const long = await microphone([{ channels: 1, ms: 45_000 }]);
  const short = await microphone([{ channels: 1, ms: 3000 }]);
  const pictures = await camera('VP8', 25, [{ width: 160, height: 90, frames: 25 }], 25);
  await record(sourceOf('OPUS'), long, { folder });
  await record(sourceOf('VP8'), pictures, { folder });
  await record(sourceOf('OPUS'), short, { folder, beganUnixMs: NO_UNIX_MS + 60_000 });
  await record(sourceOf('OPUS', { personId: 'bob-1', sourceId: 'source-2' }), long, { folder });
}

/** The channel's own journal with its tracks, and its end or none. */
export async function noteChannel(folder: string, { ended = true } = {}): Promise<void> {
  const files = Object.keys(await tracksIn(folder)).filter((name) => !name.includes('.jsonl'));
  const lines = [
    ...files.map((name) => formatEntry({ type: 'track', file: `tracks/${name}` })),
    ...(ended ? [formatEntry({ type: 'end', endedUnixMs: NO_UNIX_MS + 120_000 })] : []),
  ];
  await writeFile(join(folder, JOURNAL_NAME), lines.join(''));
}

export const wish = (folder: string, ...erase: TracksErasure[]): Promise<void> =>
  writeShape(nodeDisk, folder, { ...NO_SHAPE, revision: 1, erase });

/** By name below the folder of tracks. */
export async function tracksIn(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const tracks = join(folder, 'tracks');
  for (const one of await readdir(tracks, { recursive: true, withFileTypes: true })) {
    if (!one.isFile()) continue;
    const path = join(one.parentPath, one.name);
    found[path.slice(tracks.length + 1)] = (await readFile(path)).toString('latin1');
  }
  return found;
}
