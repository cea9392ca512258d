import { Reconciler } from './reconciler.ts';

const BACKOFF = { firstMs: 1, maxMs: 4 };

describe('a reconciler', () => {
  test('compares once for what moved together, and again for what moved meanwhile', async () => {
    let rounds = 0;
    const gate = Promise.withResolvers<void>();
    const reconciler = new Reconciler({
      reconcile: async () => {
        rounds += 1;
        if (rounds === 1) await gate.promise;
      },
      backoff: BACKOFF,
      failed: () => undefined,
    });
    reconciler.changed();
    reconciler.changed();
    await Promise.resolve();
    expect(rounds).toBe(1);
    reconciler.changed();
    gate.resolve();
    await reconciler.settled();
    expect(rounds).toBe(2);
  });

  test('tries again until it works, and says how often it failed in a row', async () => {
    const failures: number[] = [];
    let left = 3;
    const { promise: worked, resolve } = Promise.withResolvers<void>();
    const reconciler = new Reconciler({
      reconcile: async () => {
        left -= 1;
        if (left >= 0) throw new Error('not yet');
      },
      backoff: BACKOFF,
      worked: resolve,
      failed: (_error, n) => failures.push(n),
    });
    reconciler.changed();
    await worked;
    expect(failures).toEqual([1, 2, 3]);
  });

  test('that was closed begins nothing, and tells nothing of what was under way', async () => {
    const gate = Promise.withResolvers<void>();
    let begun = 0;
    const told: string[] = [];
    const reconciler = new Reconciler({
      reconcile: async () => {
        begun += 1;
        await gate.promise;
        throw new Error('too late');
      },
      backoff: BACKOFF,
      worked: () => told.push('worked'),
      failed: () => told.push('failed'),
    });
    reconciler.changed();
    await Promise.resolve();
    reconciler.close();
    gate.resolve();
    await reconciler.settled();
    reconciler.changed();
    await reconciler.settled();
    expect({ begun, told }).toEqual({ begun: 1, told: [] });
  });
});
