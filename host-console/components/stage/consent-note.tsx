'use client';

import { Button } from '@mantine/core';
import type { WebinarView } from '@rostrum/contracts';
import { CONSENT_WORDS, consentVersionOf } from '@rostrum/contracts/consent-words';
import { IconPlayerRecord } from '@tabler/icons-react';
import { isRecorded } from '../../lib/people.ts';
import type { Send } from '../../lib/use-command.ts';
import classes from './consent-note.module.css';

const words = CONSENT_WORDS.en;

/** What somebody on the stage has yet to be asked, or what follows from their no. Nothing where all is said. */
export function ConsentNote({
  view,
  send,
}: {
  readonly view: Pick<WebinarView, 'self' | 'rules' | 'plan' | 'consentVersion'>;
  readonly send: Send;
}) {
  const { self, rules } = view;
  const answer = (to: 'recording' | 'tracks', given: boolean): void =>
    void send('consent:answer', { to, given, textVersion: consentVersionOf(view) });
  const recorded = isRecorded(self);
  return (
    <div role="status" aria-live="polite">
      {recorded ? (
        rules.tracks && self.consent.tracks === 'open' ? (
          <div className={classes.note} data-asks>
            <IconPlayerRecord size={18} aria-hidden />
            <span>
              <strong>{words.tracksAsked}</strong> {words.asked.tracksMore}
            </span>
            <Button size="compact-sm" onClick={() => answer('tracks', true)}>
              {words.keep}
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => answer('tracks', false)}>
              {words.doNotKeep}
            </Button>
          </div>
        ) : null
      ) : (
        <div className={classes.note}>
          <IconPlayerRecord size={18} aria-hidden />
          <span>
            {view.plan.consentText === null ? null : <bdi>{view.plan.consentText} </bdi>}
            {words.unrecorded}
          </span>
          <Button size="compact-sm" variant="default" onClick={() => answer('recording', true)}>
            {words.agree}
          </Button>
        </div>
      )}
    </div>
  );
}
