import {
  commonProblem,
  DEVICE_KINDS,
  type DeviceKind,
  type DeviceProblem,
  problemOf,
  substitute,
} from '@rostrum/panel-sfu/client/devices';
import type { ComponentChildren } from 'preact';
import { t } from '../messages.ts';
import { useStore } from '../ui/use-store.ts';
import type { StageVisit } from './visit.ts';

export const DEVICE_NAMES: Readonly<Record<DeviceKind, string>> = {
  camera: t.stage.camera,
  mic: t.stage.microphone,
};

/** What has become of camera, microphone and speaker, each with the one press that helps. None of them unmutes. */
export function DeviceNotices({ visit }: { visit: StageVisit }) {
  return (
    <>
      <InputNotices visit={visit} />
      <OutputNotice visit={visit} />
    </>
  );
}

/** The chosen speaker is gone, so that the sound comes out of another. */
function OutputNotice({ visit: { devices } }: { visit: StageVisit }) {
  const { lostOutput, outputs } = useStore(devices.state, (s) => s);
  if (lostOutput === null) return null;
  const label = lostOutput.label || t.stage.speaker;
  const isBack = outputs.some(({ id }) => id === lostOutput.id);
  return (
    <Notice
      text={t.stage.outputLost(label)}
      press={isBack ? t.stage.use(label) : t.stage.understood}
      onPress={() => devices.chooseOutput(isBack ? lostOutput.id : null)}
    />
  );
}

function InputNotices({ visit }: { visit: StageVisit }) {
  const state = useStore(visit.devices.state, (s) => s);
  const { devices } = visit;
  const both = commonProblem(state);
  if (both !== null) {
    const name = `${t.stage.camera}, ${t.stage.microphone}`;
    return (
      <Notice
        text={`${name}: ${wordsFor(both)}`}
        press={t.stage.tryAgain}
        onPress={() => devices.openAll()}
      />
    );
  }
  return (
    <>
      {DEVICE_KINDS.map((kind) => {
        const slot = state[kind];
        const problem = problemOf(slot);
        const { newcomer } = slot;
        if (problem !== null) {
          const other = substitute(slot);
          return (
            <Notice
              key={kind}
              text={`${DEVICE_NAMES[kind]}: ${wordsFor(problem)}`}
              press={other === null ? t.stage.tryAgain : t.stage.use(other)}
              busy={slot.opening}
              onPress={() => devices.restore(kind)}
            />
          );
        }
        if (newcomer === null) return null;
        return (
          <Notice
            key={kind}
            text={t.stage.connected(newcomer.label || DEVICE_NAMES[kind])}
            press={t.stage.useIt}
            busy={slot.opening}
            onPress={() => devices.open(kind, newcomer.id)}
          />
        );
      })}
    </>
  );
}

interface NoticeProps {
  readonly text: ComponentChildren;
  readonly press: string;
  readonly busy?: boolean;
  readonly onPress: () => void;
}

function Notice({ text, press, busy, onPress }: NoticeProps) {
  return (
    <p class="check-problem">
      <span>{text}</span>
      <button type="button" class="button small" disabled={busy} onClick={onPress}>
        {press}
      </button>
    </p>
  );
}

function wordsFor(problem: DeviceProblem): string {
  switch (problem) {
    case 'denied':
    case 'withdrawn':
      return t.stage.deviceDenied;
    case 'busy':
    case 'taken':
      return t.stage.deviceBusy;
    case 'missing':
      return t.stage.deviceMissing;
    case 'insecure':
      return t.stage.deviceInsecure;
    case 'failed':
      return t.stage.deviceFailed;
    case 'unplugged':
      return t.stage.deviceUnplugged;
    case 'interrupted':
      return t.stage.deviceInterrupted;
  }
}
