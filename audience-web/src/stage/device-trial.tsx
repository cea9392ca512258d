import { createTrial, type DeviceTrial } from '@rostrum/panel-sfu/client/device-trial';
import { setOutput } from '@rostrum/panel-sfu/client/sound';
import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages.ts';
import { PlayIcon, VolumeIcon } from '../ui/icons.tsx';
import { useStore } from '../ui/use-store.ts';
import type { StageVisit } from './visit.ts';

/** One's trial, over when the component goes. */
export function useTrial(): DeviceTrial {
  const [trial] = useState(createTrial);
  useEffect(() => () => trial.done(), [trial]);
  return trial;
}

/** Where sound goes, a tone out of there, and three seconds of oneself. */
export function TrialButtons({ trial, visit }: { trial: DeviceTrial; visit: StageVisit }) {
  const { is } = useStore(trial.state, (s) => s.now);
  const { outputs, outputId, tracks } = useStore(visit.devices.state, (s) => s);
  const own = [tracks.camera, tracks.mic].filter((track) => track !== null);
  const busy = is === 'sounding' || is === 'recording';
  return (
    <>
      {outputs.length > 1 && (
        <label class="field">
          {t.stage.speaker}
          <select
            value={outputId ?? outputs[0]?.id}
            onChange={(event) => visit.devices.chooseOutput(event.currentTarget.value)}
          >
            {outputs.map((d) => (
              <option key={d.id} value={d.id}>
                {d.label || t.stage.speaker}
              </option>
            ))}
          </select>
        </label>
      )}
      <div class="check-trial">
        <button type="button" class="button small" disabled={busy} onClick={() => void trial.sound(outputId)}>
          <VolumeIcon />
          {is === 'sounding' ? t.stage.sounding : t.stage.testSound}
        </button>
        <button
          type="button"
          class="button small"
          disabled={busy || own.length === 0}
          onClick={() => void trial.record(own)}
        >
          <PlayIcon />
          {is === 'recording' ? t.stage.recording : t.stage.recordSelf}
        </button>
      </div>
      <p class="muted small" role="status">
        {is === 'failed' ? t.stage.trialFailed : is === 'recording' ? t.stage.speakNow : ''}
      </p>
    </>
  );
}

/** The three seconds, in the place of the preview, out of the chosen output. */
export function TrialPlayback({ trial, visit }: { trial: DeviceTrial; visit: StageVisit }) {
  const now = useStore(trial.state, (s) => s.now);
  const outputId = useStore(visit.devices.state, (s) => s.outputId);
  const video = useRef<HTMLVideoElement>(null);
  const url = now.is === 'playing' ? now.url : null;
  useEffect(() => {
    const element = video.current;
    if (!element || url === null) return;
    setOutput(element, outputId)
      .then(() => element.play())
      .catch(() => trial.done());
  }, [url]);
  if (url === null) return null;
  return (
    // biome-ignore lint/a11y/useMediaCaption: three seconds of oneself, just spoken
    <video
      ref={video}
      class="track-video trial-video"
      src={url}
      playsInline
      aria-label={t.stage.ownRecording}
      onEnded={() => trial.done()}
      onError={() => trial.done()}
    />
  );
}
