'use client';

import { Button, Modal, Stack } from '@mantine/core';
import classes from './confirm-dialog.module.css';

/** Asks before something is done that nobody can take back. The harmless answer has the focus. */
export function ConfirmDialog({
  opened,
  title,
  text,
  no,
  yes,
  working = false,
  onNo,
  onYes,
}: {
  readonly opened: boolean;
  readonly title: string;
  readonly text: string;
  readonly no: string;
  readonly yes: string;
  readonly working?: boolean;
  readonly onNo: () => void;
  readonly onYes: () => void;
}) {
  return (
    <Modal opened={opened} onClose={onNo} title={title}>
      <Stack gap="lg">
        <p className={classes.text}>{text}</p>
        <div className={classes.answers}>
          <Button variant="default" onClick={onNo} data-autofocus>
            {no}
          </Button>
          <Button color="air" loading={working} onClick={onYes}>
            {yes}
          </Button>
        </div>
      </Stack>
    </Modal>
  );
}
