import { type Offer, planWeights, sharesOf, wantedOf } from './plan.ts';

const offer = (part: Partial<Offer> = {}): Offer => ({
  autogroup: 'on',
  cpuGroup: { is: 'root', version: 2, dir: '/cgroup', open: false },
  lowestNice: -20,
  ...part,
});
const below = (open: boolean): Offer['cpuGroup'] => ({ is: 'below', version: 2, dir: '/cgroup/ours', open });

describe('by what processes are weighed', () => {
  test("sessions' weights where the kernel looks at them, as in the root cgroup of a machine", () => {
    const plan = planWeights(offer());
    expect(plan).toMatchObject({ groups: { by: 'autogroup' }, lack: null });
    expect(wantedOf('panel-sfu', plan)).toEqual({ groupNice: -12, nice: -12 });
    // In its broadcaster's session.
    expect(wantedOf('compositor', plan)).toEqual({ groupNice: null, nice: -11 });
    expect(planWeights(offer({ cpuGroup: { is: 'none' } })).groups.by).toBe('autogroup');
  });

  test('cgroups of our own below one that is ours, where sessions weigh nothing', () => {
    const plan = planWeights(offer({ cpuGroup: below(true) }));
    expect(plan).toMatchObject({ groups: { by: 'cgroup', version: 2, dir: '/cgroup/ours' }, lack: null });
    expect(planWeights(offer({ autogroup: 'off', cpuGroup: below(true) })).groups.by).toBe('cgroup');
  });

  test('with cgroups of our own nothing is lacking without root either', () => {
    const plan = planWeights(offer({ cpuGroup: below(true), lowestNice: 0 }));
    expect(plan.lack).toBeNull();
    expect(wantedOf('host-console', plan)).toEqual({ groupNice: -14, nice: 0 });
  });

  test.each([offer({ cpuGroup: below(false) }), offer({ autogroup: 'absent' }), offer({ autogroup: 'off' })])(
    'processes one by one where there are no groups to weigh',
    (given) => {
      const plan = planWeights(given);
      expect(plan).toMatchObject({ groups: { by: 'none' }, lack: null });
      expect(wantedOf('host-console', plan)).toEqual({ groupNice: null, nice: -14 });
    },
  );

  test.each([offer({ lowestNice: 0 }), offer({ lowestNice: 0, cpuGroup: below(false) })])(
    'who may not go before others still puts the demo and the builds behind, and says what it lacks',
    (given) => {
      const plan = planWeights(given);
      expect(plan.lack).toContain('no niceness below 0 is allowed here');
      expect(plan.remedy).toContain('run it as root');
      expect(wantedOf('host-console', plan).nice).toBe(0);
      expect(wantedOf('demo', plan).nice).toBe(15);
      expect(wantedOf('tools', plan).nice).toBe(10);
    },
  );

  test('a limit that allows some niceness is used as far as it goes', () => {
    const plan = planWeights(offer({ lowestNice: -11 }));
    expect(plan.lack).not.toBeNull();
    expect(wantedOf('panel-sfu', plan)).toEqual({ groupNice: -11, nice: -11 });
    expect(wantedOf('edge', plan)).toEqual({ groupNice: -8, nice: -8 });
  });
});

test("a cgroup's shares are the weights that the kernel gives the niceness", () => {
  // sched_prio_to_weight: 1024 at 0, 9548 at -10, 110 at 10, 15 at 19.
  expect(sharesOf(0)).toBe(1024);
  for (const [nice, weight] of [
    [-14, 23_254],
    [-10, 9548],
    [10, 110],
    [19, 15],
  ] as const) {
    expect(Math.abs(sharesOf(nice) / weight - 1)).toBeLessThan(0.03);
  }
});
