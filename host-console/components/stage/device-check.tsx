'use client';

import { Button, Checkbox, Switch, Title } from '@mantine/core';
import type { ConsentTo, WebinarView } from '@rostrum/contracts';
import { CONSENT_WORDS } from '@rostrum/contracts/consent-words';
import { IconVideo, IconVideoOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { formatCountdown, formatMoment } from '../../lib/time.ts';
import type { Devices } from '../../lib/use-devices.ts';
import { useNow } from '../../lib/use-now.ts';
import { Brand } from '../shared/brand.tsx';
import { DevicePickers } from '../shared/device-picker.tsx';
import { TrialButtons, TrialPlayback, useTrial } from '../shared/device-trial.tsx';
import { MicMeter } from '../shared/mic-meter.tsx';
import { ThemeToggle } from '../shared/theme-toggle.tsx';
import { TrackVideo } from '../shared/track-video.tsx';
import classes from './device-check.module.css';

const words = CONSENT_WORDS.en;

/** How someone wants to arrive. */
export interface Arrival {
  readonly muted: boolean;
  readonly cameraOff: boolean;
}

/** What they were asked here, and answered. */
export type ConsentAnswers = { readonly [To in ConsentTo]?: boolean };

/** Picture, level and devices before anybody sees or hears them. */
export function DeviceCheck({
  view,
  devices,
  serverOffsetMs,
  before,
  onJoin,
}: {
  readonly view: WebinarView;
  readonly devices: Devices;
  readonly serverOffsetMs: number;
  /** How they were on the stage: before they left it, or loaded this page anew. */
  readonly before: Arrival;
  readonly onJoin: (arrival: Arrival, consent: ConsentAnswers) => void;
}) {
  const [wantsMuted, setMuted] = useState(before.muted);
  // Joining lifts no mute of the crew's.
  const muted = wantsMuted || view.self.muted !== null;
  const [cameraOff, setCameraOff] = useState(before.cameraOff);
  const [tracksKept, setTracksKept] = useState(view.self.consent.tracks === 'given');
  const { camera, mic, tracks } = devices.state;
  const trial = useTrial();
  const untouched = [camera, mic].every(({ holds, opening }) => holds.is === 'nothing' && !opening);
  const { openAll } = devices.client;

  useEffect(() => {
    if (untouched) openAll();
  }, [untouched, openAll]);

  const join = (recording: boolean): void =>
    onJoin(
      { muted, cameraOff },
      { recording, ...(view.rules.tracks ? { tracks: recording && tracksKept } : {}) },
    );
  const opening = camera.opening || mic.opening;
  const sends = tracks.camera ? (tracks.mic ? 'both' : 'camera') : tracks.mic ? 'mic' : 'none';
  return (
    <main className={classes.page}>
      <header className={classes.head}>
        <Brand />
        <ThemeToggle />
      </header>
      <div className={classes.columns}>
        <div className={classes.look}>
          <div className={classes.picture}>
            {tracks.camera && !cameraOff ? (
              <TrackVideo track={tracks.camera} mirrored />
            ) : (
              <div className={classes.noPicture}>
                {camera.opening ? (
                  <>
                    <IconVideo size={36} aria-hidden />
                    <span>Waiting for your camera…</span>
                    <span className={classes.small}>The browser may ask for your permission.</span>
                  </>
                ) : (
                  <>
                    <IconVideoOff size={36} aria-hidden />
                    <span>{tracks.camera ? 'Your camera stays off' : 'No camera'}</span>
                  </>
                )}
              </div>
            )}
            <TrialPlayback trial={trial} devices={devices} />
            <bdi className={classes.nameCard}>{view.self.name}</bdi>
          </div>
          <MicMeter track={muted ? null : tracks.mic} />
          <p className={classes.small}>
            {tracks.mic
              ? muted
                ? view.self.muted
                  ? 'You join muted: the crew muted you.'
                  : 'You join muted.'
                : 'Say something: the bar should move.'
              : 'Nothing is heard of you without a microphone.'}
          </p>
        </div>
        <div className={classes.form}>
          <div>
            <p className={classes.kicker}>
              <When view={view} serverOffsetMs={serverOffsetMs} />
            </p>
            <Title order={1} size="h2">
              <bdi>{view.title}</bdi>
            </Title>
            <p className={classes.as}>
              You join as{' '}
              <strong>
                <bdi>{view.self.name}</bdi>
              </strong>
            </p>
          </div>
          <DevicePickers devices={devices} />
          <TrialButtons trial={trial} devices={devices} />
          <div className={classes.switches}>
            <Switch
              label="Join muted"
              checked={muted}
              disabled={!tracks.mic || view.self.muted !== null}
              onChange={(event) => setMuted(event.currentTarget.checked)}
            />
            <Switch
              label="Join with the camera off"
              checked={cameraOff}
              disabled={!tracks.camera}
              onChange={(event) => setCameraOff(event.currentTarget.checked)}
            />
          </div>
          {view.phase.phase === 'ended' ? null : (
            <div className={classes.consent}>
              {view.plan.consentText === null ? null : (
                <p className={classes.own}>
                  <bdi>{view.plan.consentText}</bdi>
                </p>
              )}
              <p>
                <strong>{words.asked.recorded}.</strong> {words.asked.recording} {words.asked.byJoining}
              </p>
              {view.rules.tracks ? (
                <Checkbox
                  label={words.asked.tracks}
                  description={words.asked.tracksMore}
                  checked={tracksKept}
                  onChange={(event) => setTracksKept(event.currentTarget.checked)}
                />
              ) : null}
            </div>
          )}
          <Button size="lg" disabled={opening} onClick={() => join(true)}>
            Join the stage
          </Button>
          {view.phase.phase === 'ended' ? null : (
            <Button variant="subtle" size="compact-md" disabled={opening} onClick={() => join(false)}>
              {words.joinUnrecorded}
            </Button>
          )}
          <p className={classes.small}>
            {opening
              ? 'Your devices are being opened.'
              : sends === 'mic'
                ? 'You join with sound only. A camera can follow later.'
                : sends === 'none'
                  ? 'You join to listen and watch. Devices can follow later.'
                  : 'You come backstage first. Viewers see and hear you only when the host takes you on air.'}
          </p>
        </div>
      </div>
    </main>
  );
}

function When({ view, serverOffsetMs }: { readonly view: WebinarView; readonly serverOffsetMs: number }) {
  const now = useNow(1000, serverOffsetMs);
  const t = useTranslations('backstage.after');
  if (view.phase.phase === 'live') return <span className={classes.live}>Live now</span>;
  if (view.phase.phase === 'ended') return <>{t('ended')}</>;
  if (view.startsAtUnixMs === null) return <>Not live yet</>;
  if (view.startsAtUnixMs < now) return <>About to start</>;
  return (
    <>
      {formatMoment(view.startsAtUnixMs, undefined)} · in {formatCountdown(view.startsAtUnixMs, now)}
    </>
  );
}
