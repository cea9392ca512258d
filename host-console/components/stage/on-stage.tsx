'use client';

import { Button, SegmentedControl } from '@mantine/core';
import type { WebinarView } from '@rostrum/contracts';
import type { StageState } from '@rostrum/panel-sfu/client/stage';
import { IconMessageQuestion } from '@tabler/icons-react';
import { useCallback, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { useUnread } from '../../lib/backstage.ts';
import { STAGE_SHORTCUTS } from '../../lib/keyboard.ts';
import { stageWording } from '../../lib/messages.ts';
import { notifyProblem } from '../../lib/notify.ts';
import { formatCountdown, formatDuration } from '../../lib/time.ts';
import { useCommand } from '../../lib/use-command.ts';
import type { Devices } from '../../lib/use-devices.ts';
import { useNow } from '../../lib/use-now.ts';
import { type Session, useRoomState } from '../../lib/use-room.ts';
import { useScreenShare } from '../../lib/use-screen-share.ts';
import { useShortcuts } from '../../lib/use-shortcuts.ts';
import { AirCountdown } from '../backstage/air-countdown.tsx';
import { BackstageChat } from '../backstage/backstage-chat.tsx';
import { ChatNews } from '../backstage/chat-news.tsx';
import { NextUp } from '../backstage/next-up.tsx';
import { StaysUntil } from '../backstage/stays-until.tsx';
import { DeviceNotices } from '../shared/device-notices.tsx';
import { ProgramPicture, type VideoOf } from '../shared/program-picture.tsx';
import { Recorded } from '../shared/recorded.tsx';
import { ShortcutHelp } from '../shared/shortcut-help.tsx';
import { StageSound } from '../shared/stage-sound.tsx';
import { AirLight, airStateOf } from './air-light.tsx';
import { ConsentNote } from './consent-note.tsx';
import { MutedNote, maySpeakAgain } from './muted-note.tsx';
import { NotSentNote } from './not-sent-note.tsx';
import classes from './on-stage.module.css';
import { PeopleGrid } from './people-grid.tsx';
import { StageControls } from './stage-controls.tsx';

/** The stage itself: the others, oneself, and whether one is on air. */
export function OnStage({
  session,
  view,
  stage,
  devices,
  serverOffsetMs,
  onLeave,
}: {
  readonly session: Session;
  readonly view: WebinarView;
  readonly stage: StageState;
  readonly devices: Devices;
  readonly serverOffsetMs: number;
  readonly onLeave: () => void;
}) {
  const [show, setShow] = useState<'people' | 'programme'>('people');
  const [help, setHelp] = useState(false);
  const [chat, setChat] = useState(false);
  const unread = useUnread(view, chat);
  const { connection } = useRoomState(session.room);
  const screen = useScreenShare(session.stage);
  const { send } = useCommand(session.room);
  const air = airStateOf(view);
  const ended = view.phase.phase === 'ended';
  const { camera, mic } = devices.state.tracks;

  // Another device chosen here takes the place of the last.
  useEffect(() => {
    session.stage.setCamera(camera);
  }, [session, camera]);
  useEffect(() => {
    session.stage.setMic(mic);
  }, [session, mic]);

  const toggleMute = (): void => {
    if (!stage.mic) return;
    if (stage.micMuted && !maySpeakAgain(view)) notifyProblem('muted');
    else session.stage.setMicMuted(!stage.micMuted);
  };
  const toggleCamera = (): void => {
    if (stage.camera) session.stage.setCameraOff(!stage.cameraOff);
  };
  useShortcuts(STAGE_SHORTCUTS, (action) => {
    switch (action) {
      case 'mute':
        return toggleMute();
      case 'camera':
        return toggleCamera();
      case 'screen':
        if (screen.available) screen.toggle();
        return;
      case 'chat':
        return setChat(!chat);
      case 'help':
        return setHelp(true);
    }
  });

  const selfId = view.self.personId;
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
  const answering = view.questions.find((q) => q.status === 'answering');

  return (
    <div className={classes.page} data-air={air}>
      <header className={classes.head}>
        <h1 className={classes.title} title={view.title}>
          <bdi>{view.title}</bdi>
        </h1>
        <Clock view={view} serverOffsetMs={serverOffsetMs} />
        {ended ? null : <Recorded view={view} send={send} />}
        <SegmentedControl
          size="xs"
          aria-label="What to show"
          value={show}
          onChange={(value) => setShow(value as 'people' | 'programme')}
          data={[
            { value: 'people', label: 'People' },
            { value: 'programme', label: 'Programme' },
          ]}
        />
      </header>
      <AirLight state={air} muted={stage.micMuted} hasMic={stage.mic !== null}>
        {ended ? <StaysUntil view={view} /> : null}
      </AirLight>
      <div className={classes.plan}>
        <AirCountdown view={view} serverOffsetMs={serverOffsetMs} />
        <NextUp view={view} />
      </div>
      <MutedNote view={view} send={send} />
      {ended ? null : <ConsentNote view={view} send={send} />}
      <NotSentNote stage={stage} />
      {answering ? (
        <aside className={classes.question} aria-label="The question being answered">
          <IconMessageQuestion size={20} aria-hidden />
          <span>
            <strong>
              <bdi>{answering.name}</bdi> asks:
            </strong>{' '}
            <bdi>{answering.text}</bdi>
          </span>
        </aside>
      ) : null}
      <div className={classes.body}>
        <main className={classes.stage}>
          {typeof stage.status === 'object' ? (
            <Failed code={stage.status.failed} onJoin={() => void session.stage.join()} />
          ) : show === 'people' || !view.scene ? (
            <PeopleGrid session={session} view={view} stage={stage} videoOf={videoOf} />
          ) : (
            <div className={classes.programme} data-live={view.phase.phase === 'live' || undefined}>
              <ProgramPicture
                scene={view.scene}
                videoOf={videoOf}
                tiles={session.tiles}
                selfId={selfId}
                serverOffsetMs={serverOffsetMs}
              />
            </div>
          )}
        </main>
        {chat ? (
          <aside className={classes.chat}>
            <BackstageChat view={view} connection={connection} send={send} onClose={() => setChat(false)} />
          </aside>
        ) : null}
      </div>
      <ChatNews view={view} open={chat} />
      <div className={classes.sound}>
        <StageSound remotes={stage.remotes} devices={devices} />
      </div>
      <div className={classes.devices}>
        <DeviceNotices devices={devices} />
      </div>
      <StageControls
        stage={stage}
        devices={devices}
        screenAvailable={screen.available}
        onMute={toggleMute}
        onCamera={toggleCamera}
        onScreen={screen.toggle}
        chat={chat}
        unread={unread}
        onChat={() => setChat(!chat)}
        onHelp={() => setHelp(true)}
        onLeave={onLeave}
      />
      <ShortcutHelp shortcuts={STAGE_SHORTCUTS} opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}

function Failed({ code, onJoin }: { readonly code: string; readonly onJoin: () => void }) {
  const words = stageWording(code);
  return (
    <div className={classes.failed} role="alert">
      <strong>{words.title}</strong>
      <span>{words.hint}</span>
      <Button onClick={onJoin}>Join the stage</Button>
    </div>
  );
}

function Clock({ view, serverOffsetMs }: { readonly view: WebinarView; readonly serverOffsetMs: number }) {
  const now = useNow(500, serverOffsetMs);
  const t = useTranslations('backstage.after');
  if (view.phase.phase === 'live') {
    return (
      <span className={classes.live} role="timer" aria-label="Live for">
        LIVE {formatDuration(now - view.phase.sinceUnixMs)}
      </span>
    );
  }
  if (view.phase.phase === 'ended') return <span className={classes.off}>{t('ended')}</span>;
  const start = view.startsAtUnixMs;
  return (
    <span className={classes.off}>
      {start !== null && start > now ? `Live in ${formatCountdown(start, now)}` : 'Not live'}
    </span>
  );
}
