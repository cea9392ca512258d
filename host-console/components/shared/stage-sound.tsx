'use client';

import { Button } from '@mantine/core';
import { keepPlaying, setOutput } from '@rostrum/panel-sfu/client/sound';
import type { RemoteTrack } from '@rostrum/panel-sfu/client/stage';
import { IconVolume } from '@tabler/icons-react';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Devices } from '../../lib/use-devices.ts';

/** Plays everybody's sound. Where the browser wants a click first, it draws the button for it. */
export function StageSound({
  remotes,
  devices: { state, client },
}: {
  readonly remotes: readonly RemoteTrack[];
  readonly devices: Devices;
}) {
  const [blocked, setBlocked] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const onBlocked = useCallback(() => setBlocked(true), []);
  return (
    <>
      {remotes.map(({ source, track, producerId }) =>
        track && (source === 'mic' || source === 'screenAudio') ? (
          <TrackAudio
            key={producerId}
            track={track}
            outputId={state.outputId}
            onRefused={client.outputRefused}
            attempt={attempt}
            onBlocked={onBlocked}
          />
        ) : null,
      )}
      {blocked ? (
        <Button
          leftSection={<IconVolume size={18} aria-hidden />}
          onClick={() => {
            setBlocked(false);
            setAttempt((n) => n + 1);
          }}
        >
          Turn on sound
        </Button>
      ) : null}
    </>
  );
}

function TrackAudio({
  track,
  outputId,
  onRefused,
  attempt,
  onBlocked,
}: {
  readonly track: MediaStreamTrack;
  /** null: where the system puts it. */
  readonly outputId: string | null;
  readonly onRefused: (outputId: string) => void;
  /** Another number: play again, now within a click. */
  readonly attempt: number;
  readonly onBlocked: () => void;
}) {
  const ref = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const audio = ref.current;
    if (!audio) return;
    audio.srcObject = new MediaStream([track]);
    const stop = keepPlaying(audio);
    return () => {
      stop();
      audio.srcObject = null;
    };
  }, [track]);
  useEffect(() => {
    if (!ref.current) return;
    void setOutput(ref.current, outputId).then((there) => {
      if (!there && outputId !== null) onRefused(outputId);
    });
  }, [outputId, onRefused]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new track or another attempt is what starts it anew
  useEffect(() => {
    ref.current?.play().catch((error: unknown) => {
      // Anything else (a track that ended meanwhile) solves itself with the next track.
      if (error instanceof Error && error.name === 'NotAllowedError') onBlocked();
    });
  }, [track, attempt, onBlocked]);
  // biome-ignore lint/a11y/useMediaCaption: live speech of a call; captions are another service's work
  return <audio ref={ref} />;
}
