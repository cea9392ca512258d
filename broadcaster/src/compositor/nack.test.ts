import { LossTracker, nackPacket } from './nack.ts';

test('a missing packet is asked for once it cannot just be late, again until it comes, and not when it is too late', () => {
  const tracker = new LossTracker(() => 80);
  tracker.received(65_534, 0);
  expect(tracker.nextMs(0)).toBeNull();
  tracker.received(1, 0); // 65535 and 0 are missing
  expect(tracker.due(4)).toEqual([]);
  expect(tracker.due(10)).toEqual([65_535, 0]);
  expect(tracker.due(12)).toEqual([]);
  tracker.received(0, 20);
  expect(tracker.due(40)).toEqual([65_535]);
  expect(tracker.due(100)).toEqual([]);
  expect(tracker.nextMs(100)).toBeNull();
});

test('packets that only overtook each other are not asked for; a leap is not a loss', () => {
  const tracker = new LossTracker(() => 80);
  tracker.received(10, 0);
  tracker.received(12, 0);
  tracker.received(11, 3);
  tracker.received(12, 4);
  expect(tracker.due(50)).toEqual([]);
  tracker.received(5000, 50);
  expect(tracker.due(70)).toEqual([]);
});

test('of a packet that comes is said whether it was missing', () => {
  const tracker = new LossTracker(() => 80);
  expect([10, 12, 11, 11, 13].map((n) => tracker.received(n, 0))).toEqual([false, false, true, false, false]);
  tracker.received(15, 0);
  // Too late to be played, but it tells of a network.
  expect(tracker.due(200)).toEqual([]);
  expect(tracker.received(14, 300)).toBe(true);
  tracker.received(17, 300);
  expect(tracker.received(16, 2000)).toBe(false);
});

test('what is missing for long is told until it comes, or a key frame begins after it', () => {
  let tooLateMs = 400;
  const tracker = new LossTracker(() => tooLateMs);
  tracker.received(65_534, 0);
  tracker.received(0, 0);
  expect(tracker.misses(200, 150)).toBe(false);
  expect(tracker.misses(200, 220)).toBe(true);
  tooLateMs = 100;
  expect(tracker.misses(200, 150)).toBe(true);
  tracker.received(65_535, 160);
  expect(tracker.misses(200, 220)).toBe(false);
  tracker.received(2, 300);
  tracker.received(4, 300);
  tracker.beginsAnew(2);
  expect(tracker.misses(200, 420)).toBe(true);
  tracker.beginsAnew(4);
  expect(tracker.misses(200, 420)).toBe(false);
});

test('whoever leaves out most of their packets costs no more than so much', () => {
  const tracker = new LossTracker(() => 80);
  for (let i = 0; i < 50; i += 1) tracker.received(i * 150, i);
  expect(tracker.due(60).length).toBeLessThanOrEqual(1000);
});

test('neighbours share a word of the request', () => {
  const packet = nackPacket(0x0102_0304, [65_535, 0, 15, 16]);
  expect(packet.toString('hex')).toBe(`81cd00040000000101020304${'ffff8001'}${'00100000'}`);
});
