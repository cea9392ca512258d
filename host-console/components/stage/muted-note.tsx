'use client';

import { Button } from '@mantine/core';
import type { WebinarView } from '@rostrum/contracts';
import { IconMicrophoneOff } from '@tabler/icons-react';
import { MUTING } from '../../lib/messages.ts';
import { isCrew } from '../../lib/people.ts';
import type { Send } from '../../lib/use-command.ts';
import classes from './muted-note.module.css';

/** Whether somebody may lift the crew's mute by themselves. */
export const maySpeakAgain = ({ self, rules }: Pick<WebinarView, 'self' | 'rules'>): boolean =>
  self.muted === null || rules.mayUnmute || isCrew(self);

/** Who muted this person, and what it takes to be heard again. Nothing while nobody did. */
export function MutedNote({ view, send }: { readonly view: WebinarView; readonly send: Send }) {
  const { muted } = view.self;
  const words = MUTING.en;
  return (
    <div role="status" aria-live="polite">
      {muted ? (
        <div className={classes.note}>
          <IconMicrophoneOff size={18} aria-hidden />
          <span>
            <strong>
              <bdi>{muted.byName}</bdi> {words.youAreMuted}.
            </strong>{' '}
            {maySpeakAgain(view) ? words.speakAgain : muted.asked ? words.asked : words.askHint}
          </span>
          {maySpeakAgain(view) ? null : (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => void send(muted.asked ? 'hand:lower' : 'hand:raise', {})}
            >
              {muted.asked ? words.takeBack : words.ask}
            </Button>
          )}
        </div>
      ) : null}
    </div>
  );
}
