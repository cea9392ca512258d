import { mkdir, mkdtemp, open, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeDisk } from './disk.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rostrum-disk-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** The folders that are fsynced while `work` runs, in order. */
async function synced(work: () => Promise<void>): Promise<string[]> {
  const handle = await open(root, 'r');
  const prototype = Object.getPrototypeOf(handle) as { sync(this: { fd: number }): Promise<void> };
  await handle.close();
  const real = prototype.sync;
  const paths: string[] = [];
  prototype.sync = async function sync() {
    paths.push(await readlink(`/proc/self/fd/${this.fd}`));
    await real.call(this);
  };
  try {
    await work();
  } finally {
    prototype.sync = real;
  }
  return paths.map((path) => path.slice(root.length));
}

test('the name of a new folder is durable, and of one that somebody else made a moment ago', async () => {
  expect(await synced(() => nodeDisk.makeFolder(join(root, 'hi/e1'), root))).toEqual(['/hi', '']);
  // The spool makes folders too, and syncs nothing: what it made is not taken for durable.
  await mkdir(join(root, 'lo/e1'), { recursive: true });
  expect(await synced(() => nodeDisk.makeFolder(join(root, 'lo/e1'), root))).toEqual(['/lo', '']);
});

test('where the root is gone nothing is made', async () => {
  const gone = join(root, 'gone');
  await expect(nodeDisk.makeFolder(join(gone, 'hi/e1'), gone)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a journal that is shorter than what was written to it is another one, and is left alone', async () => {
  const path = join(root, 'journal');
  await nodeDisk.writeTail(path, 0, Buffer.from('one\n'));
  await expect(nodeDisk.writeTail(path, 8, Buffer.from('three\n'))).rejects.toThrow('4 bytes of the 8');
  await rm(path);
  await expect(nodeDisk.writeTail(path, 4, Buffer.from('two\n'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a file that is written again is whole all the while, and no longer than it is to be', async () => {
  const path = join(root, 's1.mp4');
  const pieces = [Buffer.alloc(300_000, 1), Buffer.alloc(300_000, 2)];
  await nodeDisk.writeFile(path, pieces);
  const sizes = new Set<number>();
  let writing = true;
  const look = async (): Promise<void> => {
    while (writing) sizes.add((await stat(path)).size);
  };
  const looking = look();
  for (let i = 0; i < 20; i += 1) await nodeDisk.writeFile(path, pieces);
  writing = false;
  await looking;
  expect([...sizes]).toEqual([600_000]);
  await nodeDisk.writeFile(path, [Buffer.alloc(5, 3)]);
  expect(await readFile(path)).toEqual(Buffer.alloc(5, 3));
});
