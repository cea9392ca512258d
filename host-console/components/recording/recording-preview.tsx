'use client';

import type Hls from 'hls.js';
import { useEffect, useRef, useState } from 'react';
import classes from './recording.module.css';
import type { TakeMoment } from './recording-panel.tsx';

/** A small player, to look for moments. Its clock is the programme's own, whatever is cut. */
export function RecordingPreview({
  url,
  sinceUnixMs,
  onMoment,
}: {
  readonly url: string;
  readonly sinceUnixMs: number;
  readonly onMoment: (moment: TakeMoment) => void;
}) {
  const video = useRef<HTMLVideoElement>(null);
  const tell = useRef(onMoment);
  const [broken, setBroken] = useState(false);
  useEffect(() => {
    tell.current = onMoment;
  });

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    let closed = false;
    let hls: Hls | null = null;
    // Whoever does not look at recordings does not load the player.
    import('hls.js').then(
      ({ default: Player }) => {
        if (closed) return;
        if (!Player.isSupported()) {
          setBroken(true);
          return;
        }
        const player = new Player({ maxBufferLength: 10, backBufferLength: 10 });
        hls = player;
        player.on(Player.Events.ERROR, (_, { fatal }) => {
          if (fatal) setBroken(true);
        });
        player.loadSource(url);
        player.attachMedia(element);
        tell.current(() => {
          const at = player.playingDate?.getTime();
          return at === undefined ? null : at - sinceUnixMs;
        });
      },
      () => setBroken(true),
    );
    return () => {
      closed = true;
      tell.current(() => null);
      hls?.destroy();
    };
  }, [url, sinceUnixMs]);

  if (broken) {
    return (
      <p className={classes.muted} role="status">
        The recording cannot be played here. Times can be typed all the same.
      </p>
    );
  }
  return (
    <section className={classes.part} aria-label="Preview">
      {/* biome-ignore lint/a11y/useMediaCaption: a tool for finding moments; captions are on the watch page */}
      <video ref={video} className={classes.video} controls playsInline preload="metadata" />
    </section>
  );
}
