import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startProgram } from './program.ts';

const PROGRAM = fileURLToPath(new URL('./program.ts', import.meta.url));

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  throw new Error('it never happened');
}

test('a program ends with the process that started it, also when that is killed', async () => {
  const script = `
    import { startProgram } from ${JSON.stringify(PROGRAM)};
    const { pid } = startProgram('sleep', ['1000'], () => undefined);
    console.log(pid);`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  const command = (): Promise<string> => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  try {
    // Before that it is the one that asks the kernel to end it.
    await until(async () => (await command()).startsWith('sleep'));
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await until(async () => (await command()) === '');
  } finally {
    if ((await command()) !== '') process.kill(pid, 'SIGKILL');
  }
});

test('one that is not there says so', async () => {
  const program = startProgram('no-such-program-anywhere', [], () => undefined);
  await expect(program.ready(new Promise(() => undefined))).rejects.toMatchObject({
    code: 'program',
    message: expect.stringMatching(/No such file|ENOENT/),
  });
});
