import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

let child: ChildProcess | null = null;
let output = '';
afterEach(() => {
  child?.kill('SIGKILL');
});

function start(env: Record<string, string>): ChildProcess {
  output = '';
  const started = spawn(process.execPath, [fileURLToPath(new URL('./testing/service.ts', import.meta.url))], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  for (const stream of [started.stdout, started.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  child = started;
  return started;
}
async function said(text: string): Promise<void> {
  while (!output.includes(text)) await new Promise((wake) => setTimeout(wake, 5));
}
const READY = '{"ready":"fixture","url":"http://localhost:1"}\n';

describe('the process', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('closes once and ends with 0 on %s', async (signal) => {
    const started = start({ CLOSE: 'works' });
    const end = once(started, 'close');
    await said(READY);
    started.kill(signal);
    await said('closed');
    started.kill(signal);
    expect(await end).toEqual([0, null]);
    expect(output).toBe(`${READY}closed 1\n`);
  });

  test('ends with 0 when its parent goes away, if told to mind it', async () => {
    const started = start({ CLOSE: 'works', PARENT_PIPE: '1' });
    const end = once(started, 'close');
    await said(READY);
    started.stdin?.end();
    expect(await end).toEqual([0, null]);
  });

  test.each([
    ['fails', 'did not stop cleanly'],
    ['hangs', 'the stop took too long'],
  ])('ends with 1 when closing %s', async (CLOSE, complaint) => {
    const started = start({ CLOSE });
    const end = once(started, 'close');
    await said(READY);
    started.kill('SIGTERM');
    expect(await end).toEqual([1, null]);
    expect(output).toBe(`${READY}closed 1\n${complaint}\n`);
  });

  test('ends with 2 on impossible settings, all of them named, none of the secrets shown', async () => {
    const end = once(start({ CLOSE: 'never', SECRET_TOKEN: 'a long secret' }), 'close');
    expect(await end).toEqual([2, null]);
    expect(output).toBe(
      'fixture: impossible settings\n' +
        '  CLOSE is "never": works, fails or hangs\n' +
        '  SECRET_TOKEN is (hidden): at most 10 characters\n',
    );
  });
});
