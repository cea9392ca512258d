import type { WebinarView } from '@rostrum/contracts';
import type { StageState } from '@rostrum/panel-sfu/client/stage';
import type { RoomState } from '@rostrum/room-client/room';
import { createContext, useContext } from 'react';
import type { Send } from '../../lib/use-command.ts';
import type { Session } from '../../lib/use-room.ts';
import type { VideoOf } from '../shared/program-picture.tsx';

/** What every part of the control room reads. */
export interface Control {
  readonly session: Session;
  readonly view: WebinarView;
  readonly connection: RoomState['connection'];
  readonly presence: RoomState['presence'];
  /** How the networks of those on the stage fare, by person. */
  readonly quality: RoomState['quality'];
  readonly serverOffsetMs: number;
  readonly stage: StageState;
  readonly send: Send;
  readonly busy: ReadonlySet<string>;
  /** Sends a change the automatic director would undo, after taking the direction over. */
  readonly direct: Send;
  readonly videoOf: VideoOf;
}

export const ControlContext = createContext<Control | null>(null);

export function useControl(): Control {
  const control = useContext(ControlContext);
  if (!control) throw new Error('useControl outside of the control room');
  return control;
}
