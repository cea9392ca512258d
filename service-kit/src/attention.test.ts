import { afterAttended, createAttention } from './attention.ts';

describe('time attended', () => {
  let nowMs: number;
  beforeEach(() => {
    nowMs = 5000;
  });
  const after = (...elapsedMs: number[]): number => {
    const attention = createAttention(250, () => nowMs);
    for (const ms of elapsedMs) {
      nowMs += ms;
      attention.round();
    }
    return attention.nowMs();
  };

  test('is the time of all rounds that were in time', () => {
    expect(after(250, 250, 250)).toBe(750);
  });

  test('counts a round that came late as one round, so that a busy machine makes everything take longer', () => {
    expect(after(250, 480, 250)).toBe(750);
  });

  test('does not count a time away at all', () => {
    expect(after(250, 30_000, 250)).toBe(500);
  });
});

test('what is to happen after a while does not happen because this process was away', async () => {
  let awayMs = 0;
  let acted = false;
  const attendedFor = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const callOff = afterAttended(
    400,
    () => {
      acted = true;
    },
    () => performance.now() + awayMs,
  );
  awayMs = 60_000;
  await attendedFor(200);
  expect(acted).toBe(false);
  while (!acted) await attendedFor(20);
  callOff();
});
