'use client';

import { Button } from '@mantine/core';
import { createTrial, type DeviceTrial as Trial } from '@rostrum/panel-sfu/client/device-trial';
import { setOutput } from '@rostrum/panel-sfu/client/sound';
import { IconPlayerRecord, IconVolume } from '@tabler/icons-react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { DEVICES } from '../../lib/messages.ts';
import type { Devices } from '../../lib/use-devices.ts';
import classes from './device-trial.module.css';

const WORDS = DEVICES.en;

/** One's trial, over when the component goes. */
export function useTrial(): Trial {
  const [trial] = useState(createTrial);
  useEffect(() => () => trial.done(), [trial]);
  return trial;
}

const useNow = ({ state }: Trial) => useSyncExternalStore(state.subscribe, state.get, state.get).now;

/** A sound out of the chosen speaker, and three seconds of oneself. */
export function TrialButtons({ trial, devices }: { readonly trial: Trial; readonly devices: Devices }) {
  const { is } = useNow(trial);
  const { tracks, outputId } = devices.state;
  const own = [tracks.camera, tracks.mic].filter((track) => track !== null);
  const busy = is === 'sounding' || is === 'recording';
  return (
    <div className={classes.trial}>
      <Button
        variant="default"
        size="xs"
        disabled={busy}
        leftSection={<IconVolume size={16} aria-hidden />}
        onClick={() => void trial.sound(outputId)}
      >
        {is === 'sounding' ? WORDS.sounding : WORDS.sound}
      </Button>
      <Button
        variant="default"
        size="xs"
        disabled={busy || own.length === 0}
        leftSection={<IconPlayerRecord size={16} aria-hidden />}
        onClick={() => void trial.record(own)}
      >
        {is === 'recording' ? WORDS.recording : WORDS.record}
      </Button>
      <p role="status">{is === 'failed' ? WORDS.trialFailed : is === 'recording' ? WORDS.speakNow : ''}</p>
    </div>
  );
}

/** The three seconds, in the place of the picture, out of the chosen speaker. */
export function TrialPlayback({ trial, devices }: { readonly trial: Trial; readonly devices: Devices }) {
  const now = useNow(trial);
  const { outputId } = devices.state;
  const ref = useRef<HTMLVideoElement>(null);
  const url = now.is === 'playing' ? now.url : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another speaker chosen meanwhile does not start it anew
  useEffect(() => {
    const video = ref.current;
    if (!video || url === null) return;
    setOutput(video, outputId)
      .then(() => video.play())
      .catch(() => trial.done());
  }, [url]);
  if (url === null) return null;
  return (
    // biome-ignore lint/a11y/useMediaCaption: three seconds of oneself, just spoken
    <video
      ref={ref}
      className={classes.playback}
      src={url}
      playsInline
      aria-label={WORDS.ownRecording}
      onEnded={() => trial.done()}
      onError={() => trial.done()}
    />
  );
}

/** Both where one is on the stage already: the sound is played to oneself alone, and what is recorded stays here. */
export function DeviceTrial({ devices }: { readonly devices: Devices }) {
  const trial = useTrial();
  return (
    <div className={classes.again}>
      <TrialButtons trial={trial} devices={devices} />
      <TrialPlayback trial={trial} devices={devices} />
    </div>
  );
}
