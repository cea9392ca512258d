import { KeyedQueue } from './keyed-queue.ts';

test('tasks of a key take turns, those of others do not wait, and one that fails holds nobody up', async () => {
  const queue = new KeyedQueue();
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const slow = queue.run('a', async () => {
    await first.promise;
    order.push('a1');
    throw new Error('failed');
  });
  const next = queue.run('a', async () => {
    order.push('a2');
    return 2;
  });
  await queue.run('b', async () => {
    order.push('b1');
  });
  first.resolve();
  await expect(slow).rejects.toThrow('failed');
  expect(await next).toBe(2);
  expect(order).toEqual(['b1', 'a1', 'a2']);
});
