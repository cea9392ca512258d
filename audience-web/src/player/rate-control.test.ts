import fc from 'fast-check';
import { initialRateControl, type RateControlState, rateControl } from './rate-control.ts';
import { tuningFor } from './tuning.ts';

const settings = tuningFor('fast').rate;
const at = (behindMs: number, more: object = {}) => ({
  nowMs: 1000,
  behindMs,
  bufferMs: 500,
  stalled: false,
  sheds: false,
  ...more,
});

/** Plays `seconds` against a steady edge, four decisions a second; answers the distances after each. */
function play(startBehindMs: number, seconds: number, startState = initialRateControl): number[] {
  let state: RateControlState = startState;
  let behindMs = startBehindMs;
  return Array.from({ length: seconds * 4 }, (_, i) => {
    const decision = rateControl(settings, state, at(behindMs, { nowMs: i * 250 }));
    state = decision.state;
    if (decision.seekToBehindMs !== undefined) behindMs = decision.seekToBehindMs;
    behindMs += 250 - 250 * decision.rate;
    return behindMs;
  });
}

test('at the target it plays at the natural rate', () => {
  expect(rateControl(settings, initialRateControl, at(settings.targetMs)).rate).toBe(1);
});

test('behind the target it hurries, ahead of it it dawdles', () => {
  expect(rateControl(settings, initialRateControl, at(settings.targetMs + 300)).rate).toBeGreaterThan(1);
  expect(rateControl(settings, initialRateControl, at(settings.targetMs - 300)).rate).toBeLessThan(1);
});

test('it does not hurry into an empty buffer', () => {
  expect(rateControl(settings, initialRateControl, at(settings.targetMs + 500, { bufferMs: 10 })).rate).toBe(
    1,
  );
});

test('more than three seconds behind it jumps to the target, and not twice in a row', () => {
  const far = settings.targetMs + 3001;
  const first = rateControl(settings, initialRateControl, at(far));
  expect(first).toMatchObject({ rate: 1, seekToBehindMs: settings.targetMs });
  const second = rateControl(settings, first.state, at(far, { nowMs: 2000 }));
  expect(second.seekToBehindMs).toBeUndefined();
  const later = rateControl(settings, first.state, at(far, { nowMs: 1000 + settings.jumpPauseMs }));
  expect(later.seekToBehindMs).toBe(settings.targetMs);
});

test('a stall moves the target back, and calm brings it forward again', () => {
  const stalled = rateControl(settings, initialRateControl, at(settings.targetMs, { stalled: true }));
  expect(stalled.state.extraMs).toBe(settings.extraPerStallMs);
  const soon = rateControl(settings, stalled.state, at(800, { nowMs: 6000 }));
  expect(soon.state.extraMs).toBe(settings.extraPerStallMs);
  const calm = rateControl(settings, soon.state, at(800, { nowMs: 1000 + settings.calmAfterStallMs }));
  expect(calm.state.extraMs).toBeLessThan(settings.extraPerStallMs);
});

test('each further stall in a row doubles the calm it takes to come forward, until the row is forgotten', () => {
  const stallAt = (state: RateControlState, nowMs: number): RateControlState =>
    rateControl(settings, state, at(settings.targetMs, { nowMs, stalled: true })).state;
  /** Extra distance some time after the last stall, looked at twice so that some of it could have gone. */
  const extraAfter = (state: RateControlState, ms: number): number => {
    const fromMs = (state.lastStallAtMs ?? 0) + ms;
    const before = rateControl(settings, state, at(settings.targetMs, { nowMs: fromMs - 1 })).state;
    return rateControl(settings, before, at(settings.targetMs, { nowMs: fromMs + 1000 })).state.extraMs;
  };
  const { extraPerStallMs, calmAfterStallMs, forgetStallsMs, maxCalmMs } = settings;
  const first = stallAt(initialRateControl, 1000);
  const second = stallAt(first, 61_000);
  expect(second.extraMs).toBe(2 * extraPerStallMs);
  expect(extraAfter(second, calmAfterStallMs)).toBe(second.extraMs);
  expect(extraAfter(second, 2 * calmAfterStallMs)).toBeLessThan(second.extraMs);
  const many = Array.from({ length: 20 }).reduce<RateControlState>(
    (state, _, i) => stallAt(state, 100_000 + i),
    second,
  );
  expect(extraAfter(many, maxCalmMs)).toBeLessThan(many.extraMs);
  const forgotten = stallAt(second, 61_000 + forgetStallsMs);
  expect(forgotten.stallsInARow).toBe(1);
});

