import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { RecordingDownload } from '@rostrum/contracts/recording';
import { openSmallDisk, type SmallDisk } from '@rostrum/service-kit/testing/small-disk';
import { Registry } from 'prom-client';
import { silentLogger } from '../../origin/testing/house.ts';
import { finishRecording } from '../../output/channel-output.ts';
import { ZERO_UNIX_MS } from '../../packager/testing/synthetic.ts';
import { Downloads, type DownloadsOptions } from './downloads.ts';
import { keyOf, unfinishedName } from './files.ts';
import { make } from './make.ts';
import { writeLongShow } from './testing/long-show.ts';

const MAKING = fileURLToPath(new URL('./testing/making.ts', import.meta.url));
const SEGMENTS = 300;
let source: string;
let archiveDir: string;
let folder: string;
let disk: SmallDisk | null = null;
const closing: { close(): Promise<unknown> }[] = [];
beforeAll(async () => {
  source = await mkdtemp(join(tmpdir(), 'rostrum-downloads-source-'));
  await writeLongShow(source, 'show', SEGMENTS, { padding: 400 });
}, 300_000);
beforeEach(async () => {
  archiveDir = await mkdtemp(join(tmpdir(), 'rostrum-downloads-'));
  folder = join(archiveDir, 'show');
  await cp(join(source, 'show'), folder, { recursive: true });
});
afterEach(async () => {
  for (const one of closing.splice(0)) await one.close();
  await disk?.close();
  disk = null;
  await rm(archiveDir, { recursive: true, force: true });
});
afterAll(() => rm(source, { recursive: true, force: true }));

function open(options: Partial<DownloadsOptions> = {}): Downloads {
  const downloads = new Downloads({
    ...{ archiveDir, maxUsedShare: 1, logger: silentLogger, lookIntervalMs: 20 },
    ...options,
  });
  closing.push(downloads);
  return downloads;
}
async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 5));
}
const states = (downloads: Downloads): string[] => downloads.state('show').map(({ state }) => state);
const settled = (downloads: Downloads): Promise<void> =>
  until(() => states(downloads).length > 0 && !states(downloads).includes('making'));
const fileOf = (rendition: string, at = folder): string => join(at, 'download', `${rendition}.mp4`);
const there = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
/** The same made in one go, elsewhere. */
async function inOneGo(rendition: string): Promise<Buffer> {
  const copy = join(archiveDir, 'copy');
  await cp(join(source, 'show'), copy, { recursive: true });
  await make(
    { folder: copy, rendition, cuts: [], key: await keyOf(copy, rendition, []), maxUsedShare: 1 },
    () => undefined,
  );
  const bytes = await readFile(fileOf(rendition, copy));
  await rm(copy, { recursive: true });
  return bytes;
}
/** Processes that make downloads, of a process's children. */
async function makersOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const makers: number[] = [];
  for (const child of children.split(' ').filter(Boolean).map(Number)) {
    const line = await readFile(`/proc/${child}/cmdline`, 'utf8').catch(() => '');
    if (line.includes('mp4/process.ts')) makers.push(child);
  }
  return makers;
}

test('what is wanted is made one after the other, with its progress, and stays when it is told again', async () => {
  const shares: number[] = [];
  const seen: RecordingDownload[][] = [];
  const downloads = open({
    onChange: () => {
      seen.push(downloads.state('show'));
      for (const one of downloads.state('show')) if (one.state === 'making') shares.push(one.share);
    },
  });
  await downloads.want('show', ['hi', 'audio'], []);
  await settled(downloads);
  expect(downloads.state('show')).toEqual([
    { rendition: 'hi', state: 'ready', bytes: (await stat(fileOf('hi'))).size, path: 'download/hi.mp4' },
    {
      rendition: 'audio',
      state: 'ready',
      bytes: (await stat(fileOf('audio'))).size,
      path: 'download/audio.mp4',
    },
  ]);
  expect(Math.max(...shares)).toBeGreaterThan(0);
  // Never two with something made.
  for (const state of seen) {
    expect(state.filter((one) => one.state === 'making' && one.share > 0).length).toBeLessThanOrEqual(1);
  }
  expect((await readFile(fileOf('hi'))).equals(await inOneGo('hi'))).toBe(true);
  const { ino } = await stat(fileOf('hi'));
  await downloads.want('show', ['hi', 'audio'], []);
  await downloads.look();
  expect((await stat(fileOf('hi'))).ino).toBe(ino);
  await downloads.want('show', ['audio'], []);
  expect(await there(fileOf('hi'))).toBe(false);
  await downloads.want('show', [], []);
  expect(await there(join(folder, 'download'))).toBe(false);
  expect(downloads.state('show')).toEqual([]);
});

