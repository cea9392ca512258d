'use client';

import { Button } from '@mantine/core';
import {
  DEVICE_KINDS,
  type DeviceKind,
  type DeviceProblem,
  problemOf,
  restores,
} from '@rostrum/panel-sfu/client/devices';
import { IconAlertTriangle, IconPlugConnected } from '@tabler/icons-react';
import { DEVICES, wording } from '../../lib/messages.ts';
import type { Devices } from '../../lib/use-devices.ts';
import classes from './device-notices.module.css';

const WORDS = DEVICES.en;

/** What has become of camera and microphone, each with the one press that helps. None of them unmutes. */
export function DeviceNotices({ devices }: { readonly devices: Devices }) {
  const { state, client } = devices;
  const both = problemOf(state.camera);
  if (both !== null && both === problemOf(state.mic) && state.camera.holds.is !== 'live') {
    return (
      <Problem
        what={WORDS.both}
        problem={both}
        press={WORDS.tryAgain}
        opening={state.camera.opening || state.mic.opening}
        onPress={() => client.openAll()}
      />
    );
  }
  return (
    <>
      {DEVICE_KINDS.map((kind) => (
        <Notice key={kind} kind={kind} devices={devices} />
      ))}
    </>
  );
}

function Notice({
  kind,
  devices: { state, client },
}: {
  readonly kind: DeviceKind;
  readonly devices: Devices;
}) {
  const slot = state[kind];
  const problem = problemOf(slot);
  const { newcomer, holds, opening } = slot;
  if (problem !== null) {
    const last = holds.is === 'nothing' ? null : holds.device;
    const next = last === null ? null : restores(slot);
    const other = next !== null && next.id !== last?.id && next.label !== '';
    return (
      <Problem
        what={WORDS.names[kind]}
        problem={problem}
        press={other ? WORDS.use(next.label) : WORDS.tryAgain}
        opening={opening}
        onPress={() => client.restore(kind)}
      />
    );
  }
  if (newcomer === null) return null;
  const label = newcomer.label || WORDS.names[kind];
  return (
    <fieldset className={classes.news} aria-label={WORDS.connected(label)}>
      <IconPlugConnected size={20} aria-hidden />
      <span>{WORDS.connected(label)}</span>
      <Button size="xs" variant="default" loading={opening} onClick={() => client.open(kind, newcomer.id)}>
        {WORDS.useIt}
      </Button>
    </fieldset>
  );
}

function Problem({
  what,
  problem,
  press,
  opening,
  onPress,
}: {
  readonly what: string;
  readonly problem: DeviceProblem;
  readonly press: string;
  readonly opening: boolean;
  readonly onPress: () => void;
}) {
  const words = wording(`device-${problem}`);
  return (
    <fieldset className={classes.problem} aria-label={what}>
      <IconAlertTriangle size={20} aria-hidden />
      <div role="alert">
        <strong>
          {what}: {words.title.charAt(0).toLowerCase() + words.title.slice(1)}
        </strong>
        <p>{words.hint}</p>
      </div>
      <Button size="xs" variant="default" loading={opening} onClick={onPress}>
        {press}
      </Button>
    </fieldset>
  );
}
