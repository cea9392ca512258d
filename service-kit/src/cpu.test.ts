import { createCpuMeter, processSeconds } from './cpu.ts';
import type { Logger } from './logger.ts';

const warnings: string[] = [];
const logger: Logger = {
  info: () => undefined,
  warn: (_fields, message) => void warnings.push(message),
  error: () => undefined,
};
const settled = (): Promise<void> => new Promise((wake) => setTimeout(wake, 20));

describe('the share of a core', () => {
  test('is what was used between two measurements', async () => {
    const startMs = performance.now();
    const meter = createCpuMeter(() => ((performance.now() - startMs) / 1000) * 1.5, logger);
    expect(meter()).toBe(0);
    await settled();
    meter();
    await settled();
    expect(meter()).toBeCloseTo(1.5, 1);
  });

  test('is never negative: a worker that died takes its seconds with it', async () => {
    let seconds = 100;
    const meter = createCpuMeter(() => seconds, logger);
    meter();
    await settled();
    seconds = 0;
    meter();
    await settled();
    expect(meter()).toBe(0);
  });

  test('is the last one known while a measurement hangs, and one that fails is told', async () => {
    let asked = 0;
    const hanging = createCpuMeter(() => {
      asked += 1;
      return new Promise<number>(() => undefined);
    }, logger);
    expect([hanging(), hanging()]).toEqual([0, 0]);
    expect(asked).toBe(1);
    const failing = createCpuMeter(() => Promise.reject(new Error('gone')), logger);
    failing();
    await settled();
    expect(warnings).toEqual(['cannot measure processor time']);
  });

  test('counts the process itself', () => {
    const before = processSeconds();
    while (processSeconds() === before) Math.sqrt(2);
    expect(processSeconds()).toBeGreaterThan(before);
  });
});
