import { useEffect, useRef } from 'react';
import { actionOf, type Shortcut } from './keyboard.ts';

/** True where a key means text, or belongs to the control that has the focus. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.closest(
        'input:not([type=checkbox], [type=radio]), textarea, select, [role=dialog], [role=menu], [role=listbox]',
      ) !== null)
  );
}

/** Runs `act` for the page's shortcuts, never while someone types or a dialog is open. */
export function useShortcuts<A extends string>(
  shortcuts: readonly Shortcut<A>[],
  act: (action: A) => void,
): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isTyping(event.target)) return;
      if (document.querySelector('[role=dialog]') !== null) return;
      const action = actionOf(shortcuts, event);
      if (action === null) return;
      event.preventDefault();
      latest.current(action);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [shortcuts]);
}
