import { isolated } from '@rostrum/contracts/text';
import type { StageClient } from '@rostrum/panel-sfu/client/stage';
import { useMemo } from 'preact/hooks';
import { t } from '../messages.ts';
import { CameraIcon, CameraOffIcon, LeaveIcon, MicIcon, MicOffIcon } from '../ui/icons.tsx';
import { useStore } from '../ui/use-store.ts';
import type { StageVisit } from './visit.ts';

interface StageControlsProps {
  readonly visit: StageVisit;
  readonly client: StageClient;
  readonly onAir: boolean;
}

export function StageControls({ visit, client, onAir }: StageControlsProps) {
  const store = useMemo(() => ({ get: client.getState, subscribe: client.subscribe }), [client]);
  const stage = useStore(store, (s) => s);
  return (
    <>
      <p class="stage-notice" role="status">
        {stage.status === 'rejoining' && <span class="pill">{t.stage.rejoining}</span>}
        {stage.status !== 'rejoining' && stage.mutedBy !== null && (
          <span class="pill">{t.stage.mutedBy(isolated(stage.mutedBy))}</span>
        )}
      </p>
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
            onClick={() => client.setMicMuted(!stage.micMuted)}
          >
            {stage.micMuted ? <MicOffIcon /> : <MicIcon />}
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
        <span class={`stage-quality ${stage.quality ?? ''}`}>
          {stage.quality && t.stage.quality[stage.quality]}
        </span>
        <button type="button" class="button danger" onClick={() => void visit.leave()}>
          <LeaveIcon />
          {t.stage.leave}
        </button>
      </div>
    </>
  );
}
