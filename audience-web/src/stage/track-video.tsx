import { useEffect, useRef } from 'preact/hooks';

interface TrackVideoProps {
  readonly track: MediaStreamTrack;
  readonly label: string;
  readonly mirrored?: boolean;
  readonly contain?: boolean;
  readonly onFirstFrame?: () => void;
}

/** One live picture, without sound. */
export function TrackVideo({ track, label, mirrored, contain, onFirstFrame }: TrackVideoProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = new MediaStream([track]);
    element.play().catch(() => undefined); // a newer track took its place
    return () => {
      element.srcObject = null;
    };
  }, [track]);
  return (
    <video
      ref={video}
      class={`track-video ${mirrored ? 'mirrored' : ''} ${contain ? 'contain' : ''}`}
      muted
      playsInline
      aria-label={label}
      onLoadedData={onFirstFrame}
    />
  );
}

/** One live sound, without a picture. */
export function TrackAudio({ track, onPlaying }: { track: MediaStreamTrack; onPlaying: () => void }) {
  const audio = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const element = audio.current;
    if (!element) return;
    element.srcObject = new MediaStream([track]);
    // Joining was a press, so the browser lets it sound.
    element.play().catch(() => undefined);
    return () => {
      element.srcObject = null;
    };
  }, [track]);
  // biome-ignore lint/a11y/useMediaCaption: live speech of a conversation one takes part in
  return <audio ref={audio} onPlaying={onPlaying} />;
}
