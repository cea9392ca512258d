import { appendFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endOf } from '../ended.ts';
import { publishedUpTo } from '../publish/published.ts';
import { inspect } from './inspect.ts';
import { RepairError } from './repair.ts';
import { ENDED_UNIX_MS, SEGMENTS, ToolHouse } from './testing/house.ts';

let house: ToolHouse;
beforeAll(async () => {
  house = await ToolHouse.open();
});
beforeEach(() => house.begin());
afterEach(() => house.end());
afterAll(() => house?.close());

describe('repair', () => {
  test('has nothing to do where nothing is wrong', async () => {
    const before = await house.contents();
    expect(await house.mend()).toEqual([]);
    expect(await house.contents()).toEqual(before);
  });

  test('says what it would do, and does nothing, when it is only asked', async () => {
    await rm(house.at('hi/e1/s2.mp4'));
    await appendFile(house.at('journal.jsonl'), '{"torn');
    const before = await house.contents();
    const would = await house.mend({ dryRun: true });
    expect(await house.contents()).toEqual(before);
    expect(await house.mend()).toEqual(would);
    expect(would.map(({ kind }) => kind)).toEqual(['cut-torn-line', 'given-up', 'wrote-playlists']);
  });

  test('what is lost is played around by every rendition that lost it; what is there stays as it is', async () => {
    const before = await house.playlist('hi.m3u8');
    await rm(house.at('hi/e1/s2.mp4'));
    await truncate(house.at('lo/e1/s4.mp4'), 9);
    const files = await house.contents();
    expect(await house.mend()).toMatchObject([
      { kind: 'given-up', rendition: 'hi', msn: 2 },
      { kind: 'given-up', rendition: 'lo', msn: 4 },
      { kind: 'wrote-playlists' },
    ]);
    const after = await house.contents();
    for (const [name, bytes] of files) if (name.endsWith('.mp4')) expect(after.get(name)).toBe(bytes);
    const played = async (name: string) =>
      (await house.playlist(name)).segments.flatMap(({ uri, gap }) => (gap ? [] : [uri]));
    expect(await played('hi.m3u8')).not.toContain('hi/e1/s2.mp4');
    expect(await played('lo.m3u8')).not.toContain('lo/e1/s4.mp4');
    // Another rendition has that moment, which is played in its place.
    expect(await played('hi.m3u8')).toHaveLength(before.segments.length);
    expect(await played('hi.m3u8')).toContain('../../live/show/lo/e1/s2.mp4');
    expect(await played('audio.m3u8')).toHaveLength(SEGMENTS);
    // It is as ended as before, and well.
    expect(await endOf(house.at('journal.jsonl'))).toBe(ENDED_UNIX_MS);
    expect(await house.findings()).toEqual([]);
    expect(await house.mend()).toEqual([]);
  });

  test('a rendition whose init segment is lost is left out of the recording', async () => {
    await rm(house.at('lo/e1/init.mp4'));
    const changes = await house.mend();
    expect(changes.filter(({ kind }) => kind === 'given-up')).toHaveLength(SEGMENTS);
    const { segments } = await house.playlist('hi.m3u8');
    expect(segments.filter(({ gap }) => !gap)).toHaveLength(SEGMENTS);
  });

  test('what the bucket has comes back from it byte for byte, and what it has otherwise does not', async () => {
    const before = await house.contents();
    await house.copyToBucket();
    await rm(house.at('hi/e1/init.mp4'));
    await rm(house.at('hi/e1/s2.mp4'));
    await truncate(house.at('lo/e1/s3.mp4'), 5);
    const damaged = await readFile(house.at('audio/e1/s1.mp4'));
    damaged[9] = (damaged[9] ?? 0) ^ 1;
    await writeFile(house.at('audio/e1/s1.mp4'), damaged);
    const told = await house.mend({ bucket: house.reader, deep: true });
    expect(told.filter(({ kind }) => kind === 'fetched')).toHaveLength(4);
    expect(told.filter(({ kind }) => kind === 'given-up')).toEqual([]);
    const after = await house.contents();
    for (const [name, bytes] of before) expect([name, after.get(name) === bytes]).toEqual([name, true]);
    expect(await house.findings({ bucket: house.reader, deep: true })).toEqual([]);

    await rm(house.at('hi/e1/s2.mp4'));
    await house.putOther('live/show/hi/e1/s2.mp4', Buffer.from('other'));
    const again = await house.mend({ bucket: house.reader });
    expect(again).toMatchObject([
      { kind: 'given-up', msn: 2 },
      { kind: 'copies-again' },
      { kind: 'wrote-playlists' },
    ]);
  });

  test('after it playlists go up again, and what is wanting in the bucket', async () => {
    await house.copyToBucket();
    expect((await publishedUpTo(house.at(''))).ended).toBe(true);
    await rm(house.at('hi/e1/s2.mp4'));
    await house.mend();
    expect((await publishedUpTo(house.at(''))).ended).toBe(false);
    await house.copyToBucket();
    expect(await house.bucket.text('recordings/show/hi.m3u8')).not.toContain('hi/e1/s2.mp4');
    await house.removeCopies('live/show/lo/');
    expect(await house.mend({ bucket: house.reader })).toMatchObject([
      { kind: 'copies-again', files: SEGMENTS + 1 },
      { kind: 'wrote-playlists' },
    ]);
    await house.copyToBucket();
    expect(await house.findings({ bucket: house.reader })).toEqual([]);
  });

  test('one that was never ended stays open unless its end is asked for', async () => {
    await (await house.record('left', false)).close();
    const left = { ...house.options('left'), end: false };
    expect(await house.mend(left)).toEqual([]);
    expect(await endOf(join(house.archiveDir, 'left', 'journal.jsonl'))).toBe('open');
    expect(await house.mend({ ...left, end: true })).toEqual([
      { kind: 'ended' },
      { kind: 'wrote-playlists' },
    ]);
    expect((await inspect(house.options('left')))?.ended).toBe(true);
    expect((await inspect(house.options('left')))?.findings).toEqual([]);
  });

  test('what has no beginning is left as it is', async () => {
    await rm(house.at('journal.jsonl'));
    const before = await house.contents();
    await expect(house.mend()).rejects.toThrow(RepairError);
    expect(await house.contents()).toEqual(before);
  });
});
