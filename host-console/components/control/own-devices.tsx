'use client';

import { ActionIcon, Button, Popover } from '@mantine/core';
import { problemOf } from '@rostrum/panel-sfu/client/devices';
import {
  IconMicrophone,
  IconMicrophoneOff,
  IconScreenShare,
  IconScreenShareOff,
  IconSettings,
  IconVideo,
  IconVideoOff,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { MUTING } from '../../lib/messages.ts';
import type { Devices } from '../../lib/use-devices.ts';
import { useScreenShare } from '../../lib/use-screen-share.ts';
import { OutputNotice } from '../shared/device-notices.tsx';
import { DevicePickers } from '../shared/device-picker.tsx';
import { DeviceTrial } from '../shared/device-trial.tsx';
import { MicMeter } from '../shared/mic-meter.tsx';
import { Quality } from '../shared/quality.tsx';
import { useControl } from './context.ts';
import classes from './own-devices.module.css';

/** The host's own camera and microphone: off until wanted, and muted at first, so that nobody goes on air by accident. */
export function OwnDevices({ devices }: { readonly devices: Devices }) {
  const { session, stage } = useControl();
  const screen = useScreenShare(session.stage);
  const [wanted, setWanted] = useState(false);
  const { camera, mic } = devices.state.tracks;

  // Whatever is open is sent; another device takes the place of the last without a gap.
  useEffect(() => {
    session.stage.setCamera(camera);
  }, [session, camera]);
  useEffect(() => {
    session.stage.setMic(mic);
  }, [session, mic]);

  const join = (): void => {
    session.stage.setMicMuted(true);
    setWanted(true);
    devices.client.openAll();
  };
  const leave = (): void => {
    setWanted(false);
    devices.client.stop('camera');
    devices.client.stop('mic');
    if (stage.screen) screen.toggle();
  };
  const opening = devices.state.camera.opening || devices.state.mic.opening;
  const { camera: cameraSlot, mic: micSlot, lostOutput } = devices.state;
  const troubled = problemOf(cameraSlot) !== null || problemOf(micSlot) !== null || lostOutput !== null;

  if (!wanted) {
    return (
      <div className={classes.bar}>
        <div className={classes.output}>
          <OutputNotice devices={devices} />
        </div>
        <p className={classes.intro}>
          <strong>You direct from here.</strong> Join to be seen and heard yourself; you start muted.
        </p>
        <Quality quality={stage.quality} compact />
        <Button variant="light" onClick={join} leftSection={<IconVideo size={18} aria-hidden />}>
          Join the stage
        </Button>
      </div>
    );
  }
  return (
    <div className={classes.bar}>
      <Button
        variant={stage.micMuted ? 'light' : 'default'}
        color="warn"
        disabled={!stage.mic}
        leftSection={
          stage.micMuted ? (
            <IconMicrophoneOff size={18} aria-hidden />
          ) : (
            <IconMicrophone size={18} aria-hidden />
          )
        }
        onClick={() => session.stage.setMicMuted(!stage.micMuted)}
      >
        {stage.micMuted ? 'Unmute' : 'Mute'}
      </Button>
      <Button
        variant={stage.cameraOff ? 'light' : 'default'}
        color="warn"
        disabled={!stage.camera}
        leftSection={
          stage.cameraOff ? <IconVideoOff size={18} aria-hidden /> : <IconVideo size={18} aria-hidden />
        }
        onClick={() => session.stage.setCameraOff(!stage.cameraOff)}
      >
        {stage.cameraOff ? 'Start camera' : 'Stop camera'}
      </Button>
      {screen.available ? (
        <Button
          variant={stage.screen ? 'light' : 'default'}
          leftSection={
            stage.screen ? (
              <IconScreenShareOff size={18} aria-hidden />
            ) : (
              <IconScreenShare size={18} aria-hidden />
            )
          }
          onClick={screen.toggle}
        >
          {stage.screen ? 'Stop sharing' : 'Share screen'}
        </Button>
      ) : null}
      <span className={classes.state}>
        {stage.mutedBy !== null ? (
          <span role="status">
            <bdi>{stage.mutedBy}</bdi> {MUTING.en.youAreMuted}
          </span>
        ) : (
          <Quality quality={stage.quality} compact />
        )}
      </span>
      <Popover
        // Opens by itself when a device needs the person's help.
        key={troubled ? 'troubled' : 'fine'}
        defaultOpened={troubled}
        position="top-end"
        withinPortal
        trapFocus
        width={320}
      >
        <Popover.Target>
          <ActionIcon variant="subtle" color="plain" size="lg" aria-label="Devices" loading={opening}>
            <IconSettings size={20} aria-hidden />
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown>
          <div className={classes.devices}>
            <DevicePickers devices={devices} />
            <MicMeter track={mic} />
            <DeviceTrial devices={devices} />
          </div>
        </Popover.Dropdown>
      </Popover>
      <Button variant="default" onClick={leave}>
        Leave the stage
      </Button>
    </div>
  );
}
