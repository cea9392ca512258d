import { createPressureMeter, idleSecondsOf, machineIdleSeconds } from './pressure.ts';

test('idle time is read from the line of all cores, waits for a disk included', () => {
  expect(idleSecondsOf('cpu  100 0 50 4000 200 0 0 0 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n')).toBe(42);
  expect(() => idleSecondsOf('')).toThrow('/proc/stat');
  expect(machineIdleSeconds()).toBeGreaterThan(0);
});

test('idle cores are of the time since the last reading', () => {
  let nowMs = 0;
  let idle = 100;
  const meter = createPressureMeter(
    () => idle,
    () => nowMs,
  );
  nowMs = 500;
  idle += 0.75;
  expect(meter.read().idleCores).toBeCloseTo(1.5);
  expect(meter.read().idleCores).toBe(0);
  meter.close();
});

test('an event loop that was blocked shows its delay, once', async () => {
  const meter = createPressureMeter();
  const turns = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  await turns(100);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  await turns(100);
  expect(meter.read().loopDelayMs).toBeGreaterThan(200);
  await turns(100);
  expect(meter.read().loopDelayMs).toBeLessThan(200);
  meter.close();
});
