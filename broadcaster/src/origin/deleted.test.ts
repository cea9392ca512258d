import { MULTIVARIANT_NAME } from '../packager/index.ts';
import { House } from './testing/house.ts';

const SEGMENT = 48;
let house: House;
afterEach(() => house?.close());

test('of a channel that is deleted nothing is served from then on, live or recorded, kept in memory or not', async () => {
  const deleted = new Set<string>();
  house = await House.open({ isDeleted: (id) => deleted.has(id) });
  house.feedTo(3 * SEGMENT);
  await house.archived();
  await house.output.end();
  const paths = ['live', 'recordings'].flatMap((area) =>
    [MULTIVARIANT_NAME, 'hi.m3u8', 'hi/e1/init.mp4', 'hi/e1/s1.mp4'].map((name) => `/${area}/show/${name}`),
  );
  const statuses = () => Promise.all(paths.map(async (path) => (await house.get(path)).status));
  expect(new Set(await statuses())).toEqual(new Set([200]));
  deleted.add('other');
  expect(new Set(await statuses())).toEqual(new Set([200]));
  deleted.add('show');
  expect(new Set(await statuses())).toEqual(new Set([404]));
});
