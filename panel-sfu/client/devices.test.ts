import fc from 'fast-check';
import {
  canTurn,
  commonProblem,
  type DeviceEffect,
  type DeviceEvent,
  type DeviceKind,
  type DeviceName,
  type Devices,
  initialDevices,
  type OpenDevice,
  problemOf,
  restores,
  stepDevices,
  substitute,
} from './devices.ts';

const HEADSET: OpenDevice = { id: 'headset', label: 'Headset', facing: null };
const BUILT_IN: OpenDevice = { id: 'built-in', label: 'Built-in', facing: null };
const FRONT: OpenDevice = { id: 'front', label: 'Front', facing: 'user' };
const BACK: OpenDevice = { id: 'back', label: 'Back', facing: 'environment' };

function page() {
  let state: Devices = initialDevices;
  return {
    on(event: DeviceEvent): readonly DeviceEffect[] {
      const next = stepDevices(state, event);
      state = next.state;
      return next.effects;
    },
    get mic() {
      return state.mic;
    },
    get camera() {
      return state.camera;
    },
  };
}
const ALL_ASKED: DeviceEvent = { type: 'all-asked', last: { camera: null, mic: null } };
type Page = ReturnType<typeof page>;

const listing = (
  mics: readonly DeviceName[],
  cameras: readonly DeviceName[] = [],
  nowMs = 0,
): DeviceEvent => ({ type: 'listed', names: { mic: mics, camera: cameras }, nowMs });
const openAs = (p: Page, kind: DeviceKind, device: OpenDevice): void => {
  p.on({ type: 'device-asked', kind, id: null });
  p.on({ type: 'opened', kind, attempt: p[kind].attempt, device, silent: false });
};
/** With the headset as microphone, and a built-in one beside it. */
function withHeadset(): Page {
  const p = page();
  openAs(p, 'mic', HEADSET);
  p.on(listing([HEADSET, BUILT_IN]));
  return p;
}
const end = (p: Page, nowMs = 1000): readonly DeviceEffect[] =>
  p.on({ type: 'ended', kind: 'mic', attempt: p.mic.held, nowMs });

describe('opening', () => {
  test('both devices are asked for in one question', () => {
    const p = page();
    const [effect] = p.on(ALL_ASKED);
    expect(effect).toMatchObject({ do: 'open', wants: [{ kind: 'mic' }, { kind: 'camera' }] });
    expect(p.mic.opening && p.camera.opening).toBe(true);
  });

  test('the devices of before are asked for, each or else any other', () => {
    const [effect] = page().on({ type: 'all-asked', last: { camera: null, mic: 'built-in' } });
    expect(effect).toMatchObject({
      wants: [
        { kind: 'mic', want: { last: 'built-in' } },
        { kind: 'camera', want: null },
      ],
    });
  });

  test('a device that does not open says why, and once it opens says nothing', () => {
    const p = page();
    p.on(ALL_ASKED);
    p.on({ type: 'refused', kind: 'mic', attempt: 1, problem: 'denied', nowMs: 0 });
    expect(problemOf(p.mic)).toBe('denied');
    expect(p.on({ type: 'restore-asked', kind: 'mic' })).toEqual([
      { do: 'open', wants: [{ kind: 'mic', attempt: 2, want: null }] },
    ]);
    p.on({ type: 'opened', kind: 'mic', attempt: 2, device: BUILT_IN, silent: false });
    expect(problemOf(p.mic)).toBeNull();
  });

  test('another device that was chosen and does not open leaves the one that works', () => {
    const p = withHeadset();
    p.on({ type: 'device-asked', kind: 'mic', id: 'built-in' });
    p.on({ type: 'refused', kind: 'mic', attempt: p.mic.attempt, problem: 'busy', nowMs: 0 });
    expect(p.mic.holds).toEqual({ is: 'live', device: HEADSET, problem: 'busy' });
  });

  test('what an earlier attempt brings comes too late', () => {
    const p = page();
    p.on({ type: 'device-asked', kind: 'mic', id: 'headset' });
    p.on({ type: 'stop-asked', kind: 'mic' });
    p.on({ type: 'opened', kind: 'mic', attempt: 1, device: HEADSET, silent: false });
    expect(p.mic).toMatchObject({ holds: { is: 'nothing' }, opening: false });
  });
});

