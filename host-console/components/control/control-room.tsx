'use client';

import { SegmentedControl } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { WebinarView } from '@rostrum/contracts';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useBackstageOpen } from '../../lib/backstage.ts';
import { notifyDone } from '../../lib/notify.ts';
import { type Send, useCommand } from '../../lib/use-command.ts';
import { useDevices } from '../../lib/use-devices.ts';
import { type Session, useRoomState, useSession, useStageState } from '../../lib/use-room.ts';
import { useToken } from '../../lib/use-token.ts';
import { BackstageChat } from '../backstage/backstage-chat.tsx';
import { ChatNews } from '../backstage/chat-news.tsx';
import { RecordingPanel } from '../recording/recording-panel.tsx';
import { ConnectionNote } from '../shared/connection-note.tsx';
import { EndedPage } from '../shared/ended-page.tsx';
import { PageLoading } from '../shared/page-loading.tsx';
import { MessagePage, ProblemPage } from '../shared/problem-page.tsx';
import type { VideoOf } from '../shared/program-picture.tsx';
import { StageSound } from '../shared/stage-sound.tsx';
import { Announcer } from './announcer.tsx';
import { AudiencePanel, type AudienceTab } from './audience-panel.tsx';
import { Backstage } from './backstage.tsx';
import { type Control, ControlContext } from './context.ts';
import classes from './control.module.css';
import { ControlShortcuts } from './control-shortcuts.tsx';
import { CrewLinks } from './crew-links.tsx';
import { DirectPanel } from './direct-panel.tsx';
import { OverlaysPanel } from './overlays-panel.tsx';
import { OwnDevices } from './own-devices.tsx';
import { Program } from './program.tsx';
import { TopBar } from './top-bar.tsx';
import { TroubleStrip } from './trouble-strip.tsx';

/** The page of hosts and moderators: the token, the connection, and everything that is not the room itself. */
export function ControlPage() {
  const token = useToken();
  const session = useSession(token);
  if (token === null) return <ProblemPage code="no-token" />;
  if (!token || !session) return <PageLoading label="Opening the control room" />;
  return <Connected session={session} token={token} />;
}

function Connected({ session, token }: { readonly session: Session; readonly token: string }) {
  const { connection, view, serverOffsetMs } = useRoomState(session.room);
  const open = useBackstageOpen(view, serverOffsetMs);
  if (typeof connection === 'object') {
    return <ProblemPage code={connection.refused} />;
  }
  if (!view) return <PageLoading label="Connecting to the webinar" />;
  if (view.self.role === 'panelist' || view.self.role === 'attendee') {
    return (
      <MessagePage title="This link is not for the control room">
        <p>
          It belongs to a {view.self.role}. Open the link you were given as it is, or ask the host for
          another.
        </p>
      </MessagePage>
    );
  }
  if (view.phase.phase === 'ended' && !open) return <Ended session={session} view={view} />;
  return <Room session={session} token={token} />;
}

function Ended({ session, view }: { readonly session: Session; readonly view: WebinarView }) {
  const { send } = useCommand(session.room);
  const recorded = view.phase.phase === 'ended' && view.phase.recording !== 'none' && view.recording;
  const { health } = useRoomState(session.room);
  return (
    <EndedPage view={view} wide={Boolean(recorded)}>
      {recorded ? <RecordingPanel view={view} files={health?.downloads ?? []} send={send} /> : null}
    </EndedPage>
  );
}

/** What narrow windows show one at a time: on phones any of these, otherwise direction or audience. */
type Area = 'stage' | 'direct' | 'audience';

