import { setTimeout as sleep } from 'node:timers/promises';
import { Trials } from './trials.ts';

test('a source is suspect from something new until it has lived with it for a while; one on probation is tried alone', async () => {
  const told: string[] = [];
  const trials = new Trials({
    onSuspect: (id) => told.push(`${id}?`),
    onTrusted: (id) => told.push(`${id}!`),
    survivedAfterMs: 50,
  });
  trials.putOnProbation('eve1');
  expect(trials.begin('ada1')).toBe(true);
  expect(trials.begin('ada1')).toBe(true);
  expect(trials.begin('eve1')).toBe(false);
  expect(trials.begin('bob1')).toBe(true);
  trials.leave('bob1');
  expect(told).toEqual(['ada1?', 'bob1?']);
  while (!told.includes('ada1!')) await sleep(5);
  expect(trials.begin('eve1')).toBe(true);
  while (!told.includes('eve1!')) await sleep(5);
  expect(told).toEqual(['ada1?', 'bob1?', 'ada1!', 'eve1?', 'eve1!']);
  trials.close();
});

describe('a source that sends something new again and again', () => {
  const SURVIVED_MS = 60;
  let told: string[];
  let trials: Trials;
  let skippedMs: number;
  beforeEach(() => {
    told = [];
    skippedMs = 0;
    trials = new Trials({
      onSuspect: (id) => told.push(`${id}?`),
      onTrusted: (id) => told.push(`${id}!`),
      survivedAfterMs: SURVIVED_MS,
      patienceMs: 10_000,
      nowMs: () => performance.now() + skippedMs,
    });
    trials.putOnProbation('ada1');
  });
  afterEach(() => trials.close());

  /** Two seconds pass in which all of these show something new. @returns what they were answered */
  function twoSeconds(...ids: readonly string[]): boolean[] {
    skippedMs += 2000;
    return ids.map((id) => trials.begin(id));
  }

  /** All of these show something new, again and again, until `told` has this. */
  async function showNews(ids: readonly string[], until: string): Promise<void> {
    while (!told.includes(until)) {
      for (const id of ids) trials.begin(id);
      await sleep(SURVIVED_MS / 6);
    }
  }

  test('is suspect all the while, and gives way to who waits on probation, who is then tried alone', async () => {
    expect(trials.begin('eve1')).toBe(true);
    expect(trials.begin('ada1')).toBe(false);
    for (let i = 0; i < 4; i += 1) expect(twoSeconds('eve1', 'ada1')).toEqual([true, false]);
    expect(told).toEqual(['eve1?']);
    expect(twoSeconds('ada1', 'eve1')).toEqual([false, false]);
    await showNews(['eve1', 'ada1'], 'ada1?');
    expect(told).toEqual(['eve1?', 'eve1!', 'ada1?']);
    expect(trials.begin('eve1')).toBe(true); // nobody waits any more
  });

  test('gives way too when it is two that take turns, or waits on probation itself', async () => {
    trials.putOnProbation('mal1');
    expect([trials.begin('eve1'), trials.begin('ada1')]).toEqual([true, false]);
    for (let i = 0; i < 4; i += 1) twoSeconds('eve1', 'ada1', 'mal1');
    expect(twoSeconds('ada1', 'eve1', 'mal1')).toEqual([false, false, false]);
    await showNews(['eve1', 'eve2', 'mal1', 'ada1'], 'ada1?');
    expect(told).toEqual(['eve1?', 'eve1!', 'ada1?']);
  });

  test.each(['left', 'asks no more'])('waits for nobody who %s', (why) => {
    expect([trials.begin('eve1'), trials.begin('ada1')]).toEqual([true, false]);
    if (why === 'left') trials.leave('ada1');
    skippedMs = 11_000;
    expect([trials.begin('eve1'), trials.begin('bob1')]).toEqual([true, true]);
  });
});
