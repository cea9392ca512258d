import { useEffect, useRef, useState } from 'preact/hooks';
import { t } from '../messages.ts';
import { Dialog } from '../ui/dialog.tsx';
import { CameraOffIcon } from '../ui/icons.tsx';
import { useStore } from '../ui/use-store.ts';
import {
  type DeviceName,
  type DeviceProblem,
  listDevices,
  type OpenedDevices,
  openDevices,
} from './devices.ts';
import { LevelMeter } from './level-meter.tsx';
import { TrackVideo } from './track-video.tsx';
import type { StageVisit } from './visit.ts';

const NO_CAMERA = 'none';
const NOTHING: OpenedDevices = { camera: null, mic: null, problem: null };

/** "You are invited": look at yourself, hear that you are heard, and only then join. The stream plays on behind. */
export function DeviceCheck({ visit }: { visit: StageVisit }) {
  const joining = useStore(visit.state, (s) => s.step === 'joining');
  const failed = useStore(visit.state, (s) => s.failed);
  const [cameraId, setCameraId] = useState<string | null>(null);
  const [micId, setMicId] = useState<string | null>(null);
  const [devices, setDevices] = useState<OpenedDevices | null>(null);
  const [names, setNames] = useState<{ cameras: DeviceName[]; mics: DeviceName[] }>({
    cameras: [],
    mics: [],
  });
  const [tries, setTries] = useState(0);
  const joined = useRef(false);

  useEffect(() => {
    let current = true;
    let mine = NOTHING;
    const run = async (): Promise<void> => {
      const opened = await openDevices({ cameraId, micId, withCamera: cameraId !== NO_CAMERA });
      mine = opened;
      if (!current) {
        stop(opened);
        return;
      }
      setDevices(opened);
      const found = await listDevices();
      if (current) setNames(found);
    };
    void run();
    return () => {
      current = false;
      // Once joined they belong to the visit.
      if (!joined.current) stop(mine);
    };
  }, [cameraId, micId, tries]);

  const { camera, mic, problem } = devices ?? NOTHING;
  const ready = devices !== null && (camera !== null || mic !== null) && !joining;

  return (
    <Dialog
      title={t.stage.invited}
      text={t.stage.invitedText}
      wide
      onClose={() => {
        if (!joining) visit.putOff();
      }}
    >
      <div class="check">
        <div class="check-preview">
          {camera ? (
            <TrackVideo track={camera} mirrored label={t.stage.preview} />
          ) : (
            <p class="check-no-camera">
              <CameraOffIcon />
              {devices === null ? '' : t.stage.withoutCamera}
            </p>
          )}
        </div>
        <div class="check-settings">
          <label class="field">
            {t.stage.camera}
            <select
              value={cameraId ?? camera?.getSettings().deviceId ?? NO_CAMERA}
              disabled={joining}
              onChange={(event) => setCameraId(event.currentTarget.value)}
            >
              {names.cameras.map((d) => (
                <option key={d.id} value={d.id}>
                  {d.label}
                </option>
              ))}
              <option value={NO_CAMERA}>{t.stage.noCamera}</option>
            </select>
          </label>
          <label class="field">
            {t.stage.microphone}
            <select
              value={micId ?? mic?.getSettings().deviceId ?? ''}
              disabled={joining || names.mics.length === 0}
              onChange={(event) => setMicId(event.currentTarget.value)}
            >
              {names.mics.length === 0 && <option value="">{t.stage.noMicrophone}</option>}
              {names.mics.map((d) => (
                <option key={d.id} value={d.id}>
                  {d.label}
                </option>
              ))}
            </select>
          </label>
          <div>
            <LevelMeter track={mic} />
            <p class="muted small">{t.stage.speakUp}</p>
          </div>
        </div>
      </div>
      <div role="alert">
        {problem && (
          <p class="check-problem">
            {wordsFor(problem)}{' '}
            <button type="button" class="button small" onClick={() => setTries(tries + 1)}>
              {t.stage.tryAgain}
            </button>
          </p>
        )}
        {failed && <p class="check-problem">{t.stage.failed}</p>}
      </div>
      <div class="dialog-actions">
        <button type="button" class="button" disabled={joining} onClick={() => void visit.decline()}>
          {t.stage.notNow}
        </button>
        <button
          type="button"
          class="button primary"
          disabled={!ready}
          onClick={() => {
            joined.current = true;
            void visit.join({ camera, mic }).then(() => {
              joined.current = visit.state.get().step !== 'checking';
            });
          }}
        >
          {joining ? t.stage.joining : t.stage.join}
        </button>
      </div>
    </Dialog>
  );
}

function stop({ camera, mic }: OpenedDevices): void {
  camera?.stop();
  mic?.stop();
}

function wordsFor(problem: DeviceProblem): string {
  switch (problem) {
    case 'denied':
      return t.stage.deviceDenied;
    case 'missing':
      return t.stage.deviceMissing;
    case 'busy':
      return t.stage.deviceBusy;
  }
}
