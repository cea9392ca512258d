'use client';

import type { WebinarView } from '@rostrum/contracts';
import { IconBroadcast, IconDoor } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './air-light.module.css';

export type AirState = 'on' | 'next' | 'off';

/** 'on': viewers see and hear this person now; 'next': they will when it goes live; 'off': backstage. */
export function airStateOf(view: WebinarView): AirState {
  const inPicture = view.scene?.onAir.some((p) => p.personId === view.self.personId) ?? false;
  if (!inPicture || view.phase.phase === 'ended') return 'off';
  return view.phase.phase === 'live' ? 'on' : 'next';
}

/** The on-air light: one band over the whole width, with words. */
export function AirLight({
  state,
  muted,
  hasMic,
  children,
}: {
  readonly state: AirState;
  readonly muted: boolean;
  readonly hasMic: boolean;
  /** Said backstage instead of who sees and hears whom. */
  readonly children?: ReactNode;
}) {
  const heard = hasMic && !muted;
  return (
    <div className={classes.light} data-state={state} role="status" aria-live="assertive">
      {state === 'off' ? <IconDoor size={20} aria-hidden /> : <IconBroadcast size={22} aria-hidden />}
      {state === 'on' ? (
        <>
          <strong>You are on air</strong>
          <span>{heard ? 'Viewers see and hear you.' : 'Viewers see you. You are muted.'}</span>
        </>
      ) : state === 'next' ? (
        <>
          <strong>You are in the picture</strong>
          <span>As soon as the host goes live, viewers see and hear you.</span>
        </>
      ) : (
        <>
          <strong>Backstage</strong>
          <span>{children ?? 'Only the people here see and hear you.'}</span>
        </>
      )}
    </div>
  );
}
