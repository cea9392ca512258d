import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFolder } from './lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rostrum-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('[R8] a folder has one writer; the next has to wait until it lets go', async () => {
  const first = await lockFolder(folder);
  await expect(lockFolder(folder, 0.1)).rejects.toThrow('another broadcaster writes to');
  await first.release();
  const second = await lockFolder(folder);
  await second.release();
});

test('[R8] a writer that was killed leaves nothing locked', async () => {
  const lock = new URL('./lock.ts', import.meta.url).href;
  const child = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      '--input-type=module',
      '-e',
      `const { lockFolder } = await import('${lock}'); await lockFolder(${JSON.stringify(folder)}); console.log('held'); setInterval(() => {}, 1000);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  await expect(lockFolder(folder, 0.1)).rejects.toThrow('another broadcaster writes to');
  child.kill('SIGKILL');
  await once(child, 'exit');
  for (;;) {
    try {
      await (await lockFolder(folder, 0.1)).release();
      return;
    } catch {
      await new Promise((wake) => setTimeout(wake, 20)); // its child ends when it reads the end of its input
    }
  }
});

test('a folder that is not there is told as that', async () => {
  await expect(lockFolder(join(folder, 'missing'))).rejects.toThrow('could not be taken');
});

test('a process that has nothing else to do comes to its end with the lock given back', async () => {
  const lock = new URL('./lock.ts', import.meta.url).href;
  const program = `const { lockFolder } = await import('${lock}'); await (await lockFolder(${JSON.stringify(folder)})).release();`;
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program],
    { stdio: 'inherit' },
  );
  expect(await once(child, 'exit')).toEqual([0, null]);
});