test('what keeps both devices away is said once', () => {
  const p = page();
  p.on(ALL_ASKED);
  p.on({ type: 'refused', kind: 'mic', attempt: 1, problem: 'denied', nowMs: 0 });
  expect(commonProblem(p)).toBeNull();
  p.on({ type: 'refused', kind: 'camera', attempt: 1, problem: 'denied', nowMs: 0 });
  expect(commonProblem(p)).toBe('denied');
  expect(substitute(p.mic)).toBeNull();
  p.on(ALL_ASKED);
  p.on({ type: 'opened', kind: 'mic', attempt: 2, device: HEADSET, silent: false });
  expect(commonProblem(p)).toBeNull();
});

describe('a device that goes', () => {
  test('unplugged: it is said, and one press opens another', () => {
    const p = withHeadset();
    expect(end(p)).toEqual([{ do: 'release', kind: 'mic' }, { do: 'list' }]);
    p.on(listing([BUILT_IN]));
    expect(problemOf(p.mic)).toBe('unplugged');
    expect(restores(p.mic)).toEqual(BUILT_IN);
    expect(substitute(p.mic)).toBe('Built-in');
    expect(p.on({ type: 'restore-asked', kind: 'mic' })).toMatchObject([
      { wants: [{ want: { id: 'built-in' } }] },
    ]);
  });

  test('a headset between two profiles is gone for a moment, and comes back by itself', () => {
    const p = withHeadset();
    p.on({ type: 'silenced', kind: 'mic', attempt: p.mic.held });
    end(p, 1000);
    expect(p.on(listing([BUILT_IN], [], 1100))).toEqual([]);
    expect(p.on(listing([HEADSET, BUILT_IN], [], 2500))).toEqual([
      { do: 'open', wants: [{ kind: 'mic', attempt: 2, want: { id: 'headset' } }] },
    ]);
    // Only once, however often the list changes meanwhile.
    expect(p.on(listing([HEADSET, BUILT_IN], [], 2600))).toEqual([]);
    p.on({ type: 'opened', kind: 'mic', attempt: 2, device: HEADSET, silent: false });
    expect(problemOf(p.mic)).toBeNull();
  });

  test('one that is plugged in again much later is offered, and not opened unasked', () => {
    const p = withHeadset();
    end(p, 1000);
    p.on(listing([BUILT_IN], [], 1100));
    expect(p.on(listing([HEADSET, BUILT_IN], [], 61_000))).toEqual([]);
    expect(p.on(listing([HEADSET, BUILT_IN], [], 62_000))).toEqual([]);
    expect(problemOf(p.mic)).toBe('unplugged');
    expect(restores(p.mic)).toEqual(HEADSET);
    expect(p.on({ type: 'restore-asked', kind: 'mic' })).toMatchObject([
      { wants: [{ want: { id: 'headset' } }] },
    ]);
  });

  test('one that ended and is still there was taken by somebody else', () => {
    const p = withHeadset();
    end(p);
    expect(p.on(listing([HEADSET, BUILT_IN]))).toEqual([]);
    expect(problemOf(p.mic)).toBe('taken');
    expect(substitute(p.mic)).toBeNull();
    expect(p.on({ type: 'restore-asked', kind: 'mic' })).toMatchObject([
      { wants: [{ want: { id: 'headset' } }] },
    ]);
  });

  test('"the default one" is always listed, whatever it stands for: nobody is accused of having taken it', () => {
    const p = page();
    openAs(p, 'mic', { id: 'default', label: 'Default', facing: null });
    p.on(listing([{ id: 'default', label: 'Default' }, BUILT_IN]));
    end(p);
    p.on(listing([{ id: 'default', label: 'Default' }, BUILT_IN]));
    expect(problemOf(p.mic)).toBe('unplugged');
  });

  test.each(['before', 'after'])(
    'a permission that is withdrawn, told %s the track ends, is called that',
    (when) => {
      const p = withHeadset();
      const withdraw = (): void => {
        p.on({ type: 'permission', kind: 'mic', permission: 'denied' });
      };
      p.on({ type: 'permission', kind: 'mic', permission: 'granted' });
      if (when === 'before') withdraw();
      end(p);
      p.on(listing([HEADSET, BUILT_IN]));
      if (when === 'after') withdraw();
      expect(problemOf(p.mic)).toBe('withdrawn');
      p.on(listing([]));
      expect(problemOf(p.mic)).toBe('withdrawn');
    },
  );

  test('what a track says that is no longer held counts for nothing', () => {
    const p = withHeadset();
    const before = p.mic.held;
    p.on({ type: 'device-asked', kind: 'mic', id: 'built-in' });
    p.on({ type: 'opened', kind: 'mic', attempt: p.mic.attempt, device: BUILT_IN, silent: false });
    p.on({ type: 'ended', kind: 'mic', attempt: before, nowMs: 0 });
    expect(p.mic.holds).toMatchObject({ is: 'live', device: BUILT_IN });
  });
});

