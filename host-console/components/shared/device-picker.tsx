'use client';

import { Button, NativeSelect } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { DeviceKind } from '../../lib/devices.ts';
import type { DeviceProblem } from '../../lib/messages.ts';
import { wording } from '../../lib/messages.ts';
import type { Devices } from '../../lib/use-devices.ts';
import classes from './device-picker.module.css';

const LABEL: Record<DeviceKind, string> = { camera: 'Camera', mic: 'Microphone' };

/** Chooses a device, or says why there is none and offers to try again. */
function DevicePicker({ kind, devices }: { readonly kind: DeviceKind; readonly devices: Devices }) {
  const { track, problem, choices, opening } = devices[kind];
  if (problem) {
    return (
      <Problem
        what={LABEL[kind]}
        problem={problem}
        opening={opening}
        onRetry={() => void devices.open(kind)}
      />
    );
  }
  const current = track?.getSettings().deviceId ?? '';
  return (
    <NativeSelect
      label={LABEL[kind]}
      value={current}
      disabled={!track || opening}
      onChange={(event) => void devices.open(kind, event.currentTarget.value)}
      data={
        track
          ? choices.some((c) => c.deviceId === current)
            ? choices.map((c) => ({ value: c.deviceId, label: c.label }))
            : [
                { value: current, label: track.label || LABEL[kind] },
                ...choices.map((c) => ({ value: c.deviceId, label: c.label })),
              ]
          : [{ value: '', label: opening ? 'Opening…' : 'Off' }]
      }
    />
  );
}

/** Both pickers; one word for both when the same thing keeps both away. */
export function DevicePickers({ devices }: { readonly devices: Devices }) {
  const { camera, mic } = devices;
  if (camera.problem !== null && camera.problem === mic.problem) {
    return (
      <Problem
        what="Camera and microphone"
        problem={camera.problem}
        opening={camera.opening || mic.opening}
        onRetry={() => void devices.openAll()}
      />
    );
  }
  return (
    <>
      <DevicePicker kind="camera" devices={devices} />
      <DevicePicker kind="mic" devices={devices} />
    </>
  );
}

function Problem({
  what,
  problem,
  opening,
  onRetry,
}: {
  readonly what: string;
  readonly problem: DeviceProblem;
  readonly opening: boolean;
  readonly onRetry: () => void;
}) {
  const words = wording(problem);
  return (
    <fieldset className={classes.problem} aria-label={what}>
      <IconAlertTriangle size={20} aria-hidden />
      <div>
        <strong>
          {what}: {words.title.charAt(0).toLowerCase() + words.title.slice(1)}
        </strong>
        <p>{words.hint}</p>
      </div>
      <Button size="xs" variant="default" loading={opening} onClick={onRetry}>
        Try again
      </Button>
    </fieldset>
  );
}
