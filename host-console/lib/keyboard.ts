/** Keyboard shortcuts as data: the help sheet and the handlers read the same table. */
export interface Shortcut<A extends string> {
  readonly action: A;
  /** `KeyboardEvent.key`, lower case. */
  readonly key: string;
  readonly shift?: boolean;
  readonly label: string;
}

export type ControlAction =
  | 'mute'
  | 'camera'
  | 'layout-1'
  | 'layout-2'
  | 'layout-3'
  | 'layout-4'
  | 'layout-5'
  | 'direction'
  | 'lower-third'
  | 'slide'
  | 'questions'
  | 'hands'
  | 'recording'
  | 'mark'
  | 'chat'
  | 'air'
  | 'help';

export const CONTROL_SHORTCUTS: readonly Shortcut<ControlAction>[] = [
  { action: 'layout-1', key: '1', label: 'Spotlight' },
  { action: 'layout-2', key: '2', label: 'Grid' },
  { action: 'layout-3', key: '3', label: 'Side by side' },
  { action: 'layout-4', key: '4', label: 'Screen + speaker' },
  { action: 'layout-5', key: '5', label: 'Picture in picture' },
  { action: 'direction', key: 'a', label: 'Automatic or manual direction' },
  { action: 'lower-third', key: 't', label: 'Lower third on or off' },
  { action: 'slide', key: 'h', label: 'Holding slide on or off' },
  { action: 'questions', key: 'q', label: 'Go to the questions' },
  { action: 'hands', key: 'r', label: 'Go to the raised hands' },
  { action: 'recording', key: 'e', label: 'Go to the recording' },
  { action: 'chat', key: 'c', label: 'Backstage chat open or closed' },
  { action: 'mark', key: 'k', label: 'Mark this moment as a chapter' },
  { action: 'mute', key: 'm', label: 'Mute or unmute yourself' },
  { action: 'camera', key: 'v', label: 'Your camera on or off' },
  { action: 'air', key: 'l', shift: true, label: 'Go live, or ask to end' },
  { action: 'help', key: '?', label: 'This help' },
];

export type StageAction = 'mute' | 'camera' | 'screen' | 'chat' | 'help';

export const STAGE_SHORTCUTS: readonly Shortcut<StageAction>[] = [
  { action: 'mute', key: 'm', label: 'Mute or unmute' },
  { action: 'camera', key: 'v', label: 'Camera on or off' },
  { action: 'screen', key: 's', label: 'Share your screen, or stop' },
  { action: 'chat', key: 'c', label: 'Backstage chat open or closed' },
  { action: 'help', key: '?', label: 'This help' },
];

/** What of a `KeyboardEvent` decides. */
export interface Keystroke {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly repeat: boolean;
}

/** The action of a keystroke; null for none. With Ctrl, Alt or Command the key belongs to the browser. */
export function actionOf<A extends string>(shortcuts: readonly Shortcut<A>[], stroke: Keystroke): A | null {
  if (stroke.ctrlKey || stroke.metaKey || stroke.altKey || stroke.repeat) return null;
  const key = stroke.key.toLowerCase();
  // "?" needs Shift on many keyboards and not on others: only letters tell the two apart.
  const letter = /^[a-z]$/.test(key);
  const found = shortcuts.find((s) => s.key === key && (!letter || (s.shift ?? false) === stroke.shiftKey));
  return found?.action ?? null;
}

/** How the help sheet writes a shortcut's keys. */
export const keysOf = (shortcut: Shortcut<string>): readonly string[] => [
  ...(shortcut.shift ? ['Shift'] : []),
  shortcut.key.toUpperCase(),
];
