import { facingOf } from '@rostrum/panel-sfu/client/device-opening';
import { keepPlaying, setOutput } from '@rostrum/panel-sfu/client/sound';
import { watchStill } from '@rostrum/panel-sfu/client/still';
import { useEffect, useRef, useState } from 'preact/hooks';

interface TrackVideoProps {
  readonly track: MediaStreamTrack;
  readonly label: string;
  /** One's own picture. */
  readonly mirrored?: boolean;
  readonly contain?: boolean;
  readonly onFirstFrame?: () => void;
  /** Told when it stands still, and when it moves again. */
  readonly onStill?: ((still: boolean) => void) | undefined;
}

/** One live picture, without sound. */
export function TrackVideo({ track, label, mirrored, contain, onFirstFrame, onStill }: TrackVideoProps) {
  const video = useRef<HTMLVideoElement>(null);
  // A phone held upright, or turned meanwhile: all of it is shown, as in the broadcast.
  const [upright, setUpright] = useState(false);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    element.srcObject = new MediaStream([track]);
    element.play().catch(() => undefined); // a newer track took its place
    return () => {
      element.srcObject = null;
    };
  }, [track]);
  useEffect(() => {
    if (!video.current || !onStill) return;
    const stop = watchStill(video.current, onStill);
    return () => {
      stop();
      onStill(false);
    };
  }, [track, onStill]);
  return (
    <video
      ref={video}
      class={`track-video ${mirrored && facingOf(track) !== 'environment' ? 'mirrored' : ''} ${contain || upright ? 'contain' : ''}`}
      muted
      playsInline
      aria-label={label}
      onLoadedData={onFirstFrame}
      onResize={({ currentTarget: { videoWidth, videoHeight } }) => setUpright(videoHeight > videoWidth)}
    />
  );
}

/** One live sound, without a picture. */
export function TrackAudio(props: {
  track: MediaStreamTrack;
  /** null: where the system puts it. */
  outputId: string | null;
  onRefused: (outputId: string) => void;
  onPlaying: () => void;
}) {
  const { track, outputId, onRefused, onPlaying } = props;
  const audio = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const element = audio.current;
    if (!element) return;
    element.srcObject = new MediaStream([track]);
    // Joining was a press, so the browser lets it sound.
    element.play().catch(() => undefined);
    const stop = keepPlaying(element);
    return () => {
      stop();
      element.srcObject = null;
    };
  }, [track]);
  useEffect(() => {
    if (!audio.current) return;
    void setOutput(audio.current, outputId).then((there) => {
      if (!there && outputId !== null) onRefused(outputId);
    });
  }, [outputId, onRefused]);
  // biome-ignore lint/a11y/useMediaCaption: live speech of a conversation one takes part in
  return <audio ref={audio} onPlaying={onPlaying} />;
}
