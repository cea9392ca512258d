/** Who agreed to be recorded, and what follows from it. Pure. */
import {
  type ConsentAnswer,
  type ConsentIs,
  type Consents,
  type ConsentView,
  isCrew,
  type WebinarState,
} from '@rostrum/contracts';

export const NO_CONSENTS: Consents = { recording: null, tracks: null, eraseTracksBeforeUnixMs: null };

export const consentsOf = ({ consents }: Pick<WebinarState, 'consents'>, personId: string): Consents =>
  consents.get(personId) ?? NO_CONSENTS;

/**
 * Whether somebody may be taken on air: the programme is recorded. The crew records it, and is taken to agree until it says
 * otherwise; everybody else has to have said yes.
 */
export function mayBeRecorded(state: Pick<WebinarState, 'consents' | 'people'>, personId: string): boolean {
  const { recording } = consentsOf(state, personId);
  if (recording) return recording.given;
  const role = state.people.get(personId)?.role;
  return role !== undefined && isCrew(role);
}

/** Whether somebody who is on air has to go: they said no. Who was on air before anybody was asked stays. */
export const refusedRecording = (state: Pick<WebinarState, 'consents'>, personId: string): boolean =>
  consentsOf(state, personId).recording?.given === false;

/** Whether what somebody sends is kept unmixed. Whoever records asks this; nobody is taken to have agreed, the crew neither. */
export const tracksAreKept = (
  state: Pick<WebinarState, 'consents' | 'keepsTracks'>,
  personId: string,
): boolean =>
  state.keepsTracks &&
  consentsOf(state, personId).tracks?.given === true &&
  !refusedRecording(state, personId);

/** Whose isolated tracks from before when are to be deleted, since they want it. */
export const tracksToErase = ({ consents }: Pick<WebinarState, 'consents'>): ReadonlyMap<string, number> =>
  new Map(
    [...consents].flatMap(([personId, { eraseTracksBeforeUnixMs: before }]) =>
      before === null ? [] : [[personId, before] as const],
    ),
  );

export const consentView = ({ recording, tracks }: Consents): ConsentView => ({
  recording: consentIs(recording),
  tracks: consentIs(tracks),
});

const consentIs = (answer: ConsentAnswer | null): ConsentIs =>
  answer === null ? 'open' : answer.given ? 'given' : 'refused';
