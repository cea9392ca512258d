'use client';

import type { RoomState } from '@rostrum/panel-sfu/client/room';
import type { StageState } from '@rostrum/panel-sfu/client/stage';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { wording } from '../../lib/messages.ts';
import classes from './banner.module.css';

/** Says what is being restored while the page stays as it is. */
export function ConnectionNote({
  connection,
  stageStatus,
}: {
  readonly connection: RoomState['connection'];
  readonly stageStatus: StageState['status'];
}) {
  const text = noteOf(connection, stageStatus);
  return (
    <div role="status" aria-live="polite">
      {text ? (
        <div className={classes.inline}>
          <IconPlugConnectedX size={18} aria-hidden />
          {text}
        </div>
      ) : null}
    </div>
  );
}

function noteOf(connection: RoomState['connection'], status: StageState['status']): string | null {
  if (connection === 'reconnecting') return 'Reconnecting… What you see may be a moment old.';
  if (status === 'rejoining') return 'The stage is coming back…';
  if (typeof status === 'object') {
    const words = wording(status.failed);
    return `${words.title}. ${words.hint}`;
  }
  return null;
}
