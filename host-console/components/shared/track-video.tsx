'use client';

import { useEffect, useRef } from 'react';

/** Plays one video track, silently; sound has its own element (`StageSound`). */
export function TrackVideo({
  track,
  mirrored = false,
  className,
}: {
  readonly track: MediaStreamTrack;
  readonly mirrored?: boolean;
  readonly className?: string | undefined;
}) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const video = ref.current;
    if (!video) return;
    video.srcObject = new MediaStream([track]);
    return () => {
      video.srcObject = null;
    };
  }, [track]);
  return (
    <video
      ref={ref}
      className={className}
      style={mirrored ? { transform: 'scaleX(-1)' } : undefined}
      autoPlay
      playsInline
      muted
      disablePictureInPicture
      aria-hidden
    />
  );
}