describe('[R7] an origin without enough processor time', () => {
  const { targetMs, extraPerStallMs, calmAfterSheddingMs, maxExtraMs } = settings;
  /** A second each from `nowMs` on. */
  const through = (
    state: RateControlState,
    nowMs: number,
    looks: readonly { readonly stalled?: boolean; readonly sheds: boolean }[],
  ): RateControlState =>
    looks.reduce(
      (before, look, i) =>
        rateControl(settings, before, at(targetMs, { nowMs: nowMs + i * 1000, ...look })).state,
      state,
    );

  test('makes it step back once before anything runs dry, and once a stall after that', () => {
    const shed = through(initialRateControl, 1000, [{ sheds: true }, { sheds: true }]);
    expect(shed.extraMs).toBe(extraPerStallMs);
    expect(through(shed, 3000, [{ sheds: true, stalled: true }]).extraMs).toBe(2 * extraPerStallMs);
  });

  test('is what a stall just before is for: when it is over all is forgotten, and what is far is jumped', () => {
    const stalled = { sheds: false, stalled: true };
    const worst = through(initialRateControl, 1000, [
      ...Array.from({ length: 20 }, () => stalled),
      { sheds: true },
    ]);
    expect(worst).toMatchObject({ extraMs: maxExtraMs, stallsInARow: 0 });
    const atMs = worst.shedAtMs ?? 0;
    const behind = at(targetMs + maxExtraMs, { nowMs: atMs + calmAfterSheddingMs - 1 });
    expect(rateControl(settings, worst, behind).state.extraMs).toBe(maxExtraMs);
    const back = rateControl(settings, worst, { ...behind, nowMs: atMs + calmAfterSheddingMs });
    expect(back.state.extraMs).toBe(0);
    expect(back.seekToBehindMs).toBe(targetMs);
  });

  test('is no reason to jump what is near: that is hurried', () => {
    const shed = through(initialRateControl, 1000, [{ sheds: true }]);
    const back = rateControl(
      settings,
      shed,
      at(targetMs + extraPerStallMs, { nowMs: 1000 + calmAfterSheddingMs }),
    );
    expect(back.seekToBehindMs).toBeUndefined();
    expect(back.rate).toBeGreaterThan(1);
  });
});

test('from any distance short of a jump it settles within the dead band in a minute and a half, and stays there', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3500 }), (startMs) => {
      const settled = play(startMs, 120).slice(-120);
      for (const behindMs of settled) {
        expect(Math.abs(behindMs - settings.targetMs)).toBeLessThanOrEqual(settings.deadbandMs);
      }
    }),
  );
});

test('whatever is measured, the rate stays in its range, in steps of a hundredth, and nothing is NaN', () => {
  const measurement = fc.record({
    nowMs: fc.integer({ min: 0, max: 1e7 }),
    behindMs: fc.double({ min: -1e6, max: 1e6, noNaN: true }),
    bufferMs: fc.double({ min: 0, max: 1e5, noNaN: true }),
    stalled: fc.boolean(),
    sheds: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(measurement, { maxLength: 60 }), (measurements) => {
      let state = initialRateControl;
      for (const measured of measurements.toSorted((a, b) => a.nowMs - b.nowMs)) {
        const decision = rateControl(settings, state, measured);
        state = decision.state;
        expect(decision.rate).toBeGreaterThanOrEqual(settings.minRate);
        expect(decision.rate).toBeLessThanOrEqual(settings.maxRate);
        expect(Math.round(decision.rate * 100)).toBeCloseTo(decision.rate * 100, 6);
        expect(state.extraMs).toBeGreaterThanOrEqual(0);
        expect(state.extraMs).toBeLessThanOrEqual(settings.maxExtraMs);
      }
    }),
  );
});

test('every profile aims at its own hold-back', () => {
  expect(tuningFor('fast').rate.targetMs).toBe(600);
  expect(tuningFor('standard').rate.targetMs).toBe(960);
  expect(tuningFor('scale').rate.targetMs).toBe(3000);
});
