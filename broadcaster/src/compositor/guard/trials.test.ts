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
