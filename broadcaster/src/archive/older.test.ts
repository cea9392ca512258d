/** Channels that were recorded with what was the ladder then. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROFILES, type Rendition } from '@rostrum/contracts/profile';
import { Registry } from 'prom-client';
import { silentLogger } from '../origin/testing/house.ts';
import { createChannelOutput, finishRecording } from '../output/channel-output.ts';
import { strictParse } from '../packager/testing/strict-parse.ts';
import { epochEvents, LADDER, perfect, ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';

const profile = PROFILES.scale;
let archiveDir: string;
beforeEach(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-older-'));
});
afterEach(() => rm(archiveDir, { recursive: true, force: true }));

const options = () => ({
  channelId: 'show',
  archiveDir,
  clock: { nowUnixMs: () => ZERO_UNIX_MS, monotonicMs: () => 0 },
  logger: silentLogger,
  metrics: new Registry(),
});
const read = (name: string): Promise<string> => readFile(join(archiveDir, 'show', name), 'utf8');

/** `hi`, `lo` and `audio` are not of the ladder of today. */
async function recorded(): Promise<void> {
  const output = await createChannelOutput({ ...options(), profile, ladder: LADDER });
  for (const event of [...epochEvents(), ...perfect(profile, 0, 250)]) output.push(event);
  await output.close();
}

async function sizes(): Promise<(string | undefined)[]> {
  const text = await read('multivariant.m3u8');
  return [...text.matchAll(/^#EXT-X-STREAM-INF:.*RESOLUTION=(\d+x\d+)/gm)].map(([, size]) => size);
}

test('a channel of an older ladder is recorded with the ladder it was begun with', async () => {
  await recorded();
  expect(await finishRecording(options())).toMatchObject({ segmentCount: 3 });
  const videos = LADDER.flatMap((r: Rendition) => (r.kind === 'video' ? [`${r.width}x${r.height}`] : []));
  expect(await sizes()).toEqual(videos);
  for (const { name } of LADDER) expect(strictParse(await read(`${name}.m3u8`)).segments.length).toBe(3);
});

test('so is one whose journal has the names of its renditions alone', async () => {
  await recorded();
  const [first = '', ...rest] = (await read('journal.jsonl')).split('\n');
  const { ladder: _, ...older } = JSON.parse(first) as Record<string, unknown>;
  await writeFile(join(archiveDir, 'show/journal.jsonl'), [JSON.stringify(older), ...rest].join('\n'));
  expect(await finishRecording(options())).toMatchObject({ segmentCount: 3 });
  expect((await sizes()).length).toBe(LADDER.filter(({ kind }) => kind === 'video').length);
  for (const size of await sizes()) expect(size).toMatch(/^[1-9]\d+x[1-9]\d+$/);
});

test('one that does not say what it was begun with is told of, never taken for one without a recording', async () => {
  await recorded();
  const [first = '', ...rest] = (await read('journal.jsonl')).split('\n');
  await writeFile(join(archiveDir, 'show/journal.jsonl'), [first.slice(1), ...rest].join('\n'));
  await expect(finishRecording(options())).rejects.toMatchObject({ code: 'no-beginning', channelId: 'show' });
  await rm(join(archiveDir, 'show/journal.jsonl'));
  expect(await finishRecording(options())).toBeNull();
});
