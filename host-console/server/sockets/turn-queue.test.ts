import { TurnQueue } from './turn-queue.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a turn lets its share through, in order, and leaves the rest to the next', async () => {
  const ran: number[] = [];
  const queue = new TurnQueue(2);
  for (let i = 0; i < 5; i += 1) queue.enter(() => ran.push(i));
  expect(ran).toEqual([]);
  await turn();
  expect(ran).toEqual([0, 1]);
  await turn();
  expect(ran).toEqual([0, 1, 2, 3]);
  queue.enter(() => ran.push(5));
  await turn();
  expect(ran).toEqual([0, 1, 2, 3, 4, 5]);
});
