'use client';

import { facingOf } from '@rostrum/panel-sfu/client/device-opening';
import { watchStill } from '@rostrum/panel-sfu/client/still';
import { useEffect, useRef, useState } from 'react';

/** Plays one video track, silently; sound has its own element (`StageSound`). */
export function TrackVideo({
  track,
  mirrored = false,
  className,
  onStill,
}: {
  readonly track: MediaStreamTrack;
  /** One's own picture. */
  readonly mirrored?: boolean;
  readonly className?: string | undefined;
  /** Told when it stands still, and when it moves again. */
  readonly onStill?: ((still: boolean) => void) | undefined;
}) {
  const ref = useRef<HTMLVideoElement>(null);
  // A phone held upright, or turned meanwhile: all of it is shown, as in the broadcast.
  const [upright, setUpright] = useState(false);
  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    video.srcObject = new MediaStream([track]);
    return () => {
      video.srcObject = null;
    };
  }, [track]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: of another track it is looked at anew
  useEffect(() => {
    if (!ref.current || !onStill) return;
    const stop = watchStill(ref.current, onStill);
    return () => {
      stop();
      onStill(false);
    };
  }, [track, onStill]);
  return (
    <video
      ref={ref}
      className={className}
      style={{
        ...(mirrored && facingOf(track) !== 'environment' ? { transform: 'scaleX(-1)' } : {}),
        ...(upright ? { objectFit: 'contain' } : {}),
      }}
      onResize={({ currentTarget: { videoWidth, videoHeight } }) => setUpright(videoHeight > videoWidth)}
      autoPlay
      playsInline
      muted
      disablePictureInPicture
      aria-hidden
    />
  );
}
