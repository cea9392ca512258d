'use client';

import { Button, Modal, Stack } from '@mantine/core';
import type { WebinarSummary } from '@rostrum/contracts';
import { useState } from 'react';
import type { Api } from '../../lib/api.ts';
import { notifyProblem } from '../../lib/notify.ts';
import classes from './dialogs.module.css';

/** Asks before a recording is deleted: nobody can bring it back. */
export function DeleteDialog({
  api,
  webinar,
  onClose,
  onDeleted,
}: {
  readonly api: Api;
  readonly webinar: WebinarSummary | null;
  readonly onClose: () => void;
  readonly onDeleted: () => void;
}) {
  const [working, setWorking] = useState(false);
  if (!webinar) return null;
  const remove = async (): Promise<void> => {
    setWorking(true);
    const result = await api.deleteRecording(webinar.webinarId);
    setWorking(false);
    if (result.ok) onDeleted();
    else notifyProblem(result.error.code);
  };
  return (
    <Modal opened onClose={onClose} title="Delete this recording?">
      <Stack gap="lg">
        <p className={classes.note}>
          The recording of{' '}
          <strong>
            <bdi>{webinar.title}</bdi>
          </strong>{' '}
          is deleted for good, with its copies. Whoever watches it now sees that it is gone. The webinar stays
          in this list until you remove it.
        </p>
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button loading={working} onClick={() => void remove()}>
            Delete recording
          </Button>
        </div>
      </Stack>
    </Modal>
  );
}
