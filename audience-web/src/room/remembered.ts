import type { PhaseView, WebinarView } from '@rostrum/contracts/view';
import type { Keep } from '@rostrum/room-client/keep';

/** Enough to start the picture after a reload before the coordinator has answered. */
export interface RememberedWebinar {
  readonly title: string;
  readonly profile: WebinarView['profile'];
  readonly phase: PhaseView;
  readonly startsAtUnixMs: number | null;
}

export function remember(keep: Keep, webinarId: string, view: WebinarView): void {
  const { title, profile, phase, startsAtUnixMs } = view;
  keep.write(
    `webinar.${webinarId}`,
    JSON.stringify({ title, profile, phase, startsAtUnixMs } satisfies RememberedWebinar),
  );
}

export function readRemembered(keep: Keep, webinarId: string): RememberedWebinar | null {
  try {
    const stored = keep.read(`webinar.${webinarId}`);
    // Written by this page in this tab alone.
    return stored === null ? null : (JSON.parse(stored) as RememberedWebinar);
  } catch {
    return null;
  }
}
