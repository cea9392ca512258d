import { appendFile, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportRecording, importRecording } from './carry.ts';
import { inspect } from './inspect.ts';
import { later, progress, ToolHouse } from './testing/house.ts';

let house: ToolHouse;
beforeAll(async () => {
  house = await ToolHouse.open();
});
beforeEach(() => house.begin());
afterEach(() => house.end());
afterAll(() => house?.close());

describe('export and import', () => {
  let there: string;
  let exported: string;
  const warned: string[] = [];
  const carry = (folder = house.archiveDir) => ({
    ...{ archiveDir: folder, progress, nowUnixMs: later, warn: (text: string) => void warned.push(text) },
  });
  beforeEach(async () => {
    warned.length = 0;
    there = join(house.dataDir, 'there');
    exported = join(house.dataDir, 'exported');
    await mkdir(there);
  });

  test('a recording is the same on the other machine', async () => {
    await house.copyToBucket();
    const manifest = await exportRecording('show', exported, carry());
    expect(manifest.files.map(({ path }) => path)).not.toContain('published.jsonl');
    await importRecording(exported, carry(there));
    expect((await readdir(there)).sort()).toEqual(['show']);
    for (const { path } of manifest.files)
      expect((await readFile(join(there, 'show', path))).equals(await readFile(house.at(path)))).toBe(true);
    expect(await inspect({ ...house.options(), archiveDir: there })).toMatchObject({
      ended: true,
      findings: [],
    });
    expect(warned).toEqual([]);
    await expect(importRecording(exported, carry(there))).rejects.toThrow(
      'there is a recording show already',
    );
    await expect(exportRecording('show', exported, carry())).rejects.toThrow('is there already');
  });

  test('links are left out, and one that goes on is not exported', async () => {
    await symlink('/etc/passwd', house.at('passwd.mp4'));
    const { files } = await exportRecording('show', exported, carry());
    expect(files.map(({ path }) => path)).not.toContain('passwd.mp4');
    expect(warned).toEqual(['left out: passwd.mp4, which is no file']);
    await house.record('live', false);
    await expect(exportRecording('live', join(house.dataDir, 'live'), carry())).rejects.toThrow(
      'has no end yet',
    );
    await expect(exportRecording('../show', join(house.dataDir, 'x'), carry())).rejects.toThrow(
      'is no recording',
    );
    await expect(exportRecording('nothing', join(house.dataDir, 'x'), carry())).rejects.toThrow(
      'there is no recording',
    );
  });

  const change = async (edit: (manifest: Record<string, unknown>) => void): Promise<void> => {
    const path = join(exported, 'manifest.json');
    const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    edit(manifest);
    await writeFile(path, JSON.stringify(manifest));
  };
  const path = (name: string) => () =>
    change(({ files }) => {
      const [first] = files as { path: string }[];
      if (first) first.path = name;
    });
  const DECEITS: readonly (readonly [string, () => Promise<void>, string])[] = [
    ['a path out of the folder', path('../../evil'), 'a path within the recording'],
    ['a path from the root', path('/tmp/evil'), 'a path within the recording'],
    ['a hidden path', path('hi/.evil'), 'a path within the recording'],
    ['an id that is a path', () => change((m) => Object.assign(m, { channelId: '../evil' })), 'an id is'],
    [
      'another id than the journal’s',
      () => change((m) => Object.assign(m, { channelId: 'evil' })),
      'its journal is of show',
    ],
    ['other bytes', () => appendFile(join(exported, 'files/hi/e1/s1.mp4'), 'x'), 'its checksum differs'],
    ['a file that is missing', () => rm(join(exported, 'files/hi/e1/s1.mp4')), 's1.mp4 is missing'],
    [
      'a link in a file’s place',
      async () => {
        const file = join(exported, 'files/hi/e1/s1.mp4');
        await rename(file, join(house.dataDir, 'elsewhere'));
        await symlink(join(house.dataDir, 'elsewhere'), file);
      },
      'a link',
    ],
    ['no manifest', () => rm(join(exported, 'manifest.json')), 'is no exported recording'],
    ['a damaged manifest', () => writeFile(join(exported, 'manifest.json'), '{'), 'is damaged or not ours'],
  ];
  test.each(DECEITS)('%s is refused, and nothing of it is there', async (_, deceive, said) => {
    await exportRecording('show', exported, carry());
    await deceive();
    await expect(importRecording(exported, carry(there))).rejects.toThrow(said);
    expect(await readdir(there)).toEqual([]);
  });
});
