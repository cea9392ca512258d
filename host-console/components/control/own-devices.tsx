'use client';

import { Button, Collapse } from '@mantine/core';
import {
  IconChevronDown,
  IconMicrophone,
  IconMicrophoneOff,
  IconScreenShare,
  IconScreenShareOff,
  IconVideo,
  IconVideoOff,
} from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useDevices } from '../../lib/use-devices.ts';
import { useScreenShare } from '../../lib/use-screen-share.ts';
import { DevicePicker } from '../shared/device-picker.tsx';
import { MicMeter } from '../shared/mic-meter.tsx';
import { useControl } from './context.ts';
import room from './control.module.css';
import classes from './own-devices.module.css';

/** The host's own camera and microphone: off until wanted, and muted at first, so that nobody goes on air by accident. */
export function OwnDevices() {
  const { session, stage } = useControl();
  const devices = useDevices();
  const screen = useScreenShare(session.stage);
  const [open, setOpen] = useState(false);
  const taking = stage.camera !== null || stage.mic !== null;
  const { track: camera } = devices.camera;
  const { track: mic } = devices.mic;

  // Whatever is open is sent; another device takes the place of the last without a gap.
  useEffect(() => {
    session.stage.setCamera(camera);
  }, [session, camera]);
  useEffect(() => {
    session.stage.setMic(mic);
  }, [session, mic]);

  const join = (): void => {
    session.stage.setMicMuted(true);
    setOpen(true);
    void devices.openAll();
  };
  const leave = (): void => {
    devices.stop('camera');
    devices.stop('mic');
    if (stage.screen) screen.toggle();
  };

  return (
    <div className={room.panel}>
      <div className={room.panelHead}>
        <h2>You on the stage</h2>
        {taking ? (
          <button
            type="button"
            className={classes.more}
            aria-expanded={open}
            onClick={() => setOpen((now) => !now)}
          >
            Devices <IconChevronDown size={16} aria-hidden data-open={open || undefined} />
          </button>
        ) : null}
      </div>
      {taking ? (
        <div className={room.row}>
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
            {stage.cameraOff ? 'Turn camera on' : 'Turn camera off'}
          </Button>
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
          <Button variant="subtle" color="plain" onClick={leave}>
            Leave the stage
          </Button>
        </div>
      ) : (
        <div className={room.row}>
          <p className={classes.intro}>
            You see and hear the stage. Join it to be seen and heard yourself; you start muted.
          </p>
          <Button
            variant="light"
            loading={devices.camera.opening || devices.mic.opening}
            onClick={join}
            leftSection={<IconVideo size={18} aria-hidden />}
          >
            Join the stage
          </Button>
        </div>
      )}
      {stage.mutedBy && stage.micMuted ? <p className={room.muted}>{stage.mutedBy} muted you.</p> : null}
      <Collapse
        expanded={open && (taking || devices.camera.problem !== null || devices.mic.problem !== null)}
      >
        <div className={classes.devices}>
          <DevicePicker kind="camera" devices={devices} />
          <DevicePicker kind="mic" devices={devices} />
          <MicMeter track={mic} />
        </div>
      </Collapse>
    </div>
  );
}
