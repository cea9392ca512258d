import { actionOf, CONTROL_SHORTCUTS, type Keystroke, keysOf, STAGE_SHORTCUTS } from './keyboard.ts';

const stroke = (key: string, change: Partial<Keystroke> = {}): Keystroke => ({
  key,
  shiftKey: false,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  repeat: false,
  ...change,
});

describe('shortcuts', () => {
  test('a key is its action, in either case', () => {
    expect(actionOf(STAGE_SHORTCUTS, stroke('m'))).toBe('mute');
    expect(actionOf(CONTROL_SHORTCUTS, stroke('3'))).toBe('layout-3');
    // Caps Lock.
    expect(actionOf(STAGE_SHORTCUTS, stroke('M'))).toBe('mute');
  });

  test('with Ctrl, Alt or Command, and held down, it belongs to the browser', () => {
    for (const held of ['ctrlKey', 'metaKey', 'altKey', 'repeat'] as const) {
      expect(actionOf(STAGE_SHORTCUTS, stroke('m', { [held]: true }))).toBeNull();
    }
  });

  test('going live wants Shift, so that a slip of a finger does not', () => {
    expect(actionOf(CONTROL_SHORTCUTS, stroke('l'))).toBeNull();
    expect(actionOf(CONTROL_SHORTCUTS, stroke('L', { shiftKey: true }))).toBe('air');
    expect(actionOf(CONTROL_SHORTCUTS, stroke('M', { shiftKey: true }))).toBeNull();
  });

  test('the question mark works with and without Shift, as keyboards differ', () => {
    expect(actionOf(CONTROL_SHORTCUTS, stroke('?', { shiftKey: true }))).toBe('help');
    expect(actionOf(CONTROL_SHORTCUTS, stroke('?'))).toBe('help');
  });

  test('no two shortcuts of a page share their keys or their action', () => {
    for (const page of [CONTROL_SHORTCUTS, STAGE_SHORTCUTS]) {
      expect(new Set(page.map((s) => keysOf(s).join('+'))).size).toBe(page.length);
      expect(new Set(page.map((s) => s.action)).size).toBe(page.length);
    }
  });
});
