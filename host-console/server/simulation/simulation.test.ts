import { History } from './history.ts';

/** Some seconds of them while one works, a minute or two in CI; `ROSTRUM_HISTORY` asks for one, with its story. */
const HISTORIES = Number(process.env.ROSTRUM_HISTORIES ?? (process.env.CI ? 10_000 : 1000));
const ONE = process.env.ROSTRUM_HISTORY;

test('whatever happens to whom, in the end everything is as the log says and nothing is left behind', async () => {
  const seeds = ONE === undefined ? Array.from({ length: HISTORIES }, (_, i) => i) : [Number(ONE)];
  const broken: { seed: number; wrong: string[] }[] = [];
  for (const seed of seeds) {
    const history = new History(seed);
    const wrong = await history.live();
    if (wrong.length === 0) continue;
    broken.push({ seed, wrong });
    if (ONE !== undefined) console.error(history.world.story.join('\n'));
    if (broken.length === 10) break;
  }
  expect(broken).toEqual([]);
}, 3_600_000);

test('a history is the same each time', async () => {
  const [one, other] = [new History(7), new History(7)];
  await one.live();
  await other.live();
  expect(other.world.story).toEqual(one.world.story);
  expect([...other.disk.logs]).toEqual([...one.disk.logs]);
});
