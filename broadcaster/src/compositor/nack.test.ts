import { LossTracker, nackPacket } from './nack.ts';

test('a missing packet is asked for once it cannot just be late, again until it comes, and not when it is too late', () => {
  const tracker = new LossTracker(80);
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
  const tracker = new LossTracker(80);
  tracker.received(10, 0);
  tracker.received(12, 0);
  tracker.received(11, 3);
  tracker.received(12, 4);
  expect(tracker.due(50)).toEqual([]);
  tracker.received(5000, 50);
  expect(tracker.due(70)).toEqual([]);
});

test('neighbours share a word of the request', () => {
  const packet = nackPacket(0x0102_0304, [65_535, 0, 15, 16]);
  expect(packet.toString('hex')).toBe(`81cd00040000000101020304${'ffff8001'}${'00100000'}`);
});
