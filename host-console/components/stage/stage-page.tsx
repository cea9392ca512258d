'use client';

import { CONSENT_TEXT_VERSION } from '@rostrum/contracts/consent-words';
import { atSigns } from '@rostrum/panel-sfu/client/signs';
import { useEffect, useRef, useState } from 'react';
import { type Send, useCommand } from '../../lib/use-command.ts';
import { useDevices } from '../../lib/use-devices.ts';
import { type Session, useRoomState, useSession, useStageState } from '../../lib/use-room.ts';
import { useToken } from '../../lib/use-token.ts';
import { ConnectionNote } from '../shared/connection-note.tsx';
import { EndedPage } from '../shared/ended-page.tsx';
import { PageLoading } from '../shared/page-loading.tsx';
import { MessagePage, ProblemPage } from '../shared/problem-page.tsx';
import { type ConsentAnswers, DeviceCheck } from './device-check.tsx';
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
  const { send } = useCommand(session.room);
  const [joined, setJoined] = useState(false);
  /** How often they came: who leaves while their answer is on its way does not come all the same. */
  const visit = useRef(0);
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
            visit.current += 1;
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
          onJoin={({ muted, cameraOff }, consent) => {
            session.stage.setMicMuted(muted);
            session.stage.setCameraOff(cameraOff);
            setJoined(true);
            const mine = visit.current;
            void answer(send, consent).then(() => {
              if (mine !== visit.current) return;
              // On the stage in another window, the person is asked before they leave it.
              void session.stage.join({ ...devices.state.tracks, unlessElsewhere: true });
            });
          }}
        />
      )}
    </div>
  );
}

/** In the log before the first media leaves. What does not get there is no consent, and keeps nobody from joining. */
async function answer(send: Send, consent: ConsentAnswers): Promise<void> {
  await Promise.all(
    (['recording', 'tracks'] as const).map((to) => {
      const given = consent[to];
      return given === undefined
        ? null
        : send('consent:answer', { to, given, textVersion: CONSENT_TEXT_VERSION });
    }),
  );
}

/** The stage is connected to while somebody looks at the device check, and again when they move after a long pause. */
function usePreparation({ stage }: Session, checking: boolean): void {
  useEffect(() => {
    if (!checking) return;
    return atSigns(() => stage.prepare());
  }, [stage, checking]);
}
