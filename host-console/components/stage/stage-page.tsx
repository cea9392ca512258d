'use client';

import { Button } from '@mantine/core';
import type { WebinarView } from '@rostrum/contracts';
import { consentVersionOf } from '@rostrum/contracts/consent-words';
import { atSigns } from '@rostrum/panel-sfu/client/signs';
import { useEffect, useRef, useState } from 'react';
import { useFormatter, useTranslations } from 'use-intl';
import { staysUntilUnixMs, useBackstageOpen } from '../../lib/backstage.ts';
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
  const open = useBackstageOpen(view, serverOffsetMs);
  const ended = view?.phase.phase === 'ended';
  /** After the end, to those who stayed. */
  const [back, setBack] = useState(false);
  const mayJoin = view !== null && view.self.role !== 'attendee' && open && (!ended || back);
  usePreparation(session, mayJoin && !joined);
  const { client } = devices;
  // Camera and microphone are given back with it.
  const over = ended && !(open && (joined || back));
  useEffect(() => {
    if (!over) return;
    session.stage.stopScreen();
    void session.stage.leave();
    for (const kind of ['camera', 'mic'] as const) client.stop(kind);
    setJoined(false);
    setBack(false);
  }, [over, session, client]);

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
  if (over) {
    return (
      <EndedPage view={view}>
        {open ? <BackToBackstage view={view} onBack={() => setBack(true)} /> : null}
      </EndedPage>
    );
  }
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
            setBack(false);
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
            // After the end nothing is recorded, and nobody is asked.
            void (ended ? Promise.resolve() : answer(send, consent, consentVersionOf(view))).then(() => {
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

function BackToBackstage({ view, onBack }: { readonly view: WebinarView; readonly onBack: () => void }) {
  const t = useTranslations('backstage.after');
  const format = useFormatter();
  const time = format.dateTime(staysUntilUnixMs(view) ?? 0, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (
    <>
      <p>{t('open', { time })}</p>
      <Button variant="default" onClick={onBack}>
        {t('back')}
      </Button>
    </>
  );
}

/** In the log before the first media leaves. What does not get there is no consent, and keeps nobody from joining. */
async function answer(send: Send, consent: ConsentAnswers, textVersion: number): Promise<void> {
  await Promise.all(
    (['recording', 'tracks'] as const).map((to) => {
      const given = consent[to];
      return given === undefined ? null : send('consent:answer', { to, given, textVersion });
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