function Room({ session, token }: { readonly session: Session; readonly token: string }) {
  const room = useRoomState(session.room);
  const stage = useStageState(session.stage);
  const devices = useDevices();
  const { send, busy } = useCommand(session.room);
  const [chosen, setArea] = useState<Area>('stage');
  const isPhone = useMediaQuery('(max-width: 760px)', false);
  // Only phones hide the backstage.
  const area = chosen === 'stage' && !isPhone ? 'audience' : chosen;
  const [tab, setTab] = useState<AudienceTab>('questions');
  const [chat, setChat] = useState(false);

  const ended = room.view?.phase.phase === 'ended';
  // What is left to do with the audience is what they get to see again.
  useEffect(() => {
    if (ended) setTab('recording');
  }, [ended]);

  // The preview needs the others' pictures, so the console joins without sending anything.
  useEffect(() => {
    void session.stage.join();
  }, [session]);

  const { view } = room;
  const direction = view?.direction;
  const direct = useCallback<Send>(
    async (command, input) => {
      if (direction === 'automatic') {
        if (!(await send('direction:set', { direction: 'manual' }))) return false;
        notifyDone('You direct now. Automatic direction is off.');
      }
      return send(command, input);
    },
    [direction, send],
  );

  const selfId = view?.self.personId;
  const videoOf = useCallback<VideoOf>(
    (personId, source) => {
      if (personId === selfId) {
        const own = source === 'camera' ? stage.camera : stage.screen;
        return own && !own.paused ? own.track : null;
      }
      const remote = stage.remotes.find((r) => r.personId === personId && r.source === source);
      return remote && !remote.paused ? remote.track : null;
    },
    [selfId, stage.camera, stage.screen, stage.remotes],
  );

  const control = useMemo<Control | null>(
    () =>
      view && {
        session,
        view,
        connection: room.connection,
        presence: room.presence,
        quality: room.quality,
        serverOffsetMs: room.serverOffsetMs,
        stage,
        send,
        busy,
        direct,
        videoOf,
      },
    [session, view, room, stage, send, busy, direct, videoOf],
  );
  if (!control) return null;

  const showAudience = (which: AudienceTab): void => {
    setArea('audience');
    setTab(which);
  };
  return (
    <ControlContext value={control}>
      <div className={classes.page} data-area={area} data-ended={ended || undefined}>
        <TopBar
          links={
            view?.self.role === 'host' ? <CrewLinks token={token} webinarId={control.view.webinarId} /> : null
          }
        />
        <TroubleStrip />
        <ConnectionNote
          connection={room.connection}
          stageStatus={stage.status}
          onRejoin={() => void session.stage.join()}
        />
        <main className={classes.room}>
          {ended ? null : (
            <section className={classes.program} aria-label="Programme">
              <Program />
            </section>
          )}
          <nav className={classes.areas} aria-label="Areas">
            <SegmentedControl
              fullWidth
              aria-label="Area"
              value={area}
              onChange={(value) => setArea(value as Area)}
              data={[
                ...(isPhone ? [{ value: 'stage', label: 'Backstage' }] : []),
                ...(ended ? [] : [{ value: 'direct', label: 'Direct' }]),
                { value: 'audience', label: 'Audience' },
              ]}
            />
          </nav>
          <section className={classes.stage} data-chat={chat || undefined} aria-label="Backstage">
            <div className={classes.scroll}>
              <Backstage chat={chat} onChat={() => setChat(!chat)} />
            </div>
            {chat ? (
              <div className={classes.chat}>
                <BackstageChat
                  view={control.view}
                  connection={room.connection}
                  send={send}
                  onClose={() => setChat(false)}
                />
              </div>
            ) : null}
            <OwnDevices devices={devices} />
          </section>
          {ended ? null : (
            <section className={classes.direct} aria-label="Direction">
              <DirectPanel />
              <OverlaysPanel />
            </section>
          )}
          <section className={classes.audience} aria-label="Audience">
            <AudiencePanel tab={tab} onTab={setTab} />
          </section>
        </main>
        <div className={classes.sound}>
          <StageSound remotes={stage.remotes} devices={devices} />
        </div>
        <Announcer />
        <ChatNews view={control.view} open={chat} />
        <ControlShortcuts
          onAudience={showAudience}
          onChat={() => {
            if (isPhone) setArea('stage');
            setChat(!chat || (isPhone && area !== 'stage'));
          }}
        />
      </div>
    </ControlContext>
  );
}
