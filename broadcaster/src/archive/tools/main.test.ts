import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lockFolder } from '../lock.ts';
import { SEGMENTS, ToolHouse } from './testing/house.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

let house: ToolHouse;
beforeAll(async () => {
  house = await ToolHouse.open();
});
beforeEach(() => house.begin());
afterEach(() => house.end());
afterAll(() => house?.close());

describe('the command', () => {
  async function run(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...house.environment(), NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
    });
    const [out, err] = [child.stdout, child.stderr].map((stream) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      return () => Buffer.concat(pieces).toString();
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out: out?.() ?? '', err: err?.() ?? '' };
  }

  test('says what is wrong by words, lines of JSON and its exit code, mends it, and carries it', async () => {
    await rm(house.at('hi/e1/s2.mp4'));
    const wrong = await run('verify');
    expect(wrong).toMatchObject({ code: 1, out: expect.stringContaining('! hi/e1/s2.mp4 is missing') });
    expect(wrong.out).toContain('other  all there');
    const json = await run('verify', 'show', '--json', '--bucket');
    expect(JSON.parse(json.out)).toMatchObject({
      channelId: 'show',
      wrong: true,
      notUpYet: 3 * (SEGMENTS + 1),
    });
    // A broadcaster that runs has the lock: looking does not want it, mending does.
    const lock = await lockFolder(house.archiveDir);
    expect(await run('verify', 'other')).toMatchObject({
      code: 0,
      out: expect.stringContaining('all there'),
    });
    const busy = await run('repair', 'show');
    expect(busy).toMatchObject({ code: 1, err: expect.stringContaining('another broadcaster writes to') });
    expect(busy.err).not.toContain('    at ');
    await lock.release();
    const would = await run('repair', 'show', '--dry-run');
    expect(would.out).toContain('would give up 1.92 s of hi (segment 2)');
    expect(await run('repair', '--all')).toMatchObject({
      code: 0,
      out: expect.stringContaining('other  nothing to mend'),
    });
    expect((await run('export', 'show', join(house.dataDir, 'carried'))).code).toBe(0);
    expect((await run('import', join(house.dataDir, 'carried'))).err).toContain(
      'already: it is left as it is',
    );
    await rm(house.at(''), { recursive: true });
    expect(await run('import', join(house.dataDir, 'carried'))).toMatchObject({
      code: 0,
      out: expect.stringContaining('KiB'),
    });
    expect((await run('verify', 'show')).code).toBe(0);
  }, 240_000);

  test.each([
    [['verify', '../show'], 'is no recording'],
    [['verify', 'nothing'], 'there is no recording nothing'],
    [['repair'], 'repair what?'],
    [['verify', '--what'], '--what'],
  ])('%j is wrong usage', async (args, said) => {
    expect(await run(...args)).toMatchObject({ code: 2, err: expect.stringContaining(said) });
  });
});
