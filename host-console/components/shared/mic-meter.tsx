'use client';

import { useEffect, useRef } from 'react';
import classes from './mic-meter.module.css';

/** -60 dBFS is the left end, 0 the right. */
const FLOOR_DB = -60;

/** The microphone's level, drawn straight into the element, sixty times a second, without rendering. */
export function MicMeter({ track }: { readonly track: MediaStreamTrack | null }) {
  const ref = useRef<HTMLDivElement>(null);
  const meter = useRef<HTMLMeterElement>(null);
  useEffect(() => {
    const bar = ref.current;
    if (!track || !bar) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    const source = context.createMediaStreamSource(new MediaStream([track]));
    source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let frame = 0;
    let level = 0;
    const draw = (): void => {
      // Browsers start it only after a click somewhere on the page; harmless to ask again.
      if (context.state === 'suspended') void context.resume();
      analyser.getFloatTimeDomainData(samples);
      let sum = 0;
      for (const sample of samples) sum += sample * sample;
      const db = 10 * Math.log10(sum / samples.length + 1e-12);
      const now = Math.min(1, Math.max(0, 1 - db / FLOOR_DB));
      level = Math.max(now, level * 0.92);
      bar.style.setProperty('--level', level.toFixed(3));
      if (meter.current) meter.current.value = level;
      frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    return () => {
      cancelAnimationFrame(frame);
      source.disconnect();
      void context.close();
      bar.style.setProperty('--level', '0');
    };
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
