'use client';

import { Button, Popover, Switch, UnstyledButton } from '@mantine/core';
import type { WebinarView } from '@rostrum/contracts';
import { CONSENT_WORDS, consentVersionOf } from '@rostrum/contracts/consent-words';
import { useState } from 'react';
import { isRecorded } from '../../lib/people.ts';
import type { Send } from '../../lib/use-command.ts';
import classes from './recorded.module.css';

const words = CONSENT_WORDS.en;

/** The sign that the session is recorded, and behind it what oneself agreed to. */
export function Recorded({
  view,
  send,
}: {
  readonly view: Pick<WebinarView, 'self' | 'rules' | 'consentVersion'>;
  readonly send: Send;
}) {
  const { self, rules } = view;
  const [erasing, setErasing] = useState(false);
  const answer = (to: 'recording' | 'tracks', given: boolean, erase = false): Promise<boolean> =>
    send('consent:answer', { to, given, textVersion: consentVersionOf(view), erase });
  const { tracks } = self.consent;
  const recorded = isRecorded(self);
  return (
    <Popover position="bottom-end" width={340} shadow="md" trapFocus>
      <Popover.Target>
        <UnstyledButton className={classes.sign} title={words.asked.recorded}>
          <span className={classes.dot} aria-hidden />
          Recorded
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.panel}>
        <strong>{words.asked.recorded}</strong>
        <p>{words.asked.recording}</p>
        <Switch
          label={words.record}
          checked={recorded}
          onChange={(event) => void answer('recording', event.currentTarget.checked)}
        />
        {rules.tracks || tracks !== 'open' ? (
          <Switch
            label={words.keepTracks}
            description={words.asked.tracksMore}
            // A no to the recording is one to tracks too.
            checked={recorded && tracks === 'given'}
            disabled={!recorded}
            onChange={(event) => {
              setErasing(false);
              void answer('tracks', event.currentTarget.checked);
            }}
          />
        ) : null}
        {tracks === 'refused' ? (
          <p role="status">
            {erasing ? (
              words.erasing
            ) : (
              <>
                {words.takenBack}{' '}
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => void answer('tracks', false, true).then(setErasing)}
                >
                  {words.erase}
                </Button>
              </>
            )}
          </p>
        ) : null}
      </Popover.Dropdown>
    </Popover>
  );
}
