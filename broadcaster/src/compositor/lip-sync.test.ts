import { LipSync } from './lip-sync.ts';

const ms = (n: number): bigint => BigInt(n) * 1_000_000n;

/** Streams by name, each with the offset it was last told, ms. */
function setUp(...streams: readonly [id: string, group: string][]) {
  const sync = new LipSync();
  const told = new Map<string, number>();
  for (const [id, group] of streams) sync.add(id, group, (ns) => told.set(id, ns / 1e6));
  /** The sample captured at `senderMs` plays at `senderMs + delayMs` here. */
  const report = (id: string, delayMs: number, senderMs = 5000): void =>
    sync.report(id, { runningTimeNs: ms(senderMs + delayMs), senderNs: ms(senderMs) });
  return { sync, told, report };
}

test('[P11] the stream that comes earlier waits for the later one', () => {
  const { told, report } = setUp(['camera', 'ada'], ['mic', 'ada']);
  report('mic', 20);
  expect(told.size).toBe(0);
  report('camera', 80);
  expect(Object.fromEntries(told)).toEqual({ mic: 60 });
});

test('people do not wait for each other', () => {
  const { told, report } = setUp(['camera', 'ada'], ['mic', 'bob']);
  report('mic', 20);
  report('camera', 500);
  expect(told.size).toBe(0);
});

test('wobbling reports move nothing; a lasting change does', () => {
  const { told, report, sync } = setUp(['camera', 'ada'], ['mic', 'ada']);
  report('camera', 80);
  report('mic', 20);
  told.clear();
  for (const wobble of [3, -4, 5, -2]) report('mic', 20 + wobble);
  expect(told.size).toBe(0);
  for (let i = 0; i < 30; i += 1) report('mic', 50);
  expect(sync.offsetNs('mic') / 1e6).toBeGreaterThan(29);
  expect(sync.offsetNs('mic') / 1e6).toBeLessThan(40);
});

test('a stream that jumps (its sender restarted) is followed at once', () => {
  const { told, report } = setUp(['camera', 'ada'], ['mic', 'ada']);
  report('camera', 80);
  report('mic', 20);
  report('mic', 1000);
  expect(told.get('camera')).toBe(920);
  expect(told.get('mic')).toBe(0);
});

test('what remains after a stream left is not held back for it', () => {
  const { sync, told, report } = setUp(['camera', 'ada'], ['mic', 'ada']);
  report('camera', 80);
  report('mic', 20);
  sync.remove('camera');
  expect(told.get('mic')).toBe(0);
});

test('a stream that is held back takes the others of its sender along, as far as they are not later anyway', () => {
  const { sync, told, report } = setUp(['camera', 'ada'], ['mic', 'ada'], ['other', 'bob']);
  report('camera', 80);
  report('mic', 20);
  report('other', 0);
  sync.hold('mic', 50e6);
  expect(Object.fromEntries(told)).toEqual({ mic: 60 });
  sync.hold('mic', 100e6);
  expect(Object.fromEntries(told)).toEqual({ mic: 100, camera: 40 });
  sync.hold('mic', 0);
  expect(Object.fromEntries(told)).toEqual({ mic: 60, camera: 0 });
});

test('a stream without a report yet is held back all the same', () => {
  const { sync, told, report } = setUp(['camera', 'ada'], ['mic', 'ada']);
  report('camera', 80);
  sync.hold('mic', 100e6);
  expect(Object.fromEntries(told)).toEqual({ mic: 100 });
});

test('clocks that cannot be of one sender are left alone', () => {
  const { told, report } = setUp(['camera', 'ada'], ['mic', 'ada']);
  report('camera', 80);
  report('mic', 60_000);
  expect(told.size).toBe(0);
});
