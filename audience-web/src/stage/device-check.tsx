import { canTurn, type DeviceKind } from '@rostrum/panel-sfu/client/devices';
import { useState } from 'preact/hooks';
import { t } from '../messages.ts';
import type { WatchSession } from '../room/session.ts';
import { Dialog } from '../ui/dialog.tsx';
import { CameraOffIcon, TurnIcon } from '../ui/icons.tsx';
import { useLazy } from '../ui/use-lazy.ts';
import { useStore } from '../ui/use-store.ts';
import { DeviceNotices } from './device-notices.tsx';
import { TrialButtons, TrialPlayback, useTrial } from './device-trial.tsx';
import { LevelMeter } from './level-meter.tsx';
import { loadStage } from './load-stage.ts';
import { TrackVideo } from './track-video.tsx';
import type { StageVisit } from './visit.ts';

const NONE = '';

/** "You are invited": look at yourself, hear that you are heard, and only then join. The stream plays on behind. */
export function DeviceCheck({ session, visit }: { session: WatchSession; visit: StageVisit }) {
  const { devices } = visit;
  const joining = useStore(visit.state, (s) => s.step === 'joining');
  const problem = useStore(visit.state, (s) => s.problem);
  const { camera, mic, tracks } = useStore(devices.state, (s) => s);
  const trial = useTrial();
  const opening = camera.opening || mic.opening;
  const library = useLazy(true, loadStage);
  const view = useStore(session.state, (s) => s.view);
  const asksTracks = useStore(session.state, (s) => s.view?.rules.tracks ?? false);
  const agreed = useStore(session.state, (s) => s.view?.self.consent.tracks === 'given');
  const [keeps, setKeeps] = useState(agreed);
  const tracksKept = asksTracks ? keeps : null;
  // Nobody joins before they were asked.
  const ready = library !== null && (tracks.camera !== null || tracks.mic !== null) && !opening && !joining;
  const join = (recording: boolean): void => {
    trial.done();
    void visit.join((view && library?.consentAnswers(view, recording, tracksKept)) ?? []);
  };

  return (
    <Dialog
      title={t.stage.invited}
      text={t.stage.invitedText}
      wide
      onClose={() => {
        if (!joining) visit.putOff();
      }}
    >
      <div class="check-notices" role="alert">
        <DeviceNotices visit={visit} />
        {problem !== null && <p class="check-problem">{t.stage.problem[problem]}</p>}
      </div>
      <div class="check">
        <div>
          <div class="check-preview">
            {tracks.camera ? (
              <TrackVideo track={tracks.camera} mirrored label={t.stage.preview} />
            ) : (
              <p class="check-no-camera">
                <CameraOffIcon />
                {camera.opening ? '' : t.stage.withoutCamera}
              </p>
            )}
            <TrialPlayback trial={trial} visit={visit} />
            {canTurn(camera) && (
              <button
                type="button"
                class="icon-button filled check-turn"
                aria-label={t.stage.turnCamera}
                onClick={() => devices.turn()}
              >
                <TurnIcon />
              </button>
            )}
          </div>
          <div class="check-level">
            <LevelMeter track={tracks.mic} />
            {tracks.mic && <p class="muted small">{t.stage.speakUp}</p>}
          </div>
        </div>
        <div class="check-settings">
          <Picker visit={visit} kind="camera" disabled={joining} />
          <Picker visit={visit} kind="mic" disabled={joining} />
          <TrialButtons trial={trial} visit={visit} />
        </div>
      </div>
      {library && (
        <library.ConsentAsked
          own={view?.plan.consentText ?? null}
          tracks={tracksKept}
          disabled={!ready}
          onTracks={setKeeps}
          onUnrecorded={() => join(false)}
        />
      )}
      <div class="dialog-actions">
        <button type="button" class="button" disabled={joining} onClick={() => void visit.decline()}>
          {t.stage.notNow}
        </button>
        <button type="button" class="button primary" disabled={!ready} onClick={() => join(true)}>
          {joining ? t.stage.joining : problem === 'elsewhere' ? t.stage.joinHere : t.stage.join}
        </button>
      </div>
    </Dialog>
  );
}

function Picker(props: { visit: StageVisit; kind: DeviceKind; disabled: boolean }) {
  const { kind, disabled } = props;
  const { devices } = props.visit;
  const slot = useStore(devices.state, (s) => s[kind]);
  const [name, none] =
    kind === 'camera' ? [t.stage.camera, t.stage.noCamera] : [t.stage.microphone, t.stage.noMicrophone];
  const held = slot.holds.is === 'live' || slot.holds.is === 'interrupted' ? slot.holds.device : null;
  // Some browsers name what is open otherwise than what they list.
  const listed = held === null || slot.choices.some((d) => d.id === held.id);
  // Sound alone is a choice, a picture without a voice is none.
  const offersNone = kind === 'camera' || held === null;
  return (
    <label class="field">
      {name}
      <select
        value={held?.id ?? NONE}
        disabled={disabled || (kind === 'mic' && slot.choices.length === 0)}
        onChange={({ currentTarget: { value } }) =>
          value === NONE ? devices.stop(kind) : devices.open(kind, value)
        }
      >
        {!listed && <option value={held.id}>{held.label || name}</option>}
        {slot.choices.map((d, i) => (
          <option key={d.id} value={d.id}>
            {d.label || `${name} ${i + 1}`}
          </option>
        ))}
        {offersNone && <option value={NONE}>{none}</option>}
      </select>
    </label>
  );
}
