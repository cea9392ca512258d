import { KeyedBuckets, TokenBucket } from './token-bucket.ts';

describe('a token bucket', () => {
  test('gives its burst at once, then its rate, and never saves up more than the burst', () => {
    const bucket = new TokenBucket({ burst: 3, perSecond: 2 }, 0);
    const takenAt = (nowMs: number, times: number): number =>
      Array.from({ length: times }, () => bucket.take(nowMs)).filter((waitMs) => waitMs === 0).length;
    expect(takenAt(0, 10)).toBe(3);
    expect(takenAt(499, 1)).toBe(0);
    expect(takenAt(500, 2)).toBe(1);
    expect(takenAt(100_000, 10)).toBe(3);
  });

  test('says when there is one again, and then there is', () => {
    const bucket = new TokenBucket({ burst: 1, perSecond: 0.4 }, 0);
    expect([bucket.take(0), bucket.take(0), bucket.take(500)]).toEqual([0, 2500, 2000]);
    expect(bucket.take(2500)).toBe(0);
  });

  test('each key has its own, and full ones are forgotten without a difference', () => {
    const buckets = new KeyedBuckets({ burst: 1, perSecond: 1 });
    expect([buckets.take('a', 0), buckets.take('a', 0), buckets.take('b', 0)]).toEqual([0, 1000, 0]);
    expect([buckets.take('a', 60_000), buckets.take('a', 60_000)]).toEqual([0, 1000]);
  });
});
