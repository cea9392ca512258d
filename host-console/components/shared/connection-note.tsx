'use client';

import { Button } from '@mantine/core';
import type { StageState } from '@rostrum/panel-sfu/client/stage';
import type { RoomState } from '@rostrum/room-client/room';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { stageWording } from '../../lib/messages.ts';
import classes from './banner.module.css';

/** Says what is being restored while the page stays as it is. */
export function ConnectionNote({
  connection,
  stageStatus,
  onRejoin,
}: {
  readonly connection: RoomState['connection'];
  readonly stageStatus: StageState['status'];
  /** Offers to join again after a failure that does not pass by itself; without it, failures are not shown here. */
  readonly onRejoin?: () => void;
}) {
  const text = noteOf(connection, stageStatus);
  const failed = onRejoin && typeof stageStatus === 'object' ? stageWording(stageStatus.failed) : null;
  return (
    <div role="status" aria-live="polite">
      {text ? (
        <div className={classes.passing}>
          <IconPlugConnectedX size={18} aria-hidden />
          {text}
        </div>
      ) : failed ? (
        <div className={classes.inline}>
          <IconPlugConnectedX size={18} aria-hidden />
          <strong>{failed.title}.</strong> {failed.hint}
          <Button size="compact-sm" variant="default" onClick={onRejoin}>
            Join here
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function noteOf(connection: RoomState['connection'], status: StageState['status']): string | null {
  if (connection === 'reconnecting') return 'Reconnecting… What you see may be a moment old.';
  if (status === 'rejoining') return 'The stage is coming back…';
  return null;
}
