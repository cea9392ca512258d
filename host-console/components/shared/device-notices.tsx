'use client';

import { Button } from '@mantine/core';
import {
  commonProblem,
  DEVICE_KINDS,
  type DeviceKind,
  type DeviceProblem,
  problemOf,
  substitute,
} from '@rostrum/panel-sfu/client/devices';
import { IconAlertTriangle, IconPlugConnected } from '@tabler/icons-react';
import { DEVICES, wording } from '../../lib/messages.ts';
import type { Devices } from '../../lib/use-devices.ts';
import classes from './device-notices.module.css';

const WORDS = DEVICES.en;

/** What has become of camera, microphone and speaker, each with the one press that helps. None of them unmutes. */
export function DeviceNotices({ devices }: { readonly devices: Devices }) {
  return (
    <>
      <InputNotices devices={devices} />
      <OutputNotice devices={devices} />
    </>
  );
}

function InputNotices({ devices }: { readonly devices: Devices }) {
  const { state, client } = devices;
  const both = commonProblem(state);
  if (both !== null) {
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
  const { newcomer, opening } = slot;
  if (problem !== null) {
    const other = substitute(slot);
    return (
      <Problem
        what={WORDS.names[kind]}
        problem={problem}
        press={other === null ? WORDS.tryAgain : WORDS.use(other)}
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

/** The chosen speaker is gone, so that the sound comes out of another. */
export function OutputNotice({ devices: { state, client } }: { readonly devices: Devices }) {
  const { lostOutput, outputs } = state;
  if (lostOutput === null) return null;
  const label = lostOutput.label || WORDS.speaker;
  const isBack = outputs.some(({ id }) => id === lostOutput.id);
  return (
    <fieldset className={classes.problem} aria-label={WORDS.speaker}>
      <IconAlertTriangle size={20} aria-hidden />
      <div role="alert">
        <strong>{WORDS.outputLost(label)}</strong>
        <p>{WORDS.outputLostHint}</p>
      </div>
      <Button size="xs" variant="default" onClick={() => client.chooseOutput(isBack ? lostOutput.id : null)}>
        {isBack ? WORDS.use(label) : WORDS.understood}
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
