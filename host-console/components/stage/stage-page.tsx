'use client';

import { atSigns } from '@rostrum/panel-sfu/client/signs';
import { useEffect, useState } from 'react';
import { useDevices } from '../../lib/use-devices.ts';
import { type Session, useRoomState, useSession, useStageState } from '../../lib/use-room.ts';
import { useToken } from '../../lib/use-token.ts';
import { ConnectionNote } from '../shared/connection-note.tsx';
import { EndedPage } from '../shared/ended-page.tsx';
import { PageLoading } from '../shared/page-loading.tsx';
import { MessagePage, ProblemPage } from '../shared/problem-page.tsx';
import { DeviceCheck } from './device-check.tsx';
import { OnStage } from './on-stage.tsx';
import classes from './stage-page.module.css';

/** The page of panelists: first the device check, then the stage. */
export function StagePage() {
  const token = useToken();
  const session = useSession(token);
  if (token === null) return <ProblemPage code="no-token" />;
  if (!session) return <PageLoading label="Opening the stage" />;
  return <Connected session={session} />;
}

function Connected({ session }: { readonly session: Session }) {
  const { connection, view, serverOffsetMs } = useRoomState(session.room);
  const stage = useStageState(session.stage);
  const devices = useDevices();
  const [joined, setJoined] = useState(false);
  const mayJoin = view !== null && view.self.role !== 'attendee' && view.phase.phase !== 'ended';
  usePreparation(session, mayJoin && !joined);

  if (typeof connection === 'object') {
    return <ProblemPage code={connection.refused} />;
  }
  if (!view) return <PageLoading label="Connecting to the webinar" />;
  if (view.self.role === 'attendee') {
    return (
      <MessagePage title="This link is for the audience">
        <p>Open the watch page with it. To speak, raise your hand there.</p>
      </MessagePage>
    );
  }
  if (view.phase.phase === 'ended') return <EndedPage view={view} />;
  return (
    <div className={joined ? classes.window : undefined}>
      <ConnectionNote connection={connection} stageStatus={joined ? stage.status : 'idle'} />
      {joined ? (
        <OnStage
          session={session}
          view={view}
          stage={stage}
          devices={devices}
          serverOffsetMs={serverOffsetMs}
          onLeave={() => {
            session.stage.stopScreen();
            void session.stage.leave();
            setJoined(false);
          }}
        />
      ) : (
        <DeviceCheck
          view={view}
          before={{ muted: stage.micMuted, cameraOff: stage.cameraOff }}
          devices={devices}
          serverOffsetMs={serverOffsetMs}
          onJoin={({ muted, cameraOff }) => {
            session.stage.setMicMuted(muted);
            session.stage.setCameraOff(cameraOff);
            setJoined(true);
            // On the stage in another window, the person is asked before they leave it.
            void session.stage.join({ ...devices.state.tracks, unlessElsewhere: true });
          }}
        />
      )}
    </div>
  );
}

/** The stage is connected to while somebody looks at the device check, and again when they move after a long pause. */
function usePreparation({ stage }: Session, checking: boolean): void {
  useEffect(() => {
    if (!checking) return;
    return atSigns(() => stage.prepare());
  }, [stage, checking]);
}
