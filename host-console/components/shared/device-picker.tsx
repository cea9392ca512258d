'use client';

import { Button, NativeSelect } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { DeviceKind } from '../../lib/devices.ts';
import { wording } from '../../lib/messages.ts';
import type { Devices } from '../../lib/use-devices.ts';
import classes from './device-picker.module.css';

const LABEL: Record<DeviceKind, string> = { camera: 'Camera', mic: 'Microphone' };

/** Chooses a device, or says why there is none and offers to try again. */
export function DevicePicker({ kind, devices }: { readonly kind: DeviceKind; readonly devices: Devices }) {
  const { track, problem, choices, opening } = devices[kind];
  if (problem) {
    const words = wording(problem);
    return (
      <fieldset className={classes.problem} aria-label={LABEL[kind]}>
        <IconAlertTriangle size={20} aria-hidden />
        <div>
          <strong>
            {LABEL[kind]}: {words.title.charAt(0).toLowerCase() + words.title.slice(1)}
          </strong>
          <p>{words.hint}</p>
        </div>
        <Button size="xs" variant="default" loading={opening} onClick={() => void devices.open(kind)}>
          Try again
        </Button>
      </fieldset>
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