test('another process goes on with what is on disk: what is there is there, what is wanted is made', async () => {
  const first = open();
  await first.want('show', ['lo'], []);
  await settled(first);
  await first.close();
  const { ino } = await stat(fileOf('lo'));
  const second = open();
  await settled(second);
  expect(second.state('show')).toMatchObject([{ rendition: 'lo', state: 'ready' }]);
  expect((await stat(fileOf('lo'))).ino).toBe(ino);
  expect(second.made()).toMatchObject([{ channelId: 'show', rendition: 'lo', path: fileOf('lo') }]);
});

test('kill -9 of the whole, again and again: it goes on where it was, and is the same file in the end', async () => {
  const expected = await inOneGo('hi');
  const part = join(folder, unfinishedName('hi'));
  let least = 0;
  for (let kills = 0; kills < 3; ) {
    const child: ChildProcess = spawn(process.execPath, [MAKING, archiveDir, 'show', 'hi'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH },
    });
    const gone = once(child, 'exit');
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', () => undefined);
    // Some way further than the last time.
    const size = (): Promise<number> =>
      stat(part).then(
        (found) => found.size,
        () => 0,
      );
    const goal = least + Math.floor(Math.random() * (expected.byteLength / 8));
    await until(async () => (await size()) > goal || (await there(fileOf('hi'))));
    const makers = await makersOf(child.pid ?? 0);
    child.kill('SIGKILL');
    await gone;
    // Its maker ends by itself.
    for (const maker of makers) await until(async () => !(await there(`/proc/${maker}/exe`)));
    if (await there(fileOf('hi'))) {
      // It was whole before this process had its turn to look: from the beginning, that something is there to be gone on with.
      await rm(fileOf('hi'));
      least = 0;
      kills = 0;
      continue;
    }
    least = await size();
    kills += 1;
  }
  // What it says first is what it found.
  const shares: number[] = [];
  const downloads = open({
    onChange: () => {
      for (const one of downloads.state('show')) if (one.state === 'making') shares.push(one.share);
    },
  });
  await settled(downloads);
  expect((await readFile(fileOf('hi'))).equals(expected)).toBe(true);
  const found = (shares.find((share) => share > 0) ?? 0) * expected.byteLength;
  expect(found).toBeGreaterThan(least - 100_000); // a segment of it at most is written again
}, 300_000);

test('a maker that dies is followed by another, which goes on; not without end', async () => {
  const downloads = open();
  await downloads.want('show', ['hi'], []);
  for (let kill = 0; kill < 3; kill += 1) {
    let maker: number | undefined;
    await until(async () => {
      [maker] = await makersOf(process.pid);
      return maker !== undefined || !states(downloads).includes('making');
    });
    if (maker !== undefined) process.kill(maker, 'SIGKILL');
    await until(async () => !(await makersOf(process.pid)).includes(maker ?? 0));
  }
  await settled(downloads);
  expect(downloads.state('show')).toEqual([{ rendition: 'hi', state: 'failed', reason: 'internal' }]);
});

test('what was left by an earlier boot of the machine, or of something else, is not gone on with', async () => {
  await mkdir(join(folder, 'download'));
  const other = join(folder, 'download/hi.mp4.00000000.part');
  await writeFile(other, 'half');
  await writeFile(join(folder, unfinishedName('hi')), Buffer.alloc(1_000_000, 7));
  const downloads = open();
  await downloads.want('show', ['hi'], []);
  await settled(downloads);
  expect((await readFile(fileOf('hi'))).equals(await inOneGo('hi'))).toBe(true);
  expect((await readdir(join(folder, 'download'))).sort()).toEqual(['hi.mp4', 'wanted.json']);
});

test('with another cut what shows it is gone at once, and the new one is made', async () => {
  const downloads = open();
  await downloads.want('show', ['hi'], []);
  await settled(downloads);
  const before = await readFile(fileOf('hi'));
  const cuts = [{ fromUnixMs: ZERO_UNIX_MS, toUnixMs: ZERO_UNIX_MS + 100_000 }];
  const cut = downloads.want('show', ['hi'], cuts);
  await cut;
  const left = await readFile(fileOf('hi')).catch(() => null);
  expect(left?.equals(before) ?? false).toBe(false);
  await settled(downloads);
  const { size } = await stat(fileOf('hi'));
  expect(size).toBeLessThan(before.byteLength * 0.9);
  // In the middle of its making, too.
  await downloads.want('show', ['hi'], []);
  await until(async () => (await makersOf(process.pid)).length > 0);
  await downloads.want('show', ['hi'], cuts);
  await settled(downloads);
  expect((await stat(fileOf('hi'))).size).toBe(size);
});

