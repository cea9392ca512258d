'use client';

import { ActionIcon, Button, Modal, Tooltip } from '@mantine/core';
import { IconBookmarkPlus, IconBroadcast, IconEye, IconKeyboard, IconPlayerStop } from '@tabler/icons-react';
import { type ReactNode, useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { markNow } from '../../lib/marks.ts';
import { formatCountdown, formatDuration, formatMoment } from '../../lib/time.ts';
import { useNow } from '../../lib/use-now.ts';
import { AirCountdown } from '../backstage/air-countdown.tsx';
import { CloseBackstage } from '../backstage/close-button.tsx';
import { Brand } from '../shared/brand.tsx';
import { ThemeToggle } from '../shared/theme-toggle.tsx';
import { useControl } from './context.ts';
import { ASK_AIR_EVENT, ASK_HELP_EVENT } from './control-shortcuts.tsx';
import { Doors } from './doors.tsx';
import classes from './top-bar.module.css';

/** Title, whether it is live and for how long, how many watch, and the one button that starts and ends it. */
export function TopBar({ links }: { readonly links: ReactNode }) {
  const { view, presence, send, serverOffsetMs } = useControl();
  const watching = presence?.watching ?? null;
  return (
    <header className={classes.bar}>
      <span className={classes.brand}>
        <Brand compact />
      </span>
      <h1 className={classes.title} title={view.title}>
        <bdi>{view.title}</bdi>
      </h1>
      <AirCountdown view={view} serverOffsetMs={serverOffsetMs} />
      <LiveState />
      <Tooltip label="People on the watch page now">
        <span className={classes.watching}>
          <IconEye size={18} aria-hidden />
          <span data-testid="watching">{watching ?? '–'}</span>
          <span className={classes.watchingWord}>watching</span>
        </span>
      </Tooltip>
      <span className={classes.tools}>
        {view.phase.phase === 'live' ? (
          <Tooltip label="Mark this moment as a chapter (K)">
            <ActionIcon
              variant="subtle"
              color="plain"
              size="lg"
              aria-label="Mark this moment"
              aria-keyshortcuts="k"
              onClick={() => void markNow(view, send)}
            >
              <IconBookmarkPlus size={20} aria-hidden />
            </ActionIcon>
          </Tooltip>
        ) : null}
        {links}
        <Tooltip label="Keyboard shortcuts (?)">
          <ActionIcon
            variant="subtle"
            color="plain"
            size="lg"
            aria-label="Keyboard shortcuts"
            onClick={() => window.dispatchEvent(new Event(ASK_HELP_EVENT))}
          >
            <IconKeyboard size={20} aria-hidden />
          </ActionIcon>
        </Tooltip>
        <ThemeToggle />
      </span>
      <Doors />
      <AirButton />
    </header>
  );
}

function LiveState() {
  const t = useTranslations('backstage.after');
  const { view, serverOffsetMs } = useControl();
  const now = useNow(500, serverOffsetMs);
  if (view.phase.phase === 'live') {
    return (
      <span className={classes.live} role="timer" aria-label="Live for">
        <span className={classes.dot} aria-hidden /> LIVE
        <span className={classes.time}>{formatDuration(now - view.phase.sinceUnixMs)}</span>
      </span>
    );
  }
  if (view.phase.phase === 'ended') return <span className={classes.off}>{t('ended')}</span>;
  const start = view.startsAtUnixMs;
  if (start === null || start < now) return <span className={classes.off}>Not live</span>;
  return (
    <span className={classes.off} title={formatMoment(start, undefined)}>
      Not live<span className={classes.time}> · starts in {formatCountdown(start, now)}</span>
    </span>
  );
}

function AirButton() {
  const { view, send, busy } = useControl();
  const [asking, setAsking] = useState(false);
  const live = view.phase.phase === 'live';
  const ended = view.phase.phase === 'ended';
  const mayAir = view.self.role !== 'moderator';
  const onAir = view.scene?.onAir.length ?? 0;

  useEffect(() => {
    const ask = (): void => {
      if (mayAir && !ended) setAsking(true);
    };
    window.addEventListener(ASK_AIR_EVENT, ask);
    return () => window.removeEventListener(ASK_AIR_EVENT, ask);
  }, [mayAir, ended]);

  if (!mayAir) return null;
  if (ended) return <CloseBackstage />;
  const working = busy.has('webinar:goLive') || busy.has('webinar:end');
  return (
    <>
      {live ? (
        <Button
          variant="outline"
          color="air"
          size="md"
          loading={working}
          leftSection={<IconPlayerStop size={18} aria-hidden />}
          onClick={() => setAsking(true)}
        >
          End webinar
        </Button>
      ) : (
        <Button
          color="air"
          size="md"
          loading={working}
          leftSection={<IconBroadcast size={20} aria-hidden />}
          onClick={() => void send('webinar:goLive', {})}
        >
          Go live
        </Button>
      )}
      <Modal opened={asking} onClose={() => setAsking(false)} title={live ? 'End the webinar?' : 'Go live?'}>
        <p className={classes.ask}>
          {live
            ? 'The stream stops for everyone and cannot be started again. The recording is on the watch page right after.'
            : onAir === 0
              ? 'Nobody is on air yet: viewers see the holding slide until somebody is.'
              : `Viewers see and hear ${onAir === 1 ? 'the person' : `the ${onAir} people`} on air from the first second.`}
        </p>
        <div className={classes.askButtons}>
          <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
            {live ? 'Stay live' : 'Not yet'}
          </Button>
          <Button
            color="air"
            onClick={() => {
              setAsking(false);
              void send(live ? 'webinar:end' : 'webinar:goLive', {});
            }}
          >
            {live ? 'End for everyone' : 'Go live now'}
          </Button>
        </div>
      </Modal>
    </>
  );
}
