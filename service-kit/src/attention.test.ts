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
  const turns = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  let acted = false;
  const callOff = afterAttended(400, () => {
    acted = true;
  });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800);
  await turns(30);
  expect(acted).toBe(false);
  while (!acted) await turns(20);
  callOff();
});
