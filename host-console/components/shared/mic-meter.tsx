'use client';

import { watchLevel } from '@rostrum/panel-sfu/client/level';
import { useEffect, useRef } from 'react';
import classes from './mic-meter.module.css';

/** The microphone's level, drawn straight into the element, without rendering. */
export function MicMeter({ track }: { readonly track: MediaStreamTrack | null }) {
  const ref = useRef<HTMLDivElement>(null);
  const meter = useRef<HTMLMeterElement>(null);
  useEffect(() => {
    const bar = ref.current;
    if (!track || !bar) return;
    return watchLevel(track, (level) => {
      bar.style.setProperty('--level', level.toFixed(3));
      if (meter.current) meter.current.value = level;
    });
  }, [track]);
  return (
    <>
      <div ref={ref} className={classes.meter} aria-hidden />
      <meter
        ref={meter}
        className="visually-hidden"
        aria-label="Microphone level"
        min={0}
        max={1}
        value={0}
      />
    </>
  );
}
