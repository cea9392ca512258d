'use client';

import { Kbd, Modal } from '@mantine/core';
import { keysOf, type Shortcut } from '../../lib/keyboard.ts';
import classes from './shortcut-help.module.css';

/** The sheet of keyboard shortcuts. */
export function ShortcutHelp({
  shortcuts,
  opened,
  onClose,
}: {
  readonly shortcuts: readonly Shortcut<string>[];
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  return (
    <Modal opened={opened} onClose={onClose} title="Keyboard shortcuts">
      <dl className={classes.list}>
        {shortcuts.map((shortcut) => (
          <div key={shortcut.action}>
            <dt>
              {keysOf(shortcut).map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{shortcut.label}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
