'use client';

import type { StageState } from '@rostrum/panel-sfu/client/stage';
import { IconVideoOff } from '@tabler/icons-react';
import { notSent } from '../../lib/not-sent.ts';
import classes from './muted-note.module.css';

/** What one gives that nobody gets, and why. Nothing while all goes out. */
export function NotSentNote({ stage }: { readonly stage: StageState }) {
  return (
    <div role="status" aria-live="polite">
      {notSent(stage).map(({ source, title, hint }) => (
        <div key={source} className={classes.note}>
          <IconVideoOff size={18} aria-hidden />
          <span>
            <strong>{title}</strong> {hint}
          </span>
        </div>
      ))}
    </div>
  );
}
