'use client';

import { Button, Modal, Stack } from '@mantine/core';
import type { WebinarSummary } from '@rostrum/contracts';
import { useState } from 'react';
import type { Api } from '../../lib/api.ts';
import { notifyProblem } from '../../lib/notify.ts';
import classes from './dialogs.module.css';

/** Asks before a webinar is given up: nobody can bring it back. */
export function CancelDialog({
  api,
  webinar,
  onClose,
  onCancelled,
}: {
  readonly api: Api;
  readonly webinar: WebinarSummary | null;
  readonly onClose: () => void;
  readonly onCancelled: () => void;
}) {
  const [working, setWorking] = useState(false);
  if (!webinar) return null;
  const planned = webinar.phase === 'scheduled';
  const cancel = async (): Promise<void> => {
    setWorking(true);
    const result = await api.cancelWebinar(webinar.webinarId);
    setWorking(false);
    if (result.ok) onCancelled();
    else notifyProblem(result.error.code);
  };
  return (
    <Modal opened onClose={onClose} title={planned ? 'Cancel this webinar?' : 'Remove this webinar?'}>
      <Stack gap="lg">
        <p className={classes.note}>
          <strong>
            <bdi>{webinar.title}</bdi>
          </strong>{' '}
          leaves this list for good.{' '}
          {planned
            ? 'Whoever opens one of its links is told that it has ended.'
            : webinar.recording === 'none'
              ? 'Nothing of it was recorded.'
              : 'Its recording is deleted already.'}
        </p>
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button loading={working} onClick={() => void cancel()}>
            {planned ? 'Cancel webinar' : 'Remove'}
          </Button>
        </div>
      </Stack>
    </Modal>
  );
}
