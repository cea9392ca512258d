import fc from 'fast-check';
import { Drain } from './drain.ts';

/** Lets so many microtasks pass. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await Promise.resolve();
}

test('what is added in one turn shares a round', async () => {
  const rounds: number[][] = [];
  let waiting: number[] = [];
  const drain = new Drain(async () => {
    rounds.push(waiting);
    waiting = [];
  });
  for (const one of [1, 2, 3]) {
    waiting.push(one);
    drain.wake();
  }
  await drain.settled();
  expect(rounds).toEqual([[1, 2, 3]]);
  expect(drain.idle).toBe(true);
});

test('nothing waits for the next wake-up, at whatever moment it is added', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(12), { maxLength: 40 }), fc.nat(4), async (gaps, workTurns) => {
      let waiting = 0;
      let done = 0;
      const drain = new Drain(async () => {
        const taken = waiting;
        waiting = 0;
        await turns(workTurns);
        done += taken;
      });
      for (const gap of gaps) {
        await turns(gap);
        waiting += 1;
        drain.wake();
      }
      await drain.settled();
      expect(waiting).toBe(0);
      expect(done).toBe(gaps.length);
    }),
  );
});

test('what is added while its last round ends is done without another wake-up', async () => {
  let rounds = 0;
  const drain = new Drain(async () => {
    rounds += 1;
  });
  drain.wake();
  for (let i = 0; i < 10; i += 1) {
    await Promise.resolve();
    const before = rounds;
    drain.wake();
    await turns(4);
    expect(rounds).toBeGreaterThan(before);
  }
});
