/** Real recordings, damaged as disks and people damage them. */
import { appendFile, copyFile, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { NO_SHAPE } from '@rostrum/contracts/recording';
import { TRACKS_JOURNAL, trackLine } from '../../isolated/journal.ts';
import type { Finding } from './findings.ts';
import { inspect } from './inspect.ts';
import { oneMore, SEGMENTS, ToolHouse } from './testing/house.ts';

let house: ToolHouse;
beforeAll(async () => {
  house = await ToolHouse.open();
});
beforeEach(() => house.begin());
afterEach(() => house.end());
afterAll(() => house?.close());

describe('verify', () => {
  test('a recording that is whole has nothing wrong, and is not touched', async () => {
    const before = await house.contents();
    const report = await inspect(house.options());
    expect(report).toMatchObject({ channelId: 'show', ended: true, findings: [], notUpYet: null });
    expect(report?.files).toBe(3 * (SEGMENTS + 1));
    expect(await house.contents()).toEqual(before);
    expect(await inspect(house.options('nothing'))).toBeNull();
  });

  const DAMAGES: readonly (readonly [string, () => Promise<void>, Finding])[] = [
    ['a segment that is gone', () => rm(house.at('hi/e1/s2.mp4')), { kind: 'missing', file: 'hi/e1/s2.mp4' }],
    [
      'an init segment that is gone',
      () => rm(house.at('lo/e1/init.mp4')),
      { kind: 'missing', file: 'lo/e1/init.mp4' },
    ],
    [
      'an empty init segment',
      () => truncate(house.at('lo/e1/init.mp4'), 0),
      { kind: 'short', file: 'lo/e1/init.mp4', bytes: 1, found: 0 },
    ],
    [
      'a segment that is short',
      () => truncate(house.at('hi/e1/s3.mp4'), 7),
      { kind: 'short', file: 'hi/e1/s3.mp4', bytes: expect.any(Number), found: 7 },
    ],
    [
      'a torn line',
      () => appendFile(house.at('journal.jsonl'), '{"type":"seg'),
      { kind: 'torn-journal', bytes: 12 },
    ],
    [
      'lines that cannot be read',
      () => appendFile(house.at('journal.jsonl'), 'what\n{"type":"none"}\n'),
      { kind: 'unreadable-lines', lines: 2 },
    ],
    ['a playlist that is gone', () => rm(house.at('hi.m3u8')), { kind: 'no-playlist', file: 'hi.m3u8' }],
    [
      'a playlist without its end',
      () => truncate(house.at('lo.m3u8'), 100),
      { kind: 'unfinished-playlist', file: 'lo.m3u8' },
    ],
    [
      'a file that nothing names',
      () => copyFile(house.at('hi/e1/s1.mp4'), house.at('hi/e1/s99.mp4')),
      { kind: 'unreferenced', file: 'hi/e1/s99.mp4', bytes: expect.any(Number) },
    ],
    ['a journal that is gone', () => rm(house.at('journal.jsonl')), { kind: 'no-journal' }],
    [
      'a journal without its beginning',
      async () => {
        const text = await readFile(house.at('journal.jsonl'), 'utf8');
        await writeFile(house.at('journal.jsonl'), text.slice(text.indexOf('\n') + 1));
      },
      { kind: 'no-beginning' },
    ],
  ];
  test('one that is for nobody lacks nothing without playlists; a chunk of a track that is gone is told', async () => {
    await writeFile(house.at('shape.json'), JSON.stringify({ ...NO_SHAPE, revision: 1, published: false }));
    for (const name of ['multivariant', 'hi', 'lo', 'audio']) await rm(house.at(`${name}.m3u8`));
    expect(await house.findings()).toEqual([]);
    const file = 'tracks/ada-mic/1.webm';
    // Before the last line, which says that it is over.
    const lines = (await readFile(house.at('journal.jsonl'), 'utf8')).trimEnd().split('\n');
    lines.splice(-1, 0, JSON.stringify({ type: 'track', file, byteLength: 12 }));
    await writeFile(house.at('journal.jsonl'), `${lines.join('\n')}\n`);
    expect(await house.findings()).toEqual([{ kind: 'missing', file }]);
    // Who it is of wanted it deleted.
    await mkdir(house.at('tracks'));
    await writeFile(house.at(TRACKS_JOURNAL), trackLine({ type: 'erased', file }));
    expect(await house.findings()).toEqual([]);
  });

  test.each(DAMAGES)('%s is told', async (_, damage, expected) => {
    await damage();
    expect(await house.findings()).toEqual([expected]);
  });

  test('one that is written to meanwhile is well, whatever is on its way, and its writer does not notice', async () => {
    const output = await house.record('live', false);
    for (let n = 1; n <= 20; n += 1) {
      for (const event of oneMore(n)) output.push(event);
      const report = await inspect({ ...house.options('live'), nowUnixMs: () => Date.now() });
      expect(report).toMatchObject({ ended: false, findings: [] });
    }
    await output.end();
    const report = await inspect(house.options('live'));
    expect(report).toMatchObject({ ended: true, findings: [] });
    expect(report?.files).toBeGreaterThan(3 * 24);
  });

  test('with the bucket: what is not there though it was copied, or is another, and what is on its way', async () => {
    expect(await inspect({ ...house.options(), bucket: house.reader })).toMatchObject({
      findings: [],
      notUpYet: 3 * (SEGMENTS + 1),
    });
    await house.copyToBucket();
    expect(await inspect({ ...house.options(), bucket: house.reader })).toMatchObject({
      findings: [],
      notUpYet: 0,
    });
    await house.removeCopies('live/show/lo/');
    await house.putOther('live/show/hi/e1/s1.mp4', Buffer.from('x'));
    const found = await house.findings({ bucket: house.reader });
    expect(found.filter(({ kind }) => kind === 'not-in-bucket')).toHaveLength(SEGMENTS + 1);
    expect(found).toContainEqual({
      ...{ kind: 'other-in-bucket', name: 'live/show/hi/e1/s1.mp4', bytes: expect.any(Number), found: 1 },
    });
    expect(found).toHaveLength(SEGMENTS + 2);
  });

  test('deep: a file of the right length with other bytes than were copied', async () => {
    await house.copyToBucket();
    expect(await house.findings({ deep: true })).toEqual([]);
    const bytes = await readFile(house.at('hi/e1/s2.mp4'));
    bytes[100] = (bytes[100] ?? 0) ^ 1;
    await writeFile(house.at('hi/e1/s2.mp4'), bytes);
    expect(await house.findings()).toEqual([]);
    expect(await house.findings({ deep: true })).toEqual([{ kind: 'damaged', file: 'hi/e1/s2.mp4' }]);
  });
});