describe('a device that the system holds back', () => {
  const call = (p: Page): readonly DeviceEffect[] =>
    p.on({ type: 'silenced', kind: 'mic', attempt: p.mic.held });

  test('a phone call is told of once it lasts, and over when it is over', () => {
    const p = withHeadset();
    expect(call(p)).toMatchObject([{ do: 'wait', kind: 'mic' }]);
    expect(problemOf(p.mic)).toBeNull();
    p.on({ type: 'waited', kind: 'mic', attempt: p.mic.held });
    expect(problemOf(p.mic)).toBe('interrupted');
    p.on({ type: 'sounds', kind: 'mic', attempt: p.mic.held });
    expect(p.mic.holds).toEqual({ is: 'live', device: HEADSET, problem: null });
    p.on({ type: 'waited', kind: 'mic', attempt: p.mic.held });
    expect(problemOf(p.mic)).toBeNull();
  });

  test('one press gives it back and opens it anew', () => {
    const p = withHeadset();
    call(p);
    expect(p.on({ type: 'restore-asked', kind: 'mic' })).toEqual([
      { do: 'release', kind: 'mic' },
      { do: 'open', wants: [{ kind: 'mic', attempt: 2, want: { id: 'headset' } }] },
    ]);
    p.on({ type: 'refused', kind: 'mic', attempt: 2, problem: 'busy', nowMs: 0 });
    expect(p.mic.holds).toMatchObject({ is: 'lost', device: HEADSET, problem: 'busy' });
  });

  test('a camera behind its cover is dark from the start, and that is said too', () => {
    const p = page();
    p.on({ type: 'device-asked', kind: 'camera', id: null });
    const effects = p.on({ type: 'opened', kind: 'camera', attempt: 1, device: FRONT, silent: true });
    expect(effects).toMatchObject([{ do: 'list' }, { do: 'wait' }]);
    expect(problemOf(p.camera)).toBeNull();
    p.on({ type: 'waited', kind: 'camera', attempt: 1 });
    expect(problemOf(p.camera)).toBe('interrupted');
  });
});

