import { MAX_MEASUREMENTS_BYTES, ViewerMeasurements } from '@rostrum/contracts/measurements';
import { createMeasurementsLog, type ViewerMoment } from './measurements.ts';

const moment = (nowMs: number, change: Partial<ViewerMoment> = {}): ViewerMoment => ({
  nowMs,
  playing: true,
  stalled: false,
  stalls: 0,
  latencyMs: 1000,
  rendition: '720p',
  startDelayMs: 800,
  bufferMs: 600,
  throughput: 5_000_000,
  ...change,
});

test('a minute becomes one report, which is what the coordinator takes and small', () => {
  const log = createMeasurementsLog();
  for (let s = 0; s <= 60; s += 1) log.note(moment(s * 1000, { latencyMs: s >= 55 ? 3000 : 1000 }));
  const report = log.take();
  expect(report).toEqual({
    v: 1,
    rendition: '720p',
    played: 60_000,
    stalls: 0,
    bsd: 0,
    msd: 800,
    ltc: 1000,
    ltc95: 3000,
    bl: 600,
    mtp: 5000,
  });
  expect(ViewerMeasurements.parse(report)).toEqual(report);
  expect(JSON.stringify(report).length).toBeLessThan(MAX_MEASUREMENTS_BYTES);
});

test('the start is told once, stalls and time since the last report only', () => {
  const log = createMeasurementsLog();
  log.note(moment(0));
  log.note(moment(2000, { stalls: 1 }));
  expect(log.take()).toMatchObject({ msd: 800, stalls: 1, played: 2000 });
  log.note(moment(3000, { playing: false, stalled: true, stalls: 3, latencyMs: null }));
  const next = log.take();
  expect(next).toMatchObject({ stalls: 2, played: 0, bsd: 1000 });
  expect(next).not.toHaveProperty('msd');
  expect(next).not.toHaveProperty('ltc');
});

test('the rendition is the one that was shown longest', () => {
  const log = createMeasurementsLog();
  log.note(moment(0));
  log.note(moment(1000));
  for (const s of [2, 3, 4]) log.note(moment(s * 1000, { rendition: '240p' }));
  expect(log.take()?.rendition).toBe('240p');
});

test('nothing played is nothing to tell, and a sleeping machine is not a minute of playing', () => {
  const log = createMeasurementsLog();
  expect(log.take()).toBeNull();
  log.note(moment(0, { playing: false }));
  expect(log.take()).toBeNull();
  log.note(moment(3_600_000));
  expect(log.take()?.played).toBe(5000);
});
