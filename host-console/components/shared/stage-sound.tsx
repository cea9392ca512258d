'use client';

import { Button } from '@mantine/core';
import { keepPlaying, setOutput } from '@rostrum/panel-sfu/client/sound';
import type { RemoteTrack } from '@rostrum/panel-sfu/client/stage';
import { IconVolume } from '@tabler/icons-react';
import { useCallback, useEffect, useRef, useState } from 'react';

/** Plays everybody's sound. Where the browser wants a click first, it draws the button for it. */
export function StageSound({
  remotes,
  outputId = null,
}: {
  readonly remotes: readonly RemoteTrack[];
  /** null: where the system puts it. */
  readonly outputId?: string | null;
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
            outputId={outputId}
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
  attempt,
  onBlocked,
}: {
  readonly track: MediaStreamTrack;
  readonly outputId: string | null;
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
    if (ref.current) void setOutput(ref.current, outputId);
  }, [outputId]);
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
