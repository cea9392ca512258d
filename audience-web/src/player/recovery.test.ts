import {
  FORGIVE_AFTER_MS,
  initialRecovery,
  RECOVERY,
  type Remedy,
  recover,
  type Trouble,
} from './recovery.ts';

function course(trouble: Trouble, times: number, everyMs = 1000): { remedy: Remedy; delayMs: number }[] {
  let state = initialRecovery;
  return Array.from({ length: times }, (_, i) => {
    const plan = recover(state, trouble, i * everyMs, 0);
    state = plan.state;
    return { remedy: plan.remedy, delayMs: plan.delayMs };
  });
}

test('a decode error is first mended in place, then by a fresh instance', () => {
  expect(course('decode', 3).map((p) => p.remedy)).toEqual(['recover-media', 'rebuild', 'rebuild']);
});

test('a picture that stands still: jump to live, load on, start anew', () => {
  expect(course('stall', 3, 3000).map((p) => p.remedy)).toEqual(['jump', 'reload', 'rebuild']);
});

test('an origin that is away for long is asked for ever, at most every three seconds', () => {
  const plans = course('multivariant', 40);
  expect(plans.every((p) => p.remedy === 'rebuild' && p.delayMs <= 3000)).toBe(true);
  expect(plans.at(-1)?.delayMs).toBe(3000);
  expect(plans[0]?.delayMs).toBeLessThan(1000);
});

test('after calm playing the next trouble starts at its mildest remedy again', () => {
  let state = initialRecovery;
  for (let i = 0; i < 5; i += 1) ({ state } = recover(state, 'network', i, 0));
  const soon = recover(state, 'network', FORGIVE_AFTER_MS, 0);
  expect(soon.remedy).toBe('rebuild');
  expect(recover(state, 'network', FORGIVE_AFTER_MS + 10, 0).remedy).toBe('reload');
});

test('jitter shortens a delay by up to half and never makes it longer', () => {
  const full = recover(initialRecovery, 'multivariant', 0, 0).delayMs;
  expect(recover(initialRecovery, 'multivariant', 0, 0.999).delayMs).toBeGreaterThanOrEqual(full / 2);
  expect(recover(initialRecovery, 'multivariant', 0, 0.5).delayMs).toBeLessThan(full);
});

test('every trouble ends in a remedy that can be repeated for ever', () => {
  for (const { steps } of Object.values(RECOVERY)) expect(steps.at(-1)?.remedy).toBe('rebuild');
});
