/** Media of a channel have one address, whether it is live, has ended, or was recorded by an earlier version. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NO_SHAPE } from '@rostrum/contracts/recording';
import { LADDER, ZERO_UNIX_MS } from '../packager/testing/synthetic.ts';
import { House } from './testing/house.ts';

let house: House;
beforeEach(async () => {
  house = await House.open();
  house.feedTo(48 * 3);
  await house.archived();
});
afterEach(() => house.close());

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
const fileOf = (name: string): Promise<Buffer> => readFile(join(house.archiveDir, 'show', name));
const NAMES = LADDER.flatMap(({ name }) => [`${name}/e1/init.mp4`, `${name}/e1/s1.mp4`, `${name}/e1/s3.mp4`]);

test('media are where they were while live, for good; live playlists and parts are not', async () => {
  await house.output.end();
  house.origin.removeChannel('show');
  for (const name of NAMES) {
    const { status, body, headers } = await house.get(`/live/show/${name}`);
    expect([name, status, body.equals(await fileOf(name))]).toEqual([name, 200, true]);
    expect(headers).toMatchObject({
      'cache-control': 'public, max-age=31536000, immutable',
      'content-type': 'video/mp4',
      'access-control-allow-origin': '*',
    });
    const head = await house.get(`/live/show/${name}`, { method: 'HEAD' });
    expect([head.status, head.body.byteLength]).toEqual([200, 0]);
  }
  for (const name of ['hi.m3u8', 'multivariant.m3u8', 'hi/e1/s1.p0.mp4', 'hi/e1/s9.mp4', 'journal.jsonl'])
    expect([name, (await house.get(`/live/show/${name}`)).status]).toEqual([name, 404]);
});

test('the text of a recording’s playlist is the same on disk and from the origin', async () => {
  await house.output.end();
  for (const name of ['multivariant.m3u8', 'hi.m3u8', 'audio.m3u8', 'hi-iframes.m3u8'])
    expect(await house.text(`/recordings/show/${name}`)).toBe((await fileOf(name)).toString());
});

test('what was begun and is not served here yet may be cut short: no cache is to keep it, and who asks may ask again', async () => {
  house.origin.removeChannel('show');
  const { status, headers } = await house.get('/live/show/hi/e1/s1.mp4');
  expect([status, headers['cache-control'], headers['retry-after']]).toEqual([503, 'public, max-age=1', '1']);
  expect((await house.get('/live/show/hi.m3u8')).status).toBe(404);
  expect((await house.get('/live/none/hi/e1/s1.mp4')).status).toBe(404);
});

test('what is cut is had nowhere, and nothing of what is for nobody', async () => {
  await house.output.end();
  house.shapes.over('show');
  house.origin.removeChannel('show');
  const cuts = [{ fromUnixMs: ZERO_UNIX_MS, toUnixMs: ZERO_UNIX_MS + 10 }];
  await house.shapes.set('show', { ...NO_SHAPE, revision: 1, cuts });
  const answers = async (): Promise<number[]> => {
    const names = ['hi/e1/init.mp4', 'hi/e1/s1.mp4', 'audio/e1/s1.mp4', 'hi/e1/s2.mp4'];
    return Promise.all(names.map(async (name) => (await house.get(`/live/show/${name}`)).status));
  };
  expect(await answers()).toEqual([200, 404, 404, 200]);
  await house.shapes.set('show', { ...NO_SHAPE, revision: 2, published: false });
  // What was looked at a moment ago is believed.
  await until(async () => (await house.get('/recordings/show/multivariant.m3u8')).status === 404);
  expect(await answers()).toEqual([404, 404, 404, 404]);
});

test('an earlier version’s recording plays by the one address, and who holds its playlist may go on', async () => {
  await house.output.end();
  const today = await house.text('/recordings/show/hi.m3u8');
  await mkdir(join(house.archiveDir, 'older/hi/e1'), { recursive: true });
  for (const name of NAMES.filter((one) => one.startsWith('hi/')))
    await writeFile(join(house.archiveDir, 'older', name), await fileOf(name));
  const older = today.replaceAll('../../live/show/', '');
  expect(older).toContain('\nhi/e1/s1.mp4\n');
  await writeFile(join(house.archiveDir, 'older/hi.m3u8'), older);
  await writeFile(join(house.archiveDir, 'older/multivariant.m3u8'), await fileOf('multivariant.m3u8'));
  expect(await house.text('/recordings/older/hi.m3u8')).toBe(today.replaceAll('/show/', '/older/'));
  for (const area of ['live', 'recordings']) {
    const answer = await house.get(`/${area}/older/hi/e1/s1.mp4`);
    expect(answer.body.equals(await fileOf('hi/e1/s1.mp4'))).toBe(true);
  }
  expect((await house.get('/recordings/older/hi/e1/s1.p0.mp4')).status).toBe(404);
});
