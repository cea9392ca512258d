'use client';

import { Button, NativeSelect } from '@mantine/core';
import { canTurn, DEVICE_KINDS, type DeviceKind } from '@rostrum/panel-sfu/client/devices';
import { IconCameraRotate } from '@tabler/icons-react';
import { DEVICES } from '../../lib/messages.ts';
import type { Devices } from '../../lib/use-devices.ts';
import { DeviceNotices } from './device-notices.tsx';

const WORDS = DEVICES.en;

function DevicePicker({ kind, devices }: { readonly kind: DeviceKind; readonly devices: Devices }) {
  const { holds, choices, opening } = devices.state[kind];
  const name = WORDS.names[kind];
  const held = holds.is === 'live' || holds.is === 'interrupted' ? holds.device : null;
  const options = choices.map((c, i) => ({ value: c.id, label: c.label || `${name} ${i + 1}` }));
  const listed = held !== null && choices.some((c) => c.id === held.id);
  // Nothing to choose from: the notice says what would help.
  if (holds.is === 'lost' && options.length === 0) return null;
  return (
    <NativeSelect
      label={name}
      value={held?.id ?? ''}
      disabled={opening || options.length === 0}
      onChange={(event) => devices.client.open(kind, event.currentTarget.value)}
      data={
        listed
          ? options
          : [
              {
                value: held?.id ?? '',
                label: held === null ? (opening ? WORDS.opening : WORDS.off) : held.label || name,
              },
              ...options,
            ]
      }
    />
  );
}

/** What is the matter with the devices, and which of them to use. */
export function DevicePickers({ devices }: { readonly devices: Devices }) {
  const { camera, outputs, outputId } = devices.state;
  return (
    <>
      <DeviceNotices devices={devices} />
      {DEVICE_KINDS.map((kind) => (
        <DevicePicker key={kind} kind={kind} devices={devices} />
      ))}
      {canTurn(camera) ? (
        <Button
          variant="default"
          leftSection={<IconCameraRotate size={18} aria-hidden />}
          onClick={() => devices.client.turn()}
        >
          {WORDS.turn}
        </Button>
      ) : null}
      {outputs.length > 1 ? (
        <NativeSelect
          label={WORDS.speaker}
          value={outputId ?? outputs[0]?.id ?? ''}
          onChange={(event) => devices.client.chooseOutput(event.currentTarget.value)}
          data={outputs.map((o, i) => ({ value: o.id, label: o.label || `${WORDS.speaker} ${i + 1}` }))}
        />
      ) : null}
    </>
  );
}
