/**
 * A page's camera and microphone, as data: what is wanted of them, what has become of them, and what would bring them
 * back. Pure: the browser is in the events, and what is to be asked of it in the effects. Whether somebody is muted is
 * none of its business, so nothing here can unmute anybody.
 */

export type DeviceKind = 'camera' | 'mic';
export const DEVICE_KINDS: readonly DeviceKind[] = ['camera', 'mic'];

/** Towards whom a phone's camera looks: `user` is the front one. */
export type Facing = 'user' | 'environment';

/**
 * Why nothing comes of a device. It did not open: `denied`, `insecure` (no secure context), `missing`, `busy`, `failed`. It
 * had been open: `unplugged`, `taken` (still there, but not for us), `withdrawn` (the permission), `interrupted` (the system
 * holds it back for a while: a phone call, a key that covers the camera).
 */
export type DeviceProblem =
  | 'denied'
  | 'insecure'
  | 'missing'
  | 'busy'
  | 'failed'
  | 'unplugged'
  | 'taken'
  | 'withdrawn'
  | 'interrupted';

export interface DeviceName {
  readonly id: string;
  readonly label: string;
}

export interface OpenDevice extends DeviceName {
  /** null: it looks nowhere in particular, as cameras of computers do. */
  readonly facing: Facing | null;
}

/** Which device: by id, the one of before or else any, by where it looks, or null for the browser's choice. */
export type Want = { readonly id: string } | { readonly last: string } | { readonly facing: Facing } | null;

export type Holding =
  | { readonly is: 'nothing' }
  /** `problem`: another one was chosen and did not open; this one goes on. */
  | { readonly is: 'live'; readonly device: OpenDevice; readonly problem: DeviceProblem | null }
  /** Still ours, and silent or dark. `told`: for so long that it is worth words. */
  | { readonly is: 'interrupted'; readonly device: OpenDevice; readonly told: boolean }
  | {
      readonly is: 'lost';
      /** null: none was ever open. */
      readonly device: OpenDevice | null;
      readonly problem: DeviceProblem;
      readonly atMs: number;
      /** It was seen to be gone from the browser's list. */
      readonly gone: boolean;
    };

export interface DeviceSlot {
  readonly holds: Holding;
  /** The number of the latest attempt; answers to earlier ones come too late. */
  readonly attempt: number;
  readonly opening: boolean;
  /** Which attempt brought what it holds: a track's later words are known by it. */
  readonly held: number;
  readonly choices: readonly DeviceName[];
  /** Connected meanwhile, and not chosen yet. */
  readonly newcomer: DeviceName | null;
  readonly permission: PermissionState | null;
}

export type Devices = Readonly<Record<DeviceKind, DeviceSlot>>;

export type Of = { readonly kind: DeviceKind; readonly attempt: number };

export type DeviceEvent =
  /** Both at once, with one question to the person. `last`: ids of what this page had open before it was loaded again. */
  | { readonly type: 'all-asked'; readonly last: Readonly<Record<DeviceKind, string | null>> }
  | { readonly type: 'device-asked'; readonly kind: DeviceKind; readonly id: string | null }
  | { readonly type: 'restore-asked'; readonly kind: DeviceKind }
  /** The camera that looks the other way. */
  | { readonly type: 'turn-asked' }
  | { readonly type: 'stop-asked'; readonly kind: DeviceKind }
  /** `silent`: it is held back from the start. */
  | ({ readonly type: 'opened'; readonly device: OpenDevice; readonly silent: boolean } & Of)
  | ({ readonly type: 'refused'; readonly problem: DeviceProblem; readonly nowMs: number } & Of)
  | ({ readonly type: 'ended'; readonly nowMs: number } & Of)
  | ({ readonly type: 'silenced' } & Of)
  | ({ readonly type: 'sounds' } & Of)
  /** The time of a `wait` is over. */
  | ({ readonly type: 'waited' } & Of)
  | {
      readonly type: 'listed';
      readonly names: Readonly<Record<DeviceKind, readonly DeviceName[]>>;
      readonly nowMs: number;
    }
  | { readonly type: 'permission'; readonly kind: DeviceKind; readonly permission: PermissionState };

export type DeviceEffect =
  /** Answered for each kind, by `opened` or `refused`. */
  | {
      readonly do: 'open';
      readonly wants: readonly { readonly kind: DeviceKind; readonly attempt: number; readonly want: Want }[];
    }
  /** Ends the track that is held. */
  | { readonly do: 'release'; readonly kind: DeviceKind }
  | { readonly do: 'list' }
  | { readonly do: 'wait'; readonly kind: DeviceKind; readonly attempt: number; readonly ms: number };

const SLOT: DeviceSlot = {
  holds: { is: 'nothing' },
  attempt: 0,
  opening: false,
  held: 0,
  choices: [],
  newcomer: null,
  permission: null,
};
export const initialDevices: Devices = { camera: SLOT, mic: SLOT };

/** What is to be told about a device; null when all is well, or not worth words. */
export function problemOf({ holds }: DeviceSlot): DeviceProblem | null {
  switch (holds.is) {
    case 'nothing':
      return null;
    case 'interrupted':
      return holds.told ? 'interrupted' : null;
    case 'live':
    case 'lost':
      return holds.problem;
  }
}

/** The device that `restore-asked` opens: the one that was lost where it is there, else another; null: the browser chooses. */
export function restores({ holds, choices }: DeviceSlot): DeviceName | null {
  const last = holds.is === 'nothing' ? null : holds.device;
  return choices.find((c) => c.id === last?.id) ?? choices[0] ?? null;
}

/** The name of the device that would take the place of the one that was lost; null: the same again, or it has no name. */
export function substitute(slot: DeviceSlot): string | null {
  const last = slot.holds.is === 'nothing' ? null : slot.holds.device;
  const next = restores(slot);
  return last === null || next === null || next.id === last.id || next.label === '' ? null : next.label;
}

/** One word for both where the same thing keeps both away. */
export function commonProblem({ camera, mic }: Devices): DeviceProblem | null {
  const problem = problemOf(camera);
  return problem === problemOf(mic) && camera.holds.is === 'lost' && mic.holds.is === 'lost' ? problem : null;
}

/** A camera that looks somewhere, and another beside it. */
export const canTurn = ({ holds, choices, opening }: DeviceSlot): boolean =>
  holds.is === 'live' && holds.device.facing !== null && choices.length > 1 && !opening;
