import {
  canTurn,
  DEVICE_KINDS,
  type DeviceEffect,
  type DeviceEvent,
  type DeviceKind,
  type DeviceName,
  type DeviceSlot,
  type Devices,
  type Holding,
  type Of,
  restores,
  type Want,
} from './device-state.ts';

export * from './device-state.ts';

interface Step {
  readonly state: Devices;
  readonly effects: readonly DeviceEffect[];
}

/** Shorter silences are no news: a headset changes its profile, a system asks something. */
const WORTH_WORDS_MS = 1500;
/** A device that is back so soon was never meant to go: a headset between two profiles, a loose plug. */
const BACK_WITHIN_MS = 15_000;
/** Chromium lists these beside the devices that they stand for. */
const ALIASES: ReadonlySet<string> = new Set(['default', 'communications']);

/** What comes of an event, and what is to be asked of the browser. */
export function stepDevices(state: Devices, event: DeviceEvent): Step {
  switch (event.type) {
    case 'all-asked': {
      const of = (kind: DeviceKind): Want => {
        const last = event.last[kind];
        return last === null ? null : { last };
      };
      return open(state, [
        { kind: 'mic', want: of('mic') },
        { kind: 'camera', want: of('camera') },
      ]);
    }
    case 'device-asked': {
      const want = event.id === null ? null : { id: event.id };
      return open(changed(state, event.kind, { newcomer: null }), [{ kind: event.kind, want }]);
    }
    case 'restore-asked':
      return restore(state, event.kind);
    case 'turn-asked': {
      const { holds } = state.camera;
      if (!canTurn(state.camera) || holds.is !== 'live') return still(state);
      // Phones open one camera at a time.
      const facing = holds.device.facing === 'user' ? 'environment' : 'user';
      return released(state, 'camera', (s) => open(s, [{ kind: 'camera', want: { facing } }]));
    }
    case 'stop-asked': {
      const { attempt } = state[event.kind];
      // What still opens is no longer wanted.
      return released(state, event.kind, (s) =>
        still(changed(s, event.kind, { attempt: attempt + 1, opening: false, newcomer: null })),
      );
    }
    case 'opened':
      return opened(state, event);
    case 'refused':
      return refused(state, event);
    case 'listed':
      return listed(state, event);
    case 'permission':
      return still(permitted(state, event.kind, event.permission));
    case 'ended':
    case 'silenced':
    case 'sounds':
    case 'waited':
      return event.attempt === state[event.kind].held ? ofTrack(state, event) : still(state);
  }
}

const still = (state: Devices): Step => ({ state, effects: [] });
const changed = (state: Devices, kind: DeviceKind, change: Partial<DeviceSlot>): Devices => ({
  ...state,
  [kind]: { ...state[kind], ...change },
});

function open(state: Devices, wanted: readonly { readonly kind: DeviceKind; readonly want: Want }[]): Step {
  let next = state;
  const wants = wanted.map(({ kind, want }) => {
    const attempt = state[kind].attempt + 1;
    next = changed(next, kind, { attempt, opening: true });
    return { kind, attempt, want };
  });
  return { state: next, effects: [{ do: 'open', wants }] };
}

function released(state: Devices, kind: DeviceKind, then: (state: Devices) => Step): Step {
  const { state: next, effects } = then(changed(state, kind, { holds: { is: 'nothing' } }));
  return { state: next, effects: [{ do: 'release', kind }, ...effects] };
}

function restore(state: Devices, kind: DeviceKind): Step {
  const { holds } = state[kind];
  const there = holds.is === 'nothing' || holds.device === null ? null : restores(state[kind]);
  const step = open(state, [{ kind, want: there && { id: there.id } }]);
  // A device that is held and silent is in its own way.
  return holds.is === 'interrupted'
    ? { state: step.state, effects: [{ do: 'release', kind }, ...step.effects] }
    : step;
}

function opened(state: Devices, event: DeviceEvent & { readonly type: 'opened' }): Step {
  const { kind, attempt, device, silent } = event;
  if (attempt !== state[kind].attempt) return still(state);
  const holds: Holding = silent
    ? { is: 'interrupted', device, told: false }
    : { is: 'live', device, problem: null };
  const effects: DeviceEffect[] = [{ do: 'list' }];
  if (silent) effects.push({ do: 'wait', kind, attempt, ms: WORTH_WORDS_MS });
  const newcomer = state[kind].newcomer?.id === device.id ? null : state[kind].newcomer;
  return { state: changed(state, kind, { holds, held: attempt, opening: false, newcomer }), effects };
}

