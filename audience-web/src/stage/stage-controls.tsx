import type { NetworkVerdict } from '@rostrum/contracts/network-verdict';
import { isolated } from '@rostrum/contracts/text';
import type { MutedView, WebinarView } from '@rostrum/contracts/view';
import { canTurn, DEVICE_KINDS } from '@rostrum/panel-sfu/client/devices';
import type { StageClient } from '@rostrum/panel-sfu/client/stage';
import { useMemo } from 'preact/hooks';
import { t } from '../messages.ts';
import { CameraIcon, CameraOffIcon, LeaveIcon, MicIcon, MicOffIcon, TurnIcon } from '../ui/icons.tsx';
import { useStore } from '../ui/use-store.ts';
import { ConsentHeld, ConsentNote } from './consent.tsx';
import { DEVICE_NAMES, DeviceNotices } from './device-notices.tsx';
import type { StageVisit } from './visit.ts';

interface StageControlsProps {
  readonly visit: StageVisit;
  readonly client: StageClient;
  readonly view: WebinarView;
  readonly onAir: boolean;
}

export function StageControls({ visit, client, view, onAir }: StageControlsProps) {
  const store = useMemo(() => ({ get: client.getState, subscribe: client.subscribe }), [client]);
  const stage = useStore(store, (s) => s);
  const turns = useStore(visit.devices.state, (s) => canTurn(s.camera));
  const { muted } = view.self;
  const { mayUnmute } = view.rules;
  return (
    <>
      <p class="stage-notice" role="status">
        {stage.status === 'rejoining' && <span class="pill">{t.stage.rejoining}</span>}
        {stage.status !== 'rejoining' && muted !== null && <span class="pill">{told(muted, mayUnmute)}</span>}
      </p>
      <div class="stage-devices" role="alert">
        <DeviceNotices visit={visit} />
        <ConsentNote visit={visit} view={view} />
        {DEVICE_KINDS.map((kind) => {
          const problem = stage[kind]?.problem ?? null;
          if (problem === null) return null;
          const words = t.stage.notSent[problem === 'media-unsupported' ? 'unsupported' : 'refused'];
          return <p class="check-problem" key={kind}>{`${DEVICE_NAMES[kind]}: ${words}`}</p>;
        })}
      </div>
      <div class="stage-bar" role="toolbar" aria-label={t.stage.controls}>
        <p class={`air-light ${onAir ? 'on' : ''}`} role="status">
          <span class="dot" aria-hidden="true" />
          {onAir ? t.stage.onAir : t.stage.offAir}
        </p>
        {stage.mic && (
          <button
            type="button"
            class={`icon-button filled ${stage.micMuted ? 'off' : ''}`}
            aria-label={stage.micMuted ? t.stage.unmute : t.stage.mute}
            disabled={muted !== null && !mayUnmute}
            onClick={() => client.setMicMuted(!stage.micMuted)}
          >
            {stage.micMuted ? <MicOffIcon /> : <MicIcon />}
          </button>
        )}
        {muted !== null && !mayUnmute && (
          <button type="button" class="button" onClick={() => void visit.askToSpeak(!muted.asked)}>
            {muted.asked ? t.stage.askNoMore : t.stage.askToSpeak}
          </button>
        )}
        {stage.camera && (
          <button
            type="button"
            class={`icon-button filled ${stage.cameraOff ? 'off' : ''}`}
            aria-label={stage.cameraOff ? t.stage.cameraOn : t.stage.cameraOff}
            onClick={() => client.setCameraOff(!stage.cameraOff)}
          >
            {stage.cameraOff ? <CameraOffIcon /> : <CameraIcon />}
          </button>
        )}
        {turns && (
          <button
            type="button"
            class="icon-button filled"
            aria-label={t.stage.turnCamera}
            onClick={() => visit.devices.turn()}
          >
            <TurnIcon />
          </button>
        )}
        <ConsentHeld visit={visit} view={view} />
        <span class={`stage-quality ${stage.quality ? gradeOf(stage.quality) : ''}`} role="status">
          {stage.quality && t.stage.quality[stage.quality.word]}
        </span>
        <button type="button" class="button danger" onClick={() => void visit.leave()}>
          <LeaveIcon />
          {t.stage.leave}
        </button>
      </div>
    </>
  );
}

const gradeOf = ({ word, badly }: NetworkVerdict): string =>
  word === 'fine' ? 'fine' : badly ? 'poor' : 'fair';

/** Who muted this person, and what it takes to be heard again. */
function told({ byName, asked }: MutedView, mayUnmute: boolean): string {
  if (mayUnmute) return t.stage.mutedBy(isolated(byName));
  return asked ? t.stage.asked : t.stage.mutedForGood(isolated(byName));
}
