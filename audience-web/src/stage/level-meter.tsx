import { watchLevel } from '@rostrum/panel-sfu/client/level';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../messages.ts';

/** Moves with the voice. Drawn past the renderer: fifteen times a second is no business of a virtual tree. */
export function LevelMeter({ track }: { track: MediaStreamTrack | null }) {
  const meter = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!track) return;
    return watchLevel(track, (level) => {
      meter.current?.style.setProperty('--level', String(level));
      meter.current?.setAttribute('aria-valuenow', String(Math.round(level * 100)));
    });
  }, [track]);
  return (
    // biome-ignore lint/a11y/useSemanticElements: <meter> cannot be styled alike in all browsers
    <div
      ref={meter}
      class="level-meter"
      role="meter"
      aria-label={t.stage.level}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={0}
    >
      <span />
    </div>
  );
}