describe('choices', () => {
  test('what is connected meanwhile is offered; what was there, and what only stands for another, is not', () => {
    const p = page();
    openAs(p, 'mic', BUILT_IN);
    p.on(listing([BUILT_IN]));
    expect(p.mic.newcomer).toBeNull();
    p.on(listing([{ id: 'default', label: 'Default' }, BUILT_IN, HEADSET]));
    expect(p.mic.newcomer).toEqual(HEADSET);
    p.on(listing([BUILT_IN, HEADSET]));
    expect(p.mic.newcomer).toEqual(HEADSET);
    p.on({ type: 'device-asked', kind: 'mic', id: 'headset' });
    expect(p.mic.newcomer).toBeNull();
  });

  test('a newcomer that has gone again is no longer offered', () => {
    const p = page();
    openAs(p, 'mic', BUILT_IN);
    p.on(listing([BUILT_IN]));
    p.on(listing([BUILT_IN, HEADSET]));
    p.on(listing([BUILT_IN]));
    expect(p.mic.newcomer).toBeNull();
  });

  test('a phone turns between its cameras, one at a time', () => {
    const p = page();
    openAs(p, 'camera', FRONT);
    expect(canTurn(p.camera)).toBe(false);
    p.on(listing([], [FRONT, BACK]));
    expect(canTurn(p.camera)).toBe(true);
    expect(p.on({ type: 'turn-asked' })).toEqual([
      { do: 'release', kind: 'camera' },
      { do: 'open', wants: [{ kind: 'camera', attempt: 2, want: { facing: 'environment' } }] },
    ]);
    p.on({ type: 'opened', kind: 'camera', attempt: 2, device: BACK, silent: false });
    expect(p.on({ type: 'turn-asked' })).toMatchObject([
      { do: 'release' },
      { wants: [{ want: { facing: 'user' } }] },
    ]);
  });

  test('cameras of computers look nowhere, and are not turned', () => {
    const p = page();
    openAs(p, 'camera', BUILT_IN);
    p.on(listing([], [BUILT_IN, HEADSET]));
    expect(p.on({ type: 'turn-asked' })).toEqual([]);
  });
});

test('whatever happens, a device is opened only by a press or because the one that was lost is back, and a press opens it', () => {
  const kind = fc.constantFrom<DeviceKind>('camera', 'mic');
  const device = fc.constantFrom(HEADSET, BUILT_IN, FRONT, BACK);
  const attempt = fc.nat(6);
  const names = fc.subarray([HEADSET, BUILT_IN, FRONT, BACK]);
  const nowMs = fc.nat(40_000);
  const anyEvent: fc.Arbitrary<DeviceEvent> = fc.oneof(
    fc.constantFrom<DeviceEvent>(ALL_ASKED, { type: 'turn-asked' }),
    fc.record({ type: fc.constant('device-asked' as const), kind, id: fc.constantFrom(null, 'back') }),
    fc.record({ type: fc.constantFrom('restore-asked' as const, 'stop-asked' as const), kind }),
    fc.record({ type: fc.constant('opened' as const), kind, attempt, device, silent: fc.boolean() }),
    fc.record({
      type: fc.constant('refused' as const),
      kind,
      attempt,
      problem: fc.constantFrom('denied', 'busy'),
      nowMs,
    }),
    fc.record({ type: fc.constant('ended' as const), kind, attempt, nowMs }),
    fc.record({
      type: fc.constantFrom('silenced' as const, 'sounds' as const, 'waited' as const),
      kind,
      attempt,
    }),
    fc.record({
      type: fc.constant('listed' as const),
      names: fc.record({ mic: names, camera: names }),
      nowMs,
    }),
    fc.record({
      type: fc.constant('permission' as const),
      kind,
      permission: fc.constantFrom('granted', 'denied', 'prompt'),
    }),
  );
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), (events) => {
      const p = page();
      for (const event of events) {
        const before = { mic: p.mic.holds, camera: p.camera.holds };
        for (const effect of p.on(event)) {
          if (effect.do !== 'open') continue;
          if (event.type === 'listed') {
            for (const { kind, want } of effect.wants) {
              const lost = before[kind];
              expect(lost.is).toBe('lost');
              expect(want).toEqual({ id: lost.is === 'lost' ? lost.device?.id : '' });
            }
          } else expect(event.type).toMatch(/asked$/);
        }
        if (event.type === 'restore-asked') expect(p[event.kind].opening).toBe(true);
        for (const k of ['mic', 'camera'] as const) expect(p[k].held).toBeLessThanOrEqual(p[k].attempt);
      }
    }),
    { numRuns: 1000 },
  );
});
