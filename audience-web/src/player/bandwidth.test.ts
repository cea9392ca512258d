import { createBandwidthEstimator, type Transfer } from './bandwidth.ts';

/** Parts of 80 kB every 320 ms, that take so many milliseconds each. */
function parts(count: number, tookMs: number, fromMs = 0): Transfer[] {
  return Array.from({ length: count }, (_, i) => {
    const firstByteAtMs = fromMs + i * Math.max(320, tookMs);
    return { bytes: 80_000, firstByteAtMs, endedAtMs: firstByteAtMs + tookMs };
  });
}

function estimateAfter(...transfers: readonly Transfer[]): number {
  const estimator = createBandwidthEstimator(4_000_000);
  for (const transfer of transfers) estimator.observe(transfer);
  return estimator.bitsPerSecond();
}

test('before anything has arrived it is the first guess', () => {
  expect(estimateAfter()).toBe(4_000_000);
  expect(createBandwidthEstimator(4_000_000).known()).toBe(false);
});

test('after minutes of parts that come at once, two slow ones are a slow network', () => {
  const quick = parts(200, 2);
  expect(estimateAfter(...quick, ...parts(2, 430, 64_000))).toBeLessThan(1_500_000);
});

test('a single hiccup is none', () => {
  expect(estimateAfter(...parts(8, 2), ...parts(1, 200, 2560))).toBeGreaterThan(5_000_000);
});

test('a network is trusted again after eight quick parts, not before', () => {
  const slow = parts(8, 430);
  expect(estimateAfter(...slow, ...parts(4, 2, 4000))).toBeLessThan(3_000_000);
  expect(estimateAfter(...slow, ...parts(8, 2, 4000))).toBeGreaterThan(50_000_000);
});

test('two parts at the same time share the network', () => {
  const both = { bytes: 80_000, firstByteAtMs: 0, endedAtMs: 800 };
  expect(estimateAfter(both, both)).toBe(1_600_000);
});

test('a packet or two tell nothing, and no time at all is no infinite network', () => {
  expect(estimateAfter({ bytes: 900, firstByteAtMs: 0, endedAtMs: 500 })).toBe(4_000_000);
  expect(estimateAfter({ bytes: 80_000, firstByteAtMs: 5, endedAtMs: 5 })).toBe(640_000_000);
});