function refused(state: Devices, event: DeviceEvent & { readonly type: 'refused' }): Step {
  const { kind, attempt, problem, nowMs } = event;
  const { holds, attempt: latest } = state[kind];
  if (attempt !== latest) return still(state);
  const device = holds.is === 'nothing' ? null : holds.device;
  const next: Holding =
    holds.is === 'live' ? { ...holds, problem } : { is: 'lost', device, problem, atMs: nowMs, gone: false };
  return { state: changed(state, kind, { holds: next, opening: false }), effects: [{ do: 'list' }] };
}

/** What the track says that is held. */
function ofTrack(state: Devices, event: DeviceEvent & Of): Step {
  const { kind, attempt } = event;
  const { holds, permission } = state[kind];
  if (holds.is === 'nothing' || holds.is === 'lost') return still(state);
  const { device } = holds;
  switch (event.type) {
    case 'ended': {
      const problem = permission === 'denied' ? 'withdrawn' : 'unplugged';
      const lost: Holding = { is: 'lost', device, problem, atMs: event.nowMs, gone: false };
      return {
        state: changed(state, kind, { holds: lost }),
        effects: [{ do: 'release', kind }, { do: 'list' }],
      };
    }
    case 'silenced':
      if (holds.is === 'interrupted') return still(state);
      return {
        state: changed(state, kind, { holds: { is: 'interrupted', device, told: false } }),
        effects: [{ do: 'wait', kind, attempt, ms: WORTH_WORDS_MS }],
      };
    case 'sounds':
      return still(
        holds.is === 'interrupted'
          ? changed(state, kind, { holds: { is: 'live', device, problem: null } })
          : state,
      );
    case 'waited':
      return still(
        holds.is === 'interrupted' ? changed(state, kind, { holds: { ...holds, told: true } }) : state,
      );
    default:
      return still(state);
  }
}

function permitted(state: Devices, kind: DeviceKind, permission: PermissionState): Devices {
  const { holds, permission: before } = state[kind];
  const known = changed(state, kind, { permission });
  const withdrawn = before === 'granted' && permission !== 'granted';
  // Its track ended first, and looked unplugged.
  return withdrawn && holds.is === 'lost' && (holds.problem === 'unplugged' || holds.problem === 'taken')
    ? changed(known, kind, { holds: { ...holds, problem: 'withdrawn' } })
    : known;
}

function listed(state: Devices, event: DeviceEvent & { readonly type: 'listed' }): Step {
  return DEVICE_KINDS.reduce<Step>(
    (step, kind) => {
      const next = listedOf(step.state, kind, event.names[kind], event.nowMs);
      return { state: next.state, effects: [...step.effects, ...next.effects] };
    },
    { state, effects: [] },
  );
}

function listedOf(state: Devices, kind: DeviceKind, choices: readonly DeviceName[], nowMs: number): Step {
  const { holds, choices: before, newcomer, opening } = state[kind];
  const has = (id: string): boolean => choices.some((c) => c.id === id);
  const came = choices.find((c) => !ALIASES.has(c.id) && !before.some((b) => b.id === c.id)) ?? null;
  const announced = newcomer !== null && has(newcomer.id) ? newcomer : null;
  const known = changed(state, kind, {
    choices,
    // Before the first list with names everything would be new.
    newcomer: before.length > 0 && holds.is === 'live' ? (came ?? announced) : null,
  });
  if (holds.is !== 'lost' || holds.device === null || opening) return still(known);
  const { device } = holds;
  if (!has(device.id)) return still(changed(known, kind, { holds: { ...holds, gone: true } }));
  if (holds.gone && holds.problem === 'unplugged') {
    const soon = nowMs - holds.atMs <= BACK_WITHIN_MS;
    return soon ? open(known, [{ kind, want: { id: device.id } }]) : still(known);
  }
  // It ended and is still there: somebody else has it, or its driver gave up. What an alias stands for is not known.
  if (holds.problem !== 'unplugged' || ALIASES.has(device.id)) return still(known);
  return still(changed(known, kind, { holds: { ...holds, problem: 'taken' } }));
}