test('a recording that is deleted meanwhile stays deleted', async () => {
  const downloads = open();
  await downloads.want('show', ['hi'], []);
  await until(() => there(join(folder, unfinishedName('hi'))));
  await rename(folder, join(archiveDir, '.removed-show'));
  await rm(join(archiveDir, '.removed-show'), { recursive: true });
  await until(() => downloads.state('show').length === 0);
  expect(await readdir(archiveDir)).toEqual([]);
  // And one that is about to be: nobody is at it any more.
  await cp(join(source, 'show'), folder, { recursive: true });
  await downloads.want('show', ['lo'], []);
  await until(async () => (await makersOf(process.pid)).length > 0);
  await downloads.forget('show');
  expect(await makersOf(process.pid)).toEqual([]);
  expect(downloads.state('show')).toEqual([]);
});

test('what is damaged is said so, and not tried again', async () => {
  await truncate(join(folder, 'hi/e1/s7.mp4'), 100);
  const downloads = open();
  await downloads.want('show', ['hi', 'lo'], []);
  await settled(downloads);
  expect(downloads.state('show')).toMatchObject([
    { rendition: 'hi', state: 'failed', reason: 'damaged' },
    { rendition: 'lo', state: 'ready' },
  ]);
  await downloads.look();
  expect(await makersOf(process.pid)).toEqual([]);
  expect((await readdir(join(folder, 'download'))).sort()).toEqual(['lo.mp4', 'wanted.json']);
});

test('a recording that goes on is waited for', async () => {
  await writeLongShow(archiveDir, 'live', 5, { goesOn: true });
  const downloads = open();
  await downloads.want('live', ['hi'], []);
  await downloads.look();
  expect(downloads.state('live')).toEqual([{ rendition: 'hi', state: 'making', share: 0 }]);
  await finishRecording({
    ...{ archiveDir, channelId: 'live', logger: silentLogger, metrics: new Registry() },
    clock: { nowUnixMs: () => ZERO_UNIX_MS },
  });
  await until(() => downloads.state('live')[0]?.state === 'ready');
  // What is not here at all is nobody's.
  await downloads.want('elsewhere', ['hi'], []);
  expect(downloads.state('elsewhere')).toEqual([]);
  expect((await readdir(archiveDir)).sort()).toEqual(['live', 'show']);
});

test('[R8] a disk that has no room for it keeps what is left of it, and it is made once there is', async () => {
  disk = await openSmallDisk(64 * 1024 * 1024);
  await cp(join(source, 'show'), join(disk.folder, 'show'), { recursive: true });
  const needs = (await inOneGo('hi')).byteLength;
  const at = join(disk.folder, 'show');
  const downloads = open({ archiveDir: disk.folder, maxUsedShare: 0.9 });
  await disk.leave(64 * 1024 * 1024 * 0.1 + needs / 2);
  await downloads.want('show', ['hi'], []);
  await settled(downloads);
  expect(downloads.state('show')).toEqual([{ rendition: 'hi', state: 'failed', reason: 'disk' }]);
  expect(await readdir(join(at, 'download'))).toEqual(['wanted.json']);
  await downloads.look();
  expect(states(downloads)).toEqual(['failed']);
  await disk.leave(64 * 1024 * 1024 * 0.1 + needs * 2);
  await until(() => states(downloads)[0] === 'ready');
  expect((await readFile(fileOf('hi', at))).byteLength).toBe(needs);
});

test('[R8] a disk that fills up while it is made takes nothing of it', async () => {
  disk = await openSmallDisk(64 * 1024 * 1024);
  await cp(join(source, 'show'), join(disk.folder, 'show'), { recursive: true });
  const at = join(disk.folder, 'show');
  // It thinks that there is room enough.
  const downloads = open({ archiveDir: disk.folder, lookIntervalMs: 1e6, maxUsedShare: 10 });
  await disk.leave(3_000_000);
  await downloads.want('show', ['hi'], []);
  await settled(downloads);
  expect(downloads.state('show')).toEqual([{ rendition: 'hi', state: 'failed', reason: 'disk' }]);
  expect(await readdir(join(at, 'download'))).toEqual(['wanted.json']);
});
