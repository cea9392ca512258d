import { Gate, toldProblem } from './gate.ts';
import { PublishError } from './target.ts';

const away = (): PublishError => new PublishError('unreachable', 'away', null);
const gateOf = (atOnce = 2, told: string[] = []): Gate =>
  new Gate({
    atOnce,
    backoff: { firstMs: 1, maxMs: 2 },
    onFailure: (error, first) => told.push(`${error.code}${first ? ' first' : ''}`),
    onRecovery: () => told.push('back'),
  });

test('few are inside at once, and who is live goes before the others', async () => {
  const gate = gateOf(1);
  const order: string[] = [];
  let release = (): void => undefined;
  const held = gate.run('later', () => new Promise<void>((go) => (release = go)));
  const others = (['later', 'live', 'later', 'live'] as const).map((turn, i) =>
    gate.run(turn, async () => void order.push(`${turn} ${i}`)),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(order).toEqual([]);
  release();
  await Promise.all([held, ...others]);
  expect(order).toEqual(['live 1', 'live 3', 'later 0', 'later 2']);
});

test('while the target fails one tries at a time; then all go on, and nothing was given up', async () => {
  const told: string[] = [];
  const gate = gateOf(4, told);
  let inside = 0;
  let most = 0;
  let failures = 0;
  const work = async (): Promise<number> => {
    inside += 1;
    if (failures >= 4) most = Math.max(most, failures < 12 ? inside : 0);
    await new Promise((resolve) => setTimeout(resolve, 1));
    inside -= 1;
    if (failures < 12) {
      failures += 1;
      throw away();
    }
    return 1;
  };
  const done = await Promise.all(Array.from({ length: 9 }, () => gate.run('live', work)));
  expect(done).toEqual(Array.from({ length: 9 }, () => 1));
  expect(most).toBe(1);
  expect(gate.failing).toBeNull();
  expect(told.filter((what) => what.endsWith('first'))).toEqual(['unreachable first']);
  expect(told.at(-1)).toBe('back');
});

test("what is not the target's fault is the caller's, and no failure", async () => {
  const gate = gateOf();
  const full = new Error('EIO');
  await expect(gate.run('live', () => Promise.reject(full))).rejects.toBe(full);
  expect(gate.failing).toBeNull();
});

test('after a stop nobody waits: neither who is inside, nor who slept, nor who stood outside', async () => {
  const gate = gateOf(1);
  const inside = gate.run('live', async (signal) => {
    await new Promise((_, no) => signal.addEventListener('abort', () => no(new Error('aborted'))));
  });
  const outside = gate.run('later', async () => 'never');
  const ends = Promise.allSettled([inside, outside]);
  await new Promise((resolve) => setImmediate(resolve));
  gate.stop();
  expect((await ends).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('what may pass by itself is told after a while, what somebody has to mend at once', () => {
  expect(toldProblem(null, 10_000)).toBeNull();
  expect(toldProblem({ problem: 'slow-down', forMs: 9_999 }, 10_000)).toBeNull();
  expect(toldProblem({ problem: 'slow-down', forMs: 10_000 }, 10_000)).toBe('slow-down');
  expect(toldProblem({ problem: 'credentials', forMs: 0 }, 10_000)).toBe('credentials');
});
